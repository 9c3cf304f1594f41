"""Without this module a message would have no officer to go to.

A resident is asked for the area once, by list, search or place, or comes through a link. Nothing
written meanwhile is lost, and choosing is never a gate: after five minutes the duty desk gets it.
"""

from __future__ import annotations

from datetime import timedelta

from telegram import ForceReply, InlineKeyboardButton, InlineKeyboardMarkup

from bot.context import (
    RESIDENTS,
    STAFF,
    Answer,
    Arrived,
    Button,
    Command,
    Desk,
    Feature,
    Typed,
    argument_in,
    button_data,
)
from bot.delivery.content import content_of
from bot.domain.geography import Place, areas_near
from bot.domain.registration import StartRefused, UnknownArea, area_of_start, search_areas
from bot.domain.roster import Area
from handlers.introduction import introduce, your_officer
from handlers.menus import WRITE, WRITE_WORDS

#: Without a choice the duty desk gets what was written after this time.
UNPLACED_AFTER = timedelta(minutes=5)
#: Areas on one page of the list: what a phone shows without scrolling.
AREAS_PER_PAGE = 8
#: How long the search question waits for its answer.
SEARCH_KEPT = timedelta(hours=1)

SEARCH = "registration.search"
#: The cases feature turns what is held into a case when this timer acts.
UNPLACED_TIMER = "cases.unplaced"


def _area_of(desk: Desk) -> Area | None:
    person = desk.visitor.person
    return desk.roster.area(person.area) if person and person.area else None


def _is_unplaced(desk: Desk) -> bool:
    return _area_of(desk) is None and desk.visitor.case is None


# --- coming in


async def start(desk: Desk) -> None:
    """``/start``, with or without an area link."""
    argument = argument_in(desk)
    if not argument:
        if _area_of(desk) is None:
            await introduce(desk)
            await ask_area(desk)
        else:
            await your_officer(desk)
        return
    try:
        area = area_of_start(argument, desk.roster)
    except (UnknownArea, StartRefused):
        _ = desk.words
        await desk.bot.send_message(
            desk.chat_id, _("This link does not lead to an area of this station.")
        )
        await introduce(desk)
        await ask_area(desk)
        return
    await _settle(desk, area)


async def hold(desk: Desk) -> None:
    """A message before any area: kept, and the area is asked for once."""
    content = content_of(desk.raw_message)
    is_first = not await desk.transaction.messages.held(desk.chat_id)
    desk.transaction.messages.keep(
        case_number=None,
        resident_chat_id=desk.chat_id,
        chat_id=desk.chat_id,
        message_id=desk.message.message_id,
        author=None,
        kind=content["kind"],
        content=content,
        is_edit=False,
        words="",
        now=desk.now,
    )
    if not is_first:
        await desk.mark_as_kept()
        return
    desk.transaction.timers.set(
        UNPLACED_TIMER,
        str(desk.chat_id),
        due_at=desk.now + UNPLACED_AFTER,
        chat_key=str(desk.chat_id),
    )
    await introduce(desk)
    await ask_area(desk, is_message_kept=True)


async def write(desk: Desk) -> None:
    """The fixed button *write to my officer*: who that is, and that one just writes."""
    if _area_of(desk) is None:
        await introduce(desk)
        await ask_area(desk)
    else:
        await your_officer(desk)


# --- choosing


async def ask_area(desk: Desk, *, is_message_kept: bool = False) -> None:
    """Ask where, with the first page of the list."""
    _ = desk.words
    text = (
        _("Your message is kept. In which area is it? Choose one, search, or share your location.")
        if is_message_kept
        else _("In which area do you live or work? Choose one, search, or share your location.")
    )
    await desk.bot.send_message(desk.chat_id, text, reply_markup=_page(desk, 0))


