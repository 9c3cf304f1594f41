"""Without this check one broken tag of a machine's text would make Telegram refuse the message."""

from __future__ import annotations

import html
from collections.abc import Sequence
from html.parser import HTMLParser

#: What Telegram takes (https://core.telegram.org/bots/api#html-style) and people's texts contain.
_TAGS = frozenset({"b", "strong", "i", "em", "u", "s", "code", "pre", "blockquote", "tg-spoiler"})
_SCHEMES = ("https://", "http://", "tg://")
#: Characters that no database or no message holds.
_DROPPED = {0: None}


def safe_html(text: str) -> str:
    """``text`` with only such markup as Telegram takes, every tag closed; the rest is words."""
    parser = _Rewriter()
    parser.feed(text.translate(_DROPPED))
    parser.close()
    return parser.whole()


class _Rewriter(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        address = dict(attrs).get("href") or ""
        if tag == "br":
            self._parts.append("\n")
        elif tag == "a" and address.startswith(_SCHEMES):
            self._begin("a", f' href="{html.escape(address)}"')
        elif tag in _TAGS:
            self._begin(tag)

    def _begin(self, tag: str, attributes: str = "") -> None:
        if tag not in self._open:
            self._open.append(tag)
            self._parts.append(f"<{tag}{attributes}>")

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._open:
            return
        while self._open:
            last = self._open.pop()
            self._parts.append(f"</{last}>")
            if last == tag:
                return

    def handle_data(self, data: str) -> None:
        self._parts.append(html.escape(data, quote=False))

    def whole(self) -> str:
        """Everything, with what is still open closed."""
        self._parts += [f"</{tag}>" for tag in reversed(self._open)]
        self._open.clear()
        return "".join(self._parts).strip()
