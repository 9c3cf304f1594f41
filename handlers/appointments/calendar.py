"""Days and times as buttons, the same for a booking and for a move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby

from markupsafe import Markup
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.context import Desk, button_data
from bot.domain.appointments.booking import Appointment
from bot.domain.appointments.service import Service, Way
from bot.domain.appointments.slots import Slot, days, instead_of, times_of
from handlers.appointments.offering import free, offered, wish_for
from handlers.appointments.wording import (
    DAYS_IN_ROW,
    TIMES_IN_ROW,
    button,
    edit_pressed,
    keyboard,
    minutes_of,
)

#: Days offered at once: a phone shows them without much scrolling.
_MOST_DAYS = 24
#: 14:02 in any script; a time that comes twice says which of the two it is, in a row of its own.
_SHORT = 5
#: Times of one day: eight hours of five minutes; Telegram takes 100 buttons under a message.
_MOST_TIMES = 96


@dataclass(frozen=True, slots=True)
class Calendar:
    """What times are looked for, and the actions of the buttons. ``moving``: the appointment that
    gets another time; ``arguments``: what each button repeats; ``officer``: whose time alone, for
    somebody without Telegram."""

    service: Service
    way: Way
    day: str
    time: str
    back: InlineKeyboardButton
    arguments: tuple[object, ...]
    moving: Appointment | None = None
    officer: str | None = None

    def day_button(self, desk: Desk, day: date) -> InlineKeyboardButton:
        """A day on which something can be had."""
        return button(desk.words.day(day), self.day, *self.arguments, day.strftime("%Y%m%d"))

    def time_button(
        self, desk: Desk, slot: Slot, *, with_day: bool = False
    ) -> InlineKeyboardButton:
        """A time that can be had."""
        shown = desk.words.day_and_time if with_day else desk.words.clock_time
        return button(shown(slot.starts), self.time, *self.arguments, minutes_of(slot.starts))

    async def offered(self, desk: Desk) -> tuple[Slot, ...]:
        """Every time that is shown now; the one it has already is none."""
        return self._others(
            await offered(desk, self.service, self.way, moving=self.moving, officer=self.officer)
        )

    async def free(self, desk: Desk) -> tuple[Slot, ...]:
        """The same, and those at which the resident has another appointment: not shown, and with a
        word of their own for whoever presses one in an old message."""
        return self._others(
            await free(desk, self.service, self.way, moving=self.moving, officer=self.officer)
        )

    def _others(self, found: Sequence[Slot]) -> tuple[Slot, ...]:
        own = None if self.moving is None else self.moving.slot
        return tuple(slot for slot in found if slot != own)


async def show_days(desk: Desk, calendar: Calendar) -> None:
    """The days on which something can be had, in place."""
    _ = desk.words
    wish = wish_for(desk, calendar.service, calendar.way)
    found = days(await calendar.offered(desk), wish)[:_MOST_DAYS]
    text = _("On which day?") if found else _("No time is free in the coming weeks.")
    buttons = [calendar.day_button(desk, day) for day in found]
    last = [calendar.back]
    if calendar.moving is None and calendar.officer is None:
        last.insert(0, _outside_the_hours(desk, calendar))
    rows = [*keyboard(buttons, in_row=DAYS_IN_ROW).inline_keyboard, last]
    await edit_pressed(desk, _headed(desk, calendar, text), InlineKeyboardMarkup(rows))


def _outside_the_hours(desk: Desk, calendar: Calendar) -> InlineKeyboardButton:
    """The way to a time that nobody offers: the officer is asked (feature service_requests)."""
    _ = desk.words
    data = button_data("service_requests", "service", calendar.service.code)
    return InlineKeyboardButton(_.plain("🌙 Outside the hours"), callback_data=data)


def _headed(desk: Desk, calendar: Calendar, text: Markup) -> Markup:
    name = desk.name_of(calendar.service.name, desk.words)
    return Markup("<b>{}</b>\n{}").format(name, text)


async def show_times(desk: Desk, calendar: Calendar, day: date, back: InlineKeyboardButton) -> None:
    """The times of one day, in place; the days again when nothing is free on it any more."""
    wish = wish_for(desk, calendar.service, calendar.way)
    times = times_of(await calendar.offered(desk), day, wish)
    _ = desk.words
    if not times:
        is_over = day < desk.now.astimezone(desk.zone).date()
        await desk.answer_press(
            _.plain("This day has passed.")
            if is_over
            else _.plain("Nothing is free on this day any more.")
        )
        await show_days(desk, calendar)
        return
    await desk.answer_press()
    text = _("{day} – at what time?").format(day=desk.words.day(day))
    await edit_pressed(desk, _headed(desk, calendar, text), _times(desk, calendar, times, back))


def _times(
    desk: Desk, calendar: Calendar, times: Sequence[Slot], back: InlineKeyboardButton
) -> InlineKeyboardMarkup:
    buttons = [calendar.time_button(desk, slot) for slot in times[:_MOST_TIMES]]
    rows: list[Sequence[InlineKeyboardButton]] = []
    for is_short, some in groupby(buttons, lambda each: len(each.text) <= _SHORT):
        rows += keyboard(list(some), in_row=TIMES_IN_ROW if is_short else 1).inline_keyboard
    return InlineKeyboardMarkup([*rows, [back]])


async def offer_instead(desk: Desk, calendar: Calendar, starts: datetime) -> None:
    """Somebody was first, or it never was: the nearest times that can be had."""
    _ = desk.words
    await desk.answer_press(
        _.plain("This time has passed.")
        if starts <= desk.now
        else _.plain("This time is not free (any more).")
    )
    nearest = instead_of(starts, await calendar.offered(desk))
    text = _("This time is not free. These are the nearest.") if nearest else _(
        "No time is free in the coming weeks."
    )  # fmt: skip
    rows = [[calendar.time_button(desk, slot, with_day=True)] for slot in nearest]
    rows.append([calendar.back])
    await edit_pressed(desk, _headed(desk, calendar, text), InlineKeyboardMarkup(rows))


def day_in(text: str) -> date | None:
    """The day in a button's data."""
    try:
        return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None


def moment_in(text: str) -> datetime | None:
    """The moment in a button's data."""
    is_number = text.isascii() and text.isdigit() and len(text) <= 9  # minutes until the year 3871
    return datetime.fromtimestamp(int(text) * 60, UTC) if is_number else None
