"""Without this module transcripts would show tags instead of what people see.

Texts are kept as plain text plus entities, offsets and lengths in UTF-16 units, as Telegram does.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Any

from bot.simulator.errors import bad_request
from bot.simulator.limits import ENTITIES, words
from bot.simulator.parameters import Call

Entity = dict[str, Any]
Formatted = tuple[str, list[Entity]]

#: What a caller may pass as an entity: type → fields that must be there.
_GIVEN: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        words(
            "mention hashtag cashtag bot_command url email phone_number bold italic underline "
            "strikethrough spoiler blockquote expandable_blockquote code pre"
        ),
        (),
    ),
    "text_link": ("url",),
    "text_mention": ("user",),
    "custom_emoji": ("custom_emoji_id",),
    "date_time": ("unix_time",),
}
_FOUND = re.compile(
    r"(?P<email>[\w.+-]+@[\w-]+\.[a-z]{2,})"
    r"|(?P<url>(?:https?://|(?<![\w@.])(?:[a-z0-9-]+\.)+(?:com|org|net|me|io|cn)\b)[^\s<>\"]*)"
    r"|(?<![\w/])(?P<bot_command>/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?)(?![\w/])"
    r"|(?<!\w)(?P<mention>@[A-Za-z]\w{3,31})\b"
    r"|(?<!\w)(?P<hashtag>\#\w*[^\W\d]\w*)"
    r"|(?<![\w+])(?P<phone_number>\+\d(?:[ -]?\d){6,14})(?!\w)"
)
#: Without one of these nothing can be found: most texts are spared the search.
_SIGNS = re.compile(r"[/@#+.]")
#: Links a page may show as links; ``javascript:`` and the like are shown as words.
_SAFE_ADDRESSES = ("http://", "https://", "tg://")
_HTML_TAGS = {
    "bold": ("<b>", "</b>"),
    "italic": ("<i>", "</i>"),
    "underline": ("<u>", "</u>"),
    "strikethrough": ("<s>", "</s>"),
    "spoiler": ("<tg-spoiler>", "</tg-spoiler>"),
    "blockquote": ("<blockquote>", "</blockquote>"),
    "expandable_blockquote": ("<blockquote expandable>", "</blockquote>"),
    "code": ("<code>", "</code>"),
    "pre": ("<pre>", "</pre>"),
}


def utf16_length(text: str) -> int:
    """How long Telegram finds this text."""
    if text.isascii():
        return len(text)
    return len(text) + sum(character > "\uffff" for character in text)


def trimmed(text: str, entities: list[Entity]) -> Formatted:
    """Without white space at both ends, entities moved and cut along."""
    right = text.rstrip()
    kept = right.lstrip()
    if len(kept) == len(text) or not entities:
        return kept, entities
    cut = len(right) - len(kept)  # white space is always one unit a character
    end = utf16_length(kept)
    moved = []
    for entity in entities:
        start = max(entity["offset"] - cut, 0)
        stop = min(entity["offset"] - cut + entity["length"], end)
        if stop > start:
            moved.append({**entity, "offset": start, "length": stop - start})
    return kept, moved


def found(text: str) -> list[Entity]:
    """What Telegram finds by itself: commands, links, addresses, mentions, numbers to call."""
    if _SIGNS.search(text) is None:
        return []
    entities: list[Entity] = []
    for match in _FOUND.finditer(text):
        kind = match.lastgroup or "url"
        offset = utf16_length(text[: match.start()])
        entities.append({"type": kind, "offset": offset, "length": utf16_length(match[0])})
    return entities


def with_found(text: str, entities: list[Entity]) -> list[Entity]:
    """The given entities and those found beside them, in order."""
    more = found(text)
    if not more:
        return entities
    if not entities:
        return more
    free = [entity for entity in more if not any(_overlap(entity, other) for other in entities)]
    return sorted([*entities, *free], key=_order)


def _overlap(one: Entity, other: Entity) -> bool:
    if other["type"] in ("bold", "italic", "underline", "strikethrough", "spoiler", "blockquote"):
        return False
    return bool(
        one["offset"] < other["offset"] + other["length"]
        and other["offset"] < one["offset"] + one["length"]
    )


def _order(entity: Entity) -> tuple[int, int]:
    return entity["offset"], -entity["length"]


def checked(text: str, given: Iterable[Any]) -> list[Entity]:
    """The caller's entities, refused when they do not fit the text."""
    entities = [_checked_entity(entity) for entity in given]
    if len(entities) > ENTITIES:
        raise bad_request(f"more than {ENTITIES} entities (Telegram would drop the rest)")
    length = utf16_length(text)
    boundaries = None if text.isascii() else _boundaries(text)
    for entity in entities:
        start, end = entity["offset"], entity["offset"] + entity["length"]
        if end > length:
            raise bad_request(
                f"entity beginning at UTF-16 offset {start} ends after the end of the text"
                f" at UTF-16 offset {end}"
            )
        if boundaries is not None and (start not in boundaries or end not in boundaries):
            raise bad_request(f"entity begins in a middle of a UTF-16 symbol at offset {start}")
    return sorted(entities, key=_order)


