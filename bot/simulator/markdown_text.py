"""Without this module a text with one lone ``_`` would pass here and be lost at Telegram.

Our own bot never uses these modes; they are here because Telegram has them and refuses so much.
"""

from __future__ import annotations

import re

from bot.simulator.entities import Entity, Formatted, utf16_length
from bot.simulator.errors import BotApiError, bad_request

_OLD = {"```": "pre", "`": "code", "_": "italic", "*": "bold"}
_NEW = {
    "```": "pre",
    "`": "code",
    "__": "underline",
    "_": "italic",
    "*": "bold",
    "~": "strikethrough",
    "||": "spoiler",
}
_OLD_SIGN = re.compile(r"\\(?=[_*`\[])(.)|(```|[_*`\[])", re.DOTALL)
_NEW_SIGN = re.compile(r"\\([\x01-\x7e])|(```|__|\|\||[_*`~\[])|([\]()>#+\-=|{}.!])", re.DOTALL)
_LINK_END = re.compile(r"\]\(((?:\\.|[^)\\])*)\)", re.DOTALL)
_OLD_LINK = re.compile(r"\[([^\]]*)\]\(([^)]*)\)", re.DOTALL)


def parse_markdown(source: str) -> Formatted:
    """Telegram's first Markdown: no nesting."""
    return _Parser(source, is_new=False).parse()


def parse_markdown_v2(source: str) -> Formatted:
    """MarkdownV2: nesting, and every reserved character must be escaped."""
    return _Parser(source, is_new=True).parse()


class _Parser:
    def __init__(self, source: str, *, is_new: bool) -> None:
        self._source = source
        self._is_new = is_new
        self._kinds = _NEW if is_new else _OLD
        self._sign = _NEW_SIGN if is_new else _OLD_SIGN
        self._text: list[str] = []
        self._length = 0
        self._open: list[tuple[str, int, int]] = []
        self._entities: list[Entity] = []

    def parse(self) -> Formatted:
        position = 0
        while (match := self._sign.search(self._source, position)) is not None:
            self._add(self._source[position : match.start()])
            position = self._take(match)
        self._add(self._source[position:])
        if self._open:
            raise self._unclosed(*self._open[-1])
        entities = sorted(self._entities, key=lambda entity: (entity["offset"], -entity["length"]))
        return "".join(self._text), entities

    def _add(self, piece: str) -> None:
        self._text.append(piece)
        self._length += utf16_length(piece)

    def _take(self, match: re.Match[str]) -> int:
        """One sign; returns where to go on."""
        if match[1]:
            self._add(match[1])
            return match.end()
        if match[2] is None:
            return self._reserved(match)
        sign = match[2]
        if sign == "[" and not self._is_new:
            return self._old_link(match)
        if self._open and self._open[-1][0] == sign:
            self._close({})
            return match.end()
        self._open.append((sign, self._length, match.start()))
        if sign in ("`", "```"):
            return self._code(sign, match)
        if not self._is_new:
            return self._flat(sign, match)
        return match.end()

    def _flat(self, sign: str, match: re.Match[str]) -> int:
        """The first Markdown: everything up to the same sign belongs to the entity."""
        end = self._source.find(sign, match.end())
        if end < 0:
            raise self._unclosed(*self._open[-1])
        self._add(self._source[match.end() : end])
        return end

    def _code(self, sign: str, match: re.Match[str]) -> int:
        end = self._source.find(sign, match.end())
        if end < 0:
            raise self._unclosed(*self._open[-1])
        inside = self._source[match.end() : end]
        self._add(inside.strip("\n") if sign == "```" else inside)
        self._close({})
        return end + len(sign)

    def _reserved(self, match: re.Match[str]) -> int:
        sign = match[3]
        if sign == "]" and self._open and self._open[-1][0] == "[":
            return self._link(match)
        raise _broken(f"Character '{sign}' is reserved and must be escaped with the preceding '\\'")

    def _link(self, match: re.Match[str]) -> int:
        end = _LINK_END.match(self._source, match.start())
        if end is None:
            raise self._unclosed(*self._open[-1])
        self._close({"url": end[1]})
        return end.end()

    def _old_link(self, match: re.Match[str]) -> int:
        whole = _OLD_LINK.match(self._source, match.start())
        if whole is None:
            raise self._unclosed("[", 0, match.start())
        self._open.append(("[", self._length, match.start()))
        self._add(whole[1])
        self._close({"url": whole[2]})
        return whole.end()

    def _close(self, fields: dict[str, str]) -> None:
        sign, start, _ = self._open.pop()
        kind = self._kinds.get(sign, "text_link")
        if self._length > start:
            length = self._length - start
            self._entities.append({"type": kind, "offset": start, "length": length, **fields})

    def _unclosed(self, sign: str, _start: int, position: int) -> BotApiError:
        offset = len(self._source[:position].encode("utf-8", "surrogatepass"))
        if not self._is_new:
            return _broken(f"Can't find end of the entity starting at byte offset {offset}")
        kind = self._kinds.get(sign, "text_link").title().replace("_L", "L")
        return _broken(f"Can't find end of {kind} entity at byte offset {offset}")


def _broken(what: str) -> BotApiError:
    return bad_request(f"can't parse entities: {what}")
