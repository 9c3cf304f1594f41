"""What a campaign measured: messages counted against what the officers' chats show."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(slots=True)
class Sent:
    """One message that somebody wrote: where it must arrive, its place in line, and when."""

    text: str
    target: int
    line: int
    place: int
    at: float


@dataclass(slots=True)
class Figures:
    """One campaign's table. Latencies in milliseconds, rate in messages a second."""

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
    failures: list[str] = field(default_factory=list)

    def must(self, is_so: bool, what: str) -> None:
        """Note a figure that was not reached."""
        if not is_so:
            self.failures.append(what)

    def must_be_whole(self, *, allowed_duplicates: int = 0) -> None:
        """Nothing lost, nothing in a wrong chat, nothing out of order."""
        self.must(self.lost == 0, f"lost {self.lost}")
        self.must(self.misrouted == 0, f"misrouted {self.misrouted}")
        self.must(self.out_of_order == 0, f"out of order {self.out_of_order}")
        self.must(
            self.duplicated <= allowed_duplicates,
            f"duplicated {self.duplicated}, allowed {allowed_duplicates}",
        )

    def as_json(self) -> dict[str, Any]:
        """Everything, for a file."""
        return asdict(self)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` (0–1) of the sorted ``values`` lie."""
    if not values:
        return 0.0
    return values[min(len(values) - 1, math.ceil(share * len(values)) - 1)]


def compare(figures: Figures, sent: Sequence[Sent], chats: Mapping[int, Sequence[str]]) -> None:
    """Count what arrived: ``chats`` are the texts in each target's chat, in their order."""
    wanted = {each.text: each for each in sent}
    seen: Counter[str] = Counter()
    places: dict[tuple[int, int], list[int]] = defaultdict(list)
    for chat_id, texts in chats.items():
        for text in texts:
            each = wanted.get(text)
            if each is None:
                continue
            if each.target != chat_id:
                figures.misrouted += 1
                continue
            seen[text] += 1
            if seen[text] == 1:
                places[(chat_id, each.line)].append(each.place)
    figures.sent = len(sent)
    figures.delivered = len(seen)
    figures.lost = len(wanted) - len(seen)
    figures.duplicated = sum(count - 1 for count in seen.values())
    figures.out_of_order = sum(_inversions(line) for line in places.values())


def _inversions(line: Iterable[int]) -> int:
    """How many stand before one that was written earlier."""
    highest, wrong = -1, 0
    for place in line:
        wrong += place < highest
        highest = max(highest, place)
    return wrong


def note_latencies(figures: Figures, milliseconds: Iterable[float]) -> None:
    """The distribution of the time from a send to its arrival."""
    values = sorted(milliseconds)
    figures.p50, figures.p95, figures.p99 = (
        round(percentile(values, share), 1) for share in (0.5, 0.95, 0.99)
    )
    figures.max = round(values[-1], 1) if values else 0.0