def _checked_entity(entity: Any) -> Entity:
    if not isinstance(entity, dict):
        raise bad_request("can't parse MessageEntity: expected an Object")
    kind = entity.get("type")
    if not isinstance(kind, str) or kind not in _GIVEN:
        raise bad_request("can't parse MessageEntity: unsupported type specified")
    for name in ("offset", "length", *_GIVEN[kind]):
        if entity.get(name) is None:
            raise bad_request(f"can't parse MessageEntity: can't find field \"{name}\"")
    offset, length = entity["offset"], entity["length"]
    if not isinstance(offset, int) or offset < 0:
        raise bad_request("receive an entity with incorrect offset")
    if not isinstance(length, int) or length <= 0:
        raise bad_request("receive an entity with incorrect length")
    return dict(entity)


def _boundaries(text: str) -> set[int]:
    """Every UTF-16 offset at which a character starts, and the end."""
    places, position = {0}, 0
    for character in text:
        position += 2 if character > "\uffff" else 1
        places.add(position)
    return places


def as_html(text: str, entities: list[Entity]) -> str:
    """The text as HTML for the page: tags for entities, everything typed escaped."""
    if not entities:
        return html.escape(text, quote=False)
    opening: dict[int, list[str]] = {}
    closing: dict[int, list[str]] = {}
    for entity in sorted(entities, key=_order):
        first, last = _tags(entity, text)
        opening.setdefault(entity["offset"], []).append(first)
        closing.setdefault(entity["offset"] + entity["length"], []).insert(0, last)
    pieces: list[str] = []
    position = 0
    for character in text:
        pieces += closing.get(position, ())
        pieces += opening.get(position, ())
        pieces.append(html.escape(character, quote=False))
        position += 2 if character > "\uffff" else 1
    pieces += closing.get(position, ())
    return "".join(pieces)


def _tags(entity: Entity, text: str) -> tuple[str, str]:
    kind = entity["type"]
    if kind in _HTML_TAGS:
        return _HTML_TAGS[kind]
    if kind in ("text_link", "url"):
        address = entity.get("url") or part(text, entity)
        if not address.startswith(_SAFE_ADDRESSES):
            return "<span>", "</span>"
        return f'<a href="{html.escape(address)}">', "</a>"
    return f'<span class="{html.escape(kind)}">', "</span>"


def part(text: str, entity: Entity) -> str:
    """The piece of the text the entity covers."""
    units = text.encode("utf-16-le", "surrogatepass")
    start, end = entity["offset"] * 2, (entity["offset"] + entity["length"]) * 2
    return units[start:end].decode("utf-16-le", "surrogatepass")


def given_entities(call: Call, name: str, text: str) -> list[Entity]:
    """The entities parameter of a call, checked."""
    given = call.array(name)
    return checked(text, given) if given else []
