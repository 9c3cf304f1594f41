"""What must be true of appointments and urgent calls whatever happened: worked out from the rows on
file and the promises, without the rules that are tried."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from storage.database import Row
from tests.indoors import Indoors, Said
from tests.stations import OFFICERS

CELL_SECONDS = 300
#: What happens so close to the moment of a reminder may come before it or after it.
TIE = timedelta(seconds=2)
#: An absence waits so long for a choice, and a little.
CHOICE = timedelta(minutes=3, seconds=5)
#: Everybody was asked by then, and the resident knows how it ended.
ANSWERED_WITHIN = timedelta(minutes=5, seconds=5)
AHEAD = ("held", "booked", "displaced")
#: Weekday (Monday is 0) and its openings in minutes of the day.
Week = dict[int, tuple[tuple[int, int], ...]]


@dataclass(frozen=True, slots=True)
class Stood:
    """How an appointment stood from ``since`` on."""

    since: datetime
    state: str
    starts: datetime
    officer: str
    chat_id: int


@dataclass
class Ledger:
    """Follows one office; `looks` after everything that happens. ``week``: the hours of the roster
    in force; ``shut``: from when to when no process ran."""

    here: Indoors
    zone: ZoneInfo
    names: dict[int, str]
    week: Week
    shut: list[tuple[datetime, datetime]] = field(default_factory=list)
    history: dict[int, list[Stood]] = field(default_factory=dict)
    calls: dict[int, tuple[str, str | None]] = field(default_factory=dict)
    last: int = 0

    async def looks(self) -> None:
        """Nothing that must not be is on file, and whatever has changed was told."""
        found, said = await self.follows()
        await self._nobody_is_booked_twice([each for each in found if each["state"] in AHEAD])
        await self._nobody_stands_before_a_closed_door(found)
        await self._an_urgent_call_has_one_taker(said)

    async def follows(self) -> tuple[list[Row], list[Said]]:
        """Notes how each appointment stands now; whatever has changed was told. All appointments,
        and what was said since it was looked last."""
        said = await self.here.said(since=self.last)
        self.last = max([self.last, *(each.number for each in said)])
        found = await self.here.rows("SELECT * FROM appointment ORDER BY id")
        for row in found:
            self._whoever_it_concerns_is_told(row, said)
        return found, said

    # --- double bookings

    async def _nobody_is_booked_twice(self, ahead: list[Row]) -> None:
        cells = [(each["officer"], cell) for each in ahead for cell in _cells(each)]
        assert len(cells) == len(set(cells)), "an officer has two at the same time"
        taken = await self.here.rows("SELECT officer, cell FROM slot_cell")
        assert sorted((row["officer"], row["cell"]) for row in taken) == sorted(cells)
        for one in ahead:
            for other in ahead:
                if one["id"] < other["id"] and one["resident_chat_id"] == other["resident_chat_id"]:
                    assert not _overlap(one, other), "a resident is at two places"

    # --- hours and absences

    async def _nobody_stands_before_a_closed_door(self, found: list[Row]) -> None:
        now = self.here.clock.now()
        absences = await self.here.rows("SELECT * FROM absence")
        changes = await self.here.rows(
            "SELECT starts, ends, is_open FROM hours_change WHERE withdrawn_at IS NULL ORDER BY id"
        )
        for row in found:
            if row["state"] not in ("booked", "displaced") or row["starts_at"] <= now:
                continue
            away = [each for each in absences if _is_in(row, each)]
            is_open = self._is_open(row, changes)
            if row["state"] == "displaced":
                assert away or not is_open, "it could be kept, and nobody says so"
            elif away:
                assert await self._is_waited_for(away, now), "booked in an absence, and silence"
            else:
                assert is_open, "booked outside the hours, and silence"

    async def _is_waited_for(self, away: list[Row], now: datetime) -> bool:
        """Whether somebody may still choose what becomes of what is booked."""
        keys = {f"{each['officer']}:{each['id']}" for each in away}
        due = await self.here.rows(
            "SELECT key, due_at FROM timer WHERE kind = 'appointments.displace'"
        )
        return any(each["key"] in keys and each["due_at"] <= now + CHOICE for each in due)

    def _is_open(self, row: Row, changes: list[Row]) -> bool:
        starts, ends = _busy(row)
        moments = [
            starts + step * timedelta(minutes=1) for step in range((ends - starts).seconds // 60)
        ]
        return all(self._is_open_at(each, changes) for each in moments)

    def _is_open_at(self, moment: datetime, changes: list[Row]) -> bool:
        local = moment.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        is_open = any(
            opens <= minute < closes for opens, closes in self.week.get(local.weekday(), ())
        )
        for each in changes:
            # A change made in the middle of a minute holds for what is left of it.
            if each["starts"] <= moment < each["ends"]:
                is_open = bool(each["is_open"])
        return is_open

    # --- everything is told

    def _whoever_it_concerns_is_told(self, row: Row, said: list[Said]) -> None:
        stood = self.history.setdefault(row["id"], [])
        now = Stood(
            self.here.clock.now(), row["state"], row["starts_at"], row["officer"],
            row["resident_chat_id"],
        )  # fmt: skip
        before = stood[-1] if stood else None
        if before is not None and _same(before, now):
            return
        stood.append(now)
        heard = [each.text for each in said if each.chat_id == now.chat_id]
        assert any(self.when(now.starts) in text for text in heard) or _is_silent(before, now), (
            f"{before} became {now}, and the resident was told {heard}"
        )

    def when(self, moment: datetime) -> str:
        """A day and a time as a message shows it."""
        return moment.astimezone(self.zone).strftime("%a, %b %-d %H:%M")

    # --- reminders

    async def counts_reminders(self) -> None:
        """A day and an hour before each side was reminded of what stood then, once."""
        wanted, tied = self._wanted()
        found: Counter[tuple[int, str, str]] = Counter()
        for each in await self.here.said():
            if each.text.startswith("⏰ Your appointment is near."):
                found[(each.chat_id, self.names[each.chat_id], each.text.split("\n")[3])] += 1
            elif each.text.startswith("⏰ Appointment with "):
                head, _title, when = each.text.split("\n")[:3]
                name = head.removeprefix("⏰ Appointment with ").rstrip(".")
                found[(each.chat_id, name, when)] += 1
        for key in wanted | found:
            least, most = wanted[key], wanted[key] + tied[key]
            assert least <= found[key] <= most, f"{key}: {found[key]} and not {least}"

    def _wanted(self) -> tuple[Counter[Any], Counter[Any]]:
        """Who is to be reminded of what, how often; and what may be as well, for it is close."""
        wanted: Counter[Any] = Counter()
        tied: Counter[Any] = Counter()
        for stood in self.history.values():
            for starts in {each.starts for each in stood}:
                for due in self._moments(starts):
                    comes, at = self._comes(due, starts), _at(stood, due)
                    if comes is None or at is None or at.starts != starts:
                        continue
                    then = _at(stood, comes)
                    is_close = any(
                        abs(each.since - moment) < TIE for each in stood for moment in (due, comes)
                    )
                    is_true = (
                        then is not None
                        and _is_booked(then, starts)
                        and _was_set(stood, due, starts)
                    )
                    for side in (at.chat_id, OFFICERS[(then or at).officer]):
                        key = (side, self.names[at.chat_id], self.when(starts))
                        if is_close:
                            tied[key] += 1
                        elif is_true:
                            wanted[key] += 1
        return wanted, tied

    def _moments(self, starts: datetime) -> tuple[datetime, datetime]:
        local = starts.astimezone(self.zone).replace(tzinfo=None)
        day_before = (local - timedelta(days=1)).replace(tzinfo=self.zone)
        return day_before.astimezone(starts.tzinfo), starts - timedelta(hours=1)

    def _comes(self, due: datetime, starts: datetime) -> datetime | None:
        """When what is due comes: at once, or when a process runs again, if that is in time."""
        comes = next((until for since, until in self.shut if since <= due < until), due)
        return comes if comes < starts and comes <= self.here.clock.now() else None

    # --- urgent calls

    async def _an_urgent_call_has_one_taker(self, said: list[Said]) -> None:
        now = self.here.clock.now()
        for row in await self.here.rows("SELECT * FROM call_out ORDER BY id"):
            before, after = self.calls.get(row["id"], ("", None)), (row["state"], row["taker"])
            self.calls[row["id"]] = after
            if None not in (before[1], after[1]):
                assert before[1] == after[1], "two have taken it"
            assert (row["state"] == "taken") <= (row["taker"] is not None)
            since = row["resumed_at"] or row["asked_at"]
            assert row["state"] != "paging" or now < since + ANSWERED_WITHIN, "nobody is told"
            if before[0] != after[0]:
                await self._everybody_asked_knows(row, said)

    async def _everybody_asked_knows(self, row: Row, said: list[Said]) -> None:
        """The resident reads each step, and so does whoever was asked."""
        told = {each.chat_id for each in said}
        assert row["resident_chat_id"] in told
        pages = await self.here.rows(
            "SELECT chat_id FROM call_out_page WHERE call_out_id = :id", id=row["id"]
        )
        assert {each["chat_id"] for each in pages} <= told
        if row["state"] == "unanswered":
            sent = {each.chat_id for each in said if each.method == "sendMessage"}
            assert OFFICERS["sun"] in sent, "the supervisor is not alarmed"


def _busy(row: Row) -> tuple[datetime, datetime]:
    travel = timedelta(minutes=row["travel_minutes"])
    return row["starts_at"] - travel, row["starts_at"] + timedelta(minutes=row["minutes"]) + travel


def _cells(row: Row) -> range:
    starts, ends = (int(each.timestamp()) for each in _busy(row))
    return range(starts // CELL_SECONDS, -(-ends // CELL_SECONDS))


def _overlap(one: Row, other: Row) -> bool:
    lengths = [timedelta(minutes=each["minutes"]) for each in (one, other)]
    return bool(
        one["starts_at"] < other["starts_at"] + lengths[1]
        and other["starts_at"] < one["starts_at"] + lengths[0]
    )


def _is_in(row: Row, absence: Row) -> bool:
    starts, ends = _busy(row)
    is_before_end = absence["ends"] is None or starts < absence["ends"]
    return bool(row["officer"] == absence["officer"] and absence["starts"] < ends and is_before_end)


def _same(one: Stood, other: Stood) -> bool:
    return (one.state, one.starts, one.officer) == (other.state, other.starts, other.officer)


def _is_silent(before: Stood | None, now: Stood) -> bool:
    """What the resident did or let go is shown on the screen without the time."""
    was = before.state if before else ""
    return was in ("", "held") and now.state in ("held", "expired", "cancelled")


def _at(stood: list[Stood], moment: datetime) -> Stood | None:
    """How it stood when that moment came."""
    return next((each for each in reversed(stood) if each.since <= moment), None)


def _is_booked(stood: Stood, starts: datetime) -> bool:
    return stood.state == "booked" and stood.starts == starts


def _was_set(stood: list[Stood], due: datetime, starts: datetime) -> bool:
    """Whether it was booked for that time before the moment came."""
    return any(_is_booked(each, starts) and each.since < due for each in stood)