def _page(desk: Desk, number: int) -> InlineKeyboardMarkup:
    areas = desk.roster.areas
    last = max(0, (len(areas) - 1) // AREAS_PER_PAGE)
    number = min(max(number, 0), last)
    shown = areas[number * AREAS_PER_PAGE : (number + 1) * AREAS_PER_PAGE]
    rows = [[_choice(desk, area)] for area in shown]
    _ = desk.words
    turns = []
    if number > 0:
        turns.append(InlineKeyboardButton("◀", callback_data=_data("page", number - 1)))
    if number < last:
        turns.append(InlineKeyboardButton("▶", callback_data=_data("page", number + 1)))
    if turns:
        rows.append(turns)
    rows.append([InlineKeyboardButton(_.plain("🔍 Search by name"), callback_data=_data("search"))])
    return InlineKeyboardMarkup(rows)


def _data(action: str, *arguments: object) -> str:
    return button_data("registration", action, *arguments)


def _choice(desk: Desk, area: Area) -> InlineKeyboardButton:
    return InlineKeyboardButton(
        desk.name_of(area.name, desk.words), callback_data=_data("choose", area.code)
    )


async def turn_page(desk: Desk) -> None:
    """Another page of the list, in place."""
    argument = desk.press.arguments[0] if desk.press and desk.press.arguments else ""
    await desk.answer_press()
    await desk.bot.edit_message_reply_markup(
        chat_id=desk.chat_id,
        message_id=desk.message.message_id,
        reply_markup=_page(desk, int(argument) if argument.isascii() and argument.isdigit() else 0),
    )


async def choose(desk: Desk) -> None:
    """An area was chosen from a list, a search or beside a boundary."""
    code = desk.press.arguments[0] if desk.press and desk.press.arguments else ""
    area = desk.roster.area(code)
    _ = desk.words
    if area is None:
        await desk.answer_press(_.plain("This area is not on the list any more."), is_alert=True)
        return
    await desk.answer_press()
    await _settle(desk, area)


async def _settle(desk: Desk, area: Area) -> None:
    """The resident belongs to ``area`` from now on; what was held goes to its officer."""
    desk.transaction.people.set_area(desk.chat_id, area.code)
    await introduce(desk, area=area)
    if await desk.transaction.messages.held(desk.chat_id):
        desk.transaction.timers.set(
            UNPLACED_TIMER, str(desk.chat_id), due_at=desk.now, chat_key=str(desk.chat_id)
        )


async def move(desk: Desk) -> None:
    """From the contact card: another area."""
    await desk.answer_press()
    _ = desk.words
    await desk.bot.send_message(
        desk.chat_id,
        _("To which area? An open request stays with its officer; the next one goes to the new"
          " officer."),
        reply_markup=_page(desk, 0),
    )  # fmt: skip


# --- search


async def ask_search(desk: Desk) -> None:
    """Only a reply to this question is a search; everything else is kept for the officer."""
    await desk.answer_press()
    _ = desk.words
    prompt = await desk.bot.send_message(
        desk.chat_id,
        _("Reply to this message with the name of your community, compound or street."),
        reply_markup=ForceReply(),
    )
    dialogue = await desk.transaction.dialogues.start(
        chat_id=desk.chat_id,
        user_id=desk.chat_id,
        kind=SEARCH,
        step="asked",
        data={},
        expires_at=desk.now + SEARCH_KEPT,
    )
    desk.transaction.dialogues.set_message(dialogue.id, prompt.message_id)


async def search(desk: Desk) -> None:
    """The areas whose name fits, in any offered language."""
    found = search_areas(desk.message.text or "", desk.roster)
    _ = desk.words
    if not found:
        await desk.bot.send_message(
            desk.chat_id,
            _("No area has such a name. Choose one, or search again."),
            reply_markup=_page(desk, 0),
        )
        return
    rows = [[_choice(desk, area)] for area in found]
    rows.append([InlineKeyboardButton(_.plain("🔍 Search by name"), callback_data=_data("search"))])
    await desk.bot.send_message(
        desk.chat_id, _("Which one is it?"), reply_markup=InlineKeyboardMarkup(rows)
    )


# --- place


def _shares_a_place(desk: Desk) -> bool:
    return _is_unplaced(desk) and "location" in desk.raw_message and "venue" not in desk.raw_message


async def place(desk: Desk) -> None:
    """A shared location before an area is known chooses it; near a boundary it is confirmed."""
    shared = desk.raw_message["location"]
    found = areas_near(
        Place(latitude=shared["latitude"], longitude=shared["longitude"]), desk.roster
    )
    _ = desk.words
    if len(found) == 1:
        await _settle(desk, found[0])
    elif found:
        await desk.bot.send_message(
            desk.chat_id,
            _("You are near a boundary. Which area is it?"),
            reply_markup=InlineKeyboardMarkup([[_choice(desk, area)] for area in found]),
        )
    else:
        await introduce(desk)
        await desk.bot.send_message(
            desk.chat_id,
            _("No area of this station is known at this place. Please choose one."),
            reply_markup=_page(desk, 0),
        )


async def not_for_staff(desk: Desk) -> None:
    """Somebody on the roster opened an area link."""
    _ = desk.words
    await desk.bot.send_message(
        desk.chat_id,
        _("This link is for residents. You are on the roster; residents reach you through it."),
    )


FEATURE = Feature(
    name="registration",
    routes=(
        Command("start", start, RESIDENTS),
        Arrived(
            "message", not_for_staff, STAFF,
            lambda desk: (desk.raw_message.get("text") or "").startswith("/start a-"),
        ),
        Typed((WRITE, WRITE_WORDS, "1"), write, RESIDENTS),
        Button("registration", "page", turn_page, RESIDENTS),
        Button("registration", "choose", choose, RESIDENTS),
        Button("registration", "search", ask_search, RESIDENTS),
        Button("registration", "move", move, RESIDENTS),
        Answer(SEARCH, search, RESIDENTS),
        Arrived("message", place, RESIDENTS, _shares_a_place),
        Arrived("message", hold, RESIDENTS, _is_unplaced),
    ),
)  # fmt: skip
