"""Service, way, day, time: what a time is chosen for, and the buttons that choose it.

The buttons carry what was chosen; a restart in between costs nothing. The same days and times serve
a new request and another time for one that is open.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from markupsafe import Markup
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.context import Desk, number_in
from bot.domain.appointments.booking import Actor, Side
from bot.domain.appointments.service import Way
from bot.domain.duty_hours import first_moment
from bot.domain.roster import Role
from bot.domain.service_requests import (
    ANSWER_BEFORE,
    RequestRefused,
    ServiceRequest,
    check_turn,
)
from handlers.areas import ask_area
from handlers.service_requests.agreeing import is_free_for
from handlers.service_requests.reaching import is_there
from handlers.service_requests.refusing import moved_on, refuse
from handlers.service_requests.telling import forget_question, show_at, tell
from handlers.service_requests.wording import button, heading
from handlers.ways import way_name

#: Two weeks, as a calendar on the wall shows them.
_DAYS_OFFERED = 14
#: Nobody is asked to come at night by a button; another time of day can be typed.
_FIRST_TIME, _LAST_TIME, _STEP = time(6), time(22), timedelta(minutes=30)
#: Buttons side by side that a phone still shows whole.
_DAYS_IN_ROW, _TIMES_IN_ROW = 2, 4
_LETTERS = {Way.ROOM: "r", Way.PHONE: "p", Way.VISIT: "v"}
_DAY = "%y%m%d"


@dataclass(frozen=True, slots=True)
class Errand:
    """What a time is chosen for: a new request for a service in a way, or another time for
    ``request``. ``arguments``: the same on buttons."""

    service: str
    way: Way
    arguments: tuple[str, str]
    request: ServiceRequest | None = None


def actor(desk: Desk) -> Actor:
    """Whoever acts, for the rules."""
    return Actor(chat_id=desk.chat_id, officer=desk.visitor.officer)


async def show(desk: Desk) -> None:
    """``/request``: what waits for an answer, or the choice of a service."""
    waiting = await desk.transaction.service_requests.open_of(desk.chat_id)
    if waiting is not None:
        await tell(desk, waiting, Side.RESIDENT)
    elif desk.area is None:
        await ask_area(desk)
    else:
        text, markup = _services(desk)
        await desk.bot.send_message(desk.chat_id, text, reply_markup=markup)


def _services(desk: Desk) -> tuple[Markup, InlineKeyboardMarkup | None]:
    _ = desk.words
    buttons = [
        [button(desk.name_of(each.name, desk.words), "service", each.code)]
        for each in desk.roster.services
    ]
    if not buttons:
        return _("Nothing can be booked here yet. Just write to your officer."), None
    return _("For what do you need another time?"), InlineKeyboardMarkup(buttons)


async def show_services(desk: Desk) -> None:
    """The beginning, in place; what waits for an answer comes first."""
    await desk.answer_press()
    waiting = await desk.transaction.service_requests.open_of(desk.chat_id)
    if waiting is not None:
        await show_at(desk, waiting, Side.RESIDENT, desk.message.message_id)
    elif desk.area is None:
        await ask_area(desk)
    else:
        await _edit(desk, *_services(desk))


async def _edit(desk: Desk, text: Markup, markup: InlineKeyboardMarkup | None) -> None:
    forget_question(desk, desk.message.message_id)
    await desk.bot.edit_message_text(
        text, chat_id=desk.chat_id, message_id=desk.message.message_id, reply_markup=markup
    )


async def show_ways(desk: Desk) -> None:
    """How it shall be; one way needs no question."""
    service = desk.roster.service(desk.argument(0))
    if service is None:
        await moved_on(desk)
        return
    errands = [_new(service.code, way) for way in service.ways]
    await desk.answer_press()
    if len(errands) == 1:
        await _show_days(desk, errands[0])
        return
    _ = desk.words
    rows = [[button(way_name(each.way, desk.words), "days", *each.arguments)] for each in errands]
    rows.append([button(_.plain("◀ Back"), "start")])
    text = Markup("<b>{}</b>\n{}").format(
        desk.name_of(service.name, desk.words), _("How would you like it?")
    )
    await _edit(desk, text, InlineKeyboardMarkup(rows))


def _new(service: str, way: Way) -> Errand:
    return Errand(service, way, (service, _LETTERS[way]))


async def errand_of(desk: Desk, first: str, second: str) -> Errand | None:
    """What a button's arguments stand for, if whoever pressed may choose a time for it now; None
    after the word why not."""
    number, answers = number_in(first), number_in(second)
    if number is not None and answers is not None:
        return await _for_request(desk, number, answers)
    service = desk.roster.service(first)
    way = next((way for way, letter in _LETTERS.items() if letter == second), None)
    if desk.role is not Role.RESIDENT or service is None or way not in service.ways:
        await moved_on(desk)
        return None
    return _new(service.code, way)


async def _for_request(desk: Desk, number: int, answers: int) -> Errand | None:
    request = await desk.transaction.service_requests.find(number)
    if request is None:
        await moved_on(desk)
        return None
    try:
        check_turn(request, actor(desk), answers, desk.now)
    except RequestRefused as refusal:
        await refuse(desk, refusal, request)
        return None
    return Errand(request.service, request.way, (str(number), str(answers)), request)


async def show_days(desk: Desk) -> None:
    """The coming two weeks."""
    errand = await errand_of(desk, desk.argument(0), desk.argument(1))
    if errand is not None:
        await desk.answer_press()
        await _show_days(desk, errand)


async def _show_days(desk: Desk, errand: Errand) -> None:
    _ = desk.words
    today = desk.now.astimezone(desk.zone).date()
    days = [today + timedelta(days=number) for number in range(_DAYS_OFFERED + 1)]
    buttons = [
        button(desk.words.day(day), "day", *errand.arguments, day.strftime(_DAY))
        for day in days
        if _times(desk, day)
    ]
    rows = _in_rows(buttons, _DAYS_IN_ROW)
    rows.append([_back(desk, errand)])
    await _ask(desk, errand, _("On which day?"), rows)


def _in_rows(buttons: list[InlineKeyboardButton], in_row: int) -> list[list[InlineKeyboardButton]]:
    return [buttons[first : first + in_row] for first in range(0, len(buttons), in_row)]


def _back(desk: Desk, errand: Errand) -> InlineKeyboardButton:
    _ = desk.words
    if errand.request is not None:
        return button(_.plain("◀ Back"), "show", errand.request.id)
    return button(_.plain("◀ Back"), "start")


async def _ask(
    desk: Desk, errand: Errand, question: Markup, rows: list[list[InlineKeyboardButton]]
) -> None:
    head = heading(desk, errand.service, errand.way, desk.words)
    text = Markup("{}\n{}").format(head, question)
    await _edit(desk, text, InlineKeyboardMarkup(rows))


def _times(desk: Desk, day: date) -> list[datetime]:
    """What can be chosen on a day by a button: not what nobody could answer any more."""
    moments = []
    local = datetime.combine(day, _FIRST_TIME)
    while local <= datetime.combine(day, _LAST_TIME):
        moments.append(first_moment(local, desk.zone))
        local += _STEP
    return [each for each in moments if each - ANSWER_BEFORE > desk.now]


async def _free_times(desk: Desk, errand: Errand, day: date) -> list[datetime]:
    """Another time for a request is one that its officer has. Who will be asked first, or instead
    of somebody who is away, is not known yet."""
    times = _times(desk, day)
    if errand.request is None or not await is_there(desk, errand.request.officer):
        return times
    is_free = await is_free_for(desk, errand.request)
    return [each for each in times if is_free(each)]


async def show_times(desk: Desk) -> None:
    """The times of one day, from early to late, and the way to any other."""
    errand = await errand_of(desk, desk.argument(0), desk.argument(1))
    if errand is None:
        return
    day = day_of(desk.argument(2))
    _ = desk.words
    times = [] if day is None else await _free_times(desk, errand, day)
    if day is None or not times:
        await desk.answer_press(_.plain("Nothing is free on this day any more."))
        await _show_days(desk, errand)
        return
    await desk.answer_press()
    buttons = [
        button(desk.words.clock_time(each), "at", *errand.arguments, int(each.timestamp()) // 60)
        for each in times
    ]
    rows = _in_rows(buttons, _TIMES_IN_ROW)
    rows.append([button(_.plain("⌨ Type a time"), "type", *errand.arguments, desk.argument(2))])
    rows.append([button(_.plain("◀ Back"), "days", *errand.arguments)])
    await _ask(desk, errand, _("{day} – at what time?").format(day=desk.words.day(day)), rows)


def day_of(text: str) -> date | None:
    """A day as buttons carry it."""
    try:
        return datetime.strptime(text, _DAY).replace(tzinfo=UTC).date()
    except ValueError:
        return None
