"""What a campaign measured: messages counted against what the chats show, and what was missed."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(slots=True)
class Sent:
    """One message that somebody wrote: where it must arrive, whose line it stands in, its place
    there, when it was written (Unix time), the message it replies to."""

    text: str
    author: int
    target: int
    line: int
    place: int
    at: float = 0.0
    message_id: int = 0
    reply_to: int | None = None


@dataclass(slots=True)
class Figures:
    """One campaign's figures. Latencies in milliseconds, rate in messages a second.

    ``broken``: promises that were broken. ``missed``: figures that were not reached.
    """

    campaign: str
    sent: int = 0
    delivered: int = 0
    lost: int = 0
    duplicated: int = 0
    out_of_order: int = 0
    misrouted: int = 0
    rate: float = 0.0
    p50: float = 0.0
    p95: float = 0.0
    p99: float = 0.0
    max: float = 0.0
    cpu_ms_per_message: float = 0.0
    rss_mib: float = 0.0
    start_seconds: float = 0.0
    more: dict[str, Any] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def count(self, sent: Sequence[Sent], chats: Mapping[int, Sequence[str]]) -> None:
        """Count what arrived: ``chats`` are the texts in each chat, in their order."""
        wanted = {each.text: each for each in sent}
        seen: Counter[str] = Counter()
        places: dict[tuple[int, int], list[int]] = defaultdict(list)
        for chat_id, text in ((place, each) for place, texts in chats.items() for each in texts):
            each = wanted.get(text)
            if each is None:
                continue
            if each.target != chat_id:
                self.misrouted += 1
                continue
            seen[text] += 1
            if seen[text] == 1:
                places[(chat_id, each.line)].append(each.place)
        self.sent += len(wanted)
        self.delivered += len(seen)
        self.lost += len(wanted) - len(seen)
        self.duplicated += sum(seen.values()) - len(seen)
        self.out_of_order += sum(_inversions(line) for line in places.values())

    def note_latencies(self, milliseconds: Iterable[float]) -> None:
        """The distribution of the time from a send to its arrival."""
        values = sorted(milliseconds)
        self.p50, self.p95, self.p99, self.max = (
            round(percentile(values, share), 1) for share in (0.5, 0.95, 0.99, 1.0)
        )

    def must_be_whole(self, *, allowed_duplicates: int = 0) -> None:
        """Nothing lost, nothing in a wrong chat, nothing out of order, said once."""
        for name, allowed in (
            ("lost", 0),
            ("misrouted", 0),
            ("out_of_order", 0),
            ("duplicated", allowed_duplicates),
        ):
            found = getattr(self, name)
            if found > allowed:
                self.broken.append(f"{found} {name.replace('_', ' ')}, allowed {allowed}")

    def must_not_exceed(self, what: str, value: float, at_most: float) -> None:
        """Note a figure above ``at_most``."""
        if value > at_most:
            self.missed.append(f"{what} {value:g}, at most {at_most:g}")

    def must_reach(self, what: str, value: float, at_least: float) -> None:
        """Note a figure below ``at_least``."""
        if value < at_least:
            self.missed.append(f"{what} {value:g}, at least {at_least:g}")

    def as_json(self) -> dict[str, Any]:
        """Everything, for a file."""
        return asdict(self)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` (0 to 1) of the sorted ``values`` lie."""
    if not values:
        return 0.0
    return values[min(len(values) - 1, math.ceil(share * len(values)) - 1)]


def _inversions(line: Iterable[int]) -> int:
    """How many stand behind one that was written later."""
    highest, wrong = -1, 0
    for place in line:
        wrong += place < highest
        highest = max(highest, place)
    return wrong


#: Columns of the table: heading, attribute, width.
_COLUMNS = (
    ("campaign", "campaign", 22),
    ("sent", "sent", 7),
    ("arrived", "delivered", 8),
    ("lost", "lost", 5),
    ("twice", "duplicated", 6),
    ("disorder", "out_of_order", 9),
    ("astray", "misrouted", 7),
    ("a second", "rate", 9),
    ("p50 ms", "p50", 8),
    ("p95 ms", "p95", 8),
    ("p99 ms", "p99", 8),
    ("max ms", "max", 8),
    ("CPU ms", "cpu_ms_per_message", 7),
    ("MiB", "rss_mib", 6),
    ("start s", "start_seconds", 8),
)


def heading() -> str:
    """The first line of the table."""
    return "".join(
        name.ljust(width) if place == 0 else name.rjust(width)
        for place, (name, _, width) in enumerate(_COLUMNS)
    )


def line_of(figures: Figures) -> str:
    """One campaign's line in the table, and what else it has to say below it."""
    cells = [figures.campaign.ljust(_COLUMNS[0][2])]
    for _, attribute, width in _COLUMNS[1:]:
        value = getattr(figures, attribute)
        is_blank = isinstance(value, float) and value == 0
        cells.append(("·" if is_blank else f"{value:g}").rjust(width))
    notes = [f"    {name}: {value}" for name, value in figures.more.items()]
    notes += [f"    BROKEN: {each}" for each in figures.broken]
    notes += [f"    missed: {each}" for each in figures.missed]
    return "\n".join(["".join(cells), *notes])
