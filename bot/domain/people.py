"""Without this rule a name could break a card into lines, or turn what stands beside it around."""

from __future__ import annotations

#: Telegram allows 64 for each part; names on cards must stay on a line.
NAME_LENGTH = 64
#: Shown for somebody whose profile has no name that can be seen.
NAMELESS = "…"
#: Unicode's embeddings, overrides and isolates: in a name they turn around what follows it.
_TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def name_of(first: str, last: str) -> str:
    """A person's name on one line, cut to `NAME_LENGTH`; `NAMELESS` when nothing is left."""
    return " ".join(f"{first} {last}".translate(_TURNING).split())[:NAME_LENGTH].strip() or NAMELESS
