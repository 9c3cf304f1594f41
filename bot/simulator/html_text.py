"""Without this module a broken tag would pass here and be refused by Telegram.

`parse_html` follows TDLib's parser: the same tags, the same descriptions, offsets in bytes.
"""

from __future__ import annotations

import re
from typing import Any

from bot.simulator.entities import Entity, Formatted, utf16_length
from bot.simulator.errors import BotApiError, bad_request

_ALIASES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "u": "underline",
    "ins": "underline",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "blockquote": "blockquote",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "tg-emoji": "custom_emoji",
}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#(\d+)|#[xX]([0-9a-fA-F]+)|([a-z]+));?")
_ATTRIBUTE = re.compile(r"\s*([^\s=>/]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([a-zA-Z0-9.-]+)))?")
_TAG_NAME = re.compile(r"[a-zA-Z0-9-]*")
_TAG_END = re.compile(r"\s*/?>")
_NEXT = re.compile(r"[<&]")


def parse_html(source: str) -> Formatted:
    """The text people see and its entities; raises what Telegram answers for broken HTML."""
    return _Parser(source).parse()


class _Parser:
    def __init__(self, source: str) -> None:
        self._source = source
        self._text: list[str] = []
        self._length = 0
        self._open: list[tuple[str, dict[str, str], int]] = []
        self._entities: list[Entity] = []

    def parse(self) -> Formatted:
        source, position = self._source, 0
        while (match := _NEXT.search(source, position)) is not None:
            self._add(source[position : match.start()])
            position = match.start()
            if source[position] == "&":
                position = self._reference(position)
            elif source.startswith("</", position):
                position = self._end_tag(position)
            else:
                position = self._start_tag(position)
        self._add(source[position:])
        if self._open:
            raise _broken(f'Can\'t find end tag corresponding to start tag "{self._open[-1][0]}"')
        entities = sorted(self._entities, key=lambda entity: (entity["offset"], -entity["length"]))
        return "".join(self._text), entities

    def _add(self, piece: str) -> None:
        if piece:
            self._text.append(piece)
            self._length += utf16_length(piece)

    def _reference(self, position: int) -> int:
        match = _REFERENCE.match(self._source, position)
        character = _character(match) if match else None
        if match is None or character is None:
            self._add("&")
            return position + 1
        self._add(character)
        return match.end()

    def _start_tag(self, position: int) -> int:
        source = self._source
        found = _TAG_NAME.match(source, position + 1)
        name = found[0].lower() if found else ""
        if name not in _ALIASES:
            raise _broken(f'Unsupported start tag "{name}" at byte offset {self._bytes(position)}')
        attributes, end = self._attributes(position, position + 1 + len(name))
        self._check_attributes(name, attributes, position)
        self._open.append((name, attributes, self._length))
        return end + 1

    def _attributes(self, start: int, end: int) -> tuple[dict[str, str], int]:
        """The attributes of the tag at ``start``, and where its ``>`` is."""
        attributes: dict[str, str] = {}
        while (match := _ATTRIBUTE.match(self._source, end)) is not None:
            attributes[match[1].lower()] = _unescaped(match[2] or match[3] or match[4] or "")
            end = match.end()
        close = _TAG_END.match(self._source, end)
        if close is None:
            raise _broken(f"Unclosed start tag at byte offset {self._bytes(start)}")
        return attributes, close.end() - 1

    def _check_attributes(self, name: str, attributes: dict[str, str], position: int) -> None:
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise _broken(
                f'Tag "span" must have class "tg-spoiler" at byte offset {self._bytes(position)}'
            )
        if name == "tg-emoji" and not attributes.get("emoji-id", "").isdigit():
            raise _broken("Invalid custom emoji identifier specified")

    def _end_tag(self, position: int) -> int:
        source = self._source
        end = source.find(">", position)
        if end < 0:
            raise _broken(f"Unclosed end tag at byte offset {self._bytes(position)}")
        name = source[position + 2 : end].strip().lower()
        if not self._open:
            raise _broken(f"Unexpected end tag at byte offset {self._bytes(position)}")
        expected, attributes, start = self._open.pop()
        if name not in ("", expected):
            raise _broken(
                f"Unmatched end tag at byte offset {self._bytes(position)},"
                f' expected "</{expected}>", found "</{name}>"'
            )
        if self._length > start:
            self._close(expected, attributes, start)
        return end + 1

    def _close(self, name: str, attributes: dict[str, str], start: int) -> None:
        entity: Entity = {
            "type": _ALIASES[name],
            "offset": start,
            "length": self._length - start,
            **_fields(name, attributes),
        }
        if name == "a":
            if not (link := _link(entity, attributes, "".join(self._text))):
                return
            entity = link
        if name == "pre" and self._entities and self._is_language(entity):
            entity["language"] = self._entities.pop()["language"]
        self._entities.append(entity)

    def _is_language(self, entity: Entity) -> bool:
        last = self._entities[-1]
        same = last["offset"] == entity["offset"] and last["length"] == entity["length"]
        return same and last["type"] == "code" and "language" in last

    def _bytes(self, position: int) -> int:
        return len(self._source[:position].encode("utf-8", "surrogatepass"))


def _fields(name: str, attributes: dict[str, str]) -> dict[str, Any]:
    if name == "tg-emoji":
        return {"custom_emoji_id": attributes["emoji-id"]}
    if name == "blockquote" and "expandable" in attributes:
        return {"type": "expandable_blockquote"}
    language = attributes.get("class", "").removeprefix("language-")
    if name == "code" and attributes.get("class", "").startswith("language-") and language:
        return {"language": language}
    return {}


def _link(entity: Entity, attributes: dict[str, str], text: str) -> Entity | None:
    """A link's entity; Telegram drops links whose address is none, and keeps their text."""
    address = attributes.get("href") or text[-entity["length"] :]
    if address.startswith("tg://user?id="):
        number = address.removeprefix("tg://user?id=")
        if not (number.isascii() and number.isdigit()):
            return None
        user = {"id": int(number), "is_bot": False, "first_name": number}
        return {**entity, "type": "text_mention", "user": user}
    if address.startswith(("tg://", "ton://")):
        return {**entity, "url": address}
    if re.fullmatch(r"(?i:https?://)?[^\s/:]+\.[^\s]+", address) is None:
        return None
    return {**entity, "url": address if "://" in address else f"http://{address}/"}


def _character(match: re.Match[str]) -> str | None:
    if match[3]:
        return _NAMED.get(match[3])
    code = int(match[1]) if match[1] else int(match[2], 16)
    is_valid = 0 < code < 0x110000 and not 0xD800 <= code < 0xE000
    return chr(code) if is_valid else None


def _unescaped(value: str) -> str:
    return _REFERENCE.sub(lambda match: _character(match) or match[0], value)


def _broken(what: str) -> BotApiError:
    return bad_request(f"can't parse entities: {what}")
