"""Without these rules an hour that two things share would be counted twice, or not at all.

A span is a stretch of time from a moment to a moment, both aware; its end is not part of it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From ``starts`` up to, and without, ``ends``; aware UTC, never empty."""

    starts: datetime
    ends: datetime

    def __post_init__(self) -> None:
        if self.starts.utcoffset() is None or self.ends.utcoffset() is None:
            raise ValueError("A span is between aware times.")
        if self.ends <= self.starts:
            raise ValueError("A span ends after it starts.")

    def holds(self, moment: datetime) -> bool:
        """Whether the moment lies in it."""
        return self.starts <= moment < self.ends

    def covers(self, other: Span) -> bool:
        """Whether the whole other span lies in it."""
        return self.starts <= other.starts and other.ends <= self.ends

    def meets(self, other: Span) -> bool:
        """Whether they share any time; touching is not sharing."""
        return self.starts < other.ends and other.starts < self.ends


#: The last moment there is: the end of what nobody knows the end of.
FOR_EVER = datetime.max.replace(tzinfo=UTC)
#: All the time there is.
ALWAYS = Span(datetime.min.replace(tzinfo=UTC), FOR_EVER)


def span_between(starts: datetime, ends: datetime) -> Span | None:
    """The span between two moments; None if nothing lies between them."""
    return Span(starts, ends) if starts < ends else None


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same time in order, with touching and overlapping spans made one."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.starts <= found[-1].ends:
            found[-1] = Span(found[-1].starts, max(found[-1].ends, span.ends))
        else:
            found.append(span)
    return tuple(found)


def without(spans: Iterable[Span], taken: Iterable[Span]) -> tuple[Span, ...]:
    """The time of ``spans`` that is not in ``taken``, in order."""
    cuts = merged(taken)
    return tuple(rest for span in merged(spans) for rest in _rests(span, cuts))


def _rests(span: Span, cuts: Iterable[Span]) -> Iterator[Span]:
    starts = span.starts
    for cut in cuts:
        if cut.meets(span):
            rest = span_between(starts, cut.starts)
            if rest is not None:
                yield rest
            starts = max(starts, cut.ends)
    last = span_between(starts, span.ends)
    if last is not None:
        yield last


def meets_any(span: Span, spans: Iterable[Span]) -> bool:
    """Whether it shares time with one of them."""
    return any(span.meets(each) for each in spans)


def span_around(span: Span, among: Sequence[Span]) -> Span | None:
    """The one of ``among``, which are merged, that covers all of the span; None if none does."""
    place = bisect_right(among, span.starts, key=lambda each: each.starts) - 1
    return among[place] if place >= 0 and among[place].covers(span) else None
