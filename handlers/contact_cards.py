"""Without this module nobody could look up the own officer and the room's phone (警民联系卡)."""

from __future__ import annotations

from markupsafe import Markup, escape
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.context import RESIDENTS, STAFF, Command, Desk, Feature, button_data
from bot.domain.cases import label
from bot.domain.roster import Room
from handlers.duty import beat_lines, hours_of, lamp_lines, open_line
from handlers.introduction import officer_words


async def show_card(desk: Desk) -> None:
    """``/me`` for a resident: area, officer, room, and the way to another area. The number is the
    room's, where somebody answers by turns; an officer's own stays with the station."""
    _ = desk.words
    area = desk.area
    room = desk.roster.room_of(area.code) if area is not None else None
    parts: list[Markup | str] = [
        _("You have not chosen an area yet.") if area is None else await officer_words(desk, area)
    ]
    if room is not None:
        parts.append(Markup("\n").join([room_lines(desk, room), *await _now(desk, room)]))
    parts += [_open_request(desk), _phone_line(desk)]
    button = InlineKeyboardButton(
        _.plain("Choose my area") if area is None else _.plain("Move to another area"),
        callback_data=button_data("registration", "move"),
    )
    await desk.bot.send_message(
        desk.chat_id,
        "\n\n".join(part for part in parts if part),
        reply_markup=InlineKeyboardMarkup([[button]]),
    )
    if room is not None:
        await show_on_map(desk, room)


async def _now(desk: Desk, room: Room) -> list[Markup]:
    """Whether the room is open, and who is there or on the way."""
    on_the_way = [] if desk.area is None else await beat_lines(desk, desk.area)
    opening = open_line(desk, await hours_of(desk, room))
    return [opening, *await lamp_lines(desk, room), *on_the_way]


async def show_on_map(desk: Desk, room: Room) -> None:
    """The room as a place to tap, if the roster knows where it is."""
    if room.location is None:
        return
    latitude, longitude = room.location
    await desk.bot.send_venue(
        desk.chat_id,
        latitude=latitude,
        longitude=longitude,
        title=desk.name_of(room.name, desk.words),
        address=desk.name_of(room.address, desk.words),
        disable_notification=True,
    )


def room_lines(desk: Desk, room: Room) -> Markup:
    """Where the police room is and its number, alone on its line."""
    lines = [Markup("<b>{}</b>").format(desk.name_of(room.name, desk.words))]
    lines.append(escape(desk.name_of(room.address, desk.words)))
    if room.phone:
        lines.append(escape(desk.words.telephone(room.phone)))
    return Markup("\n").join(lines)


def _open_request(desk: Desk) -> Markup | str:
    case = desk.visitor.case
    if case is None:
        return ""
    _ = desk.words
    owner = desk.roster.officer(case.owner) if case.owner else None
    if owner is None:
        return _("Your open request {number} waits for an officer.").format(
            number=label(case.number)
        )
    return _("Your open request {number} is with {name}.").format(
        number=label(case.number), name=desk.name_of(owner.name, desk.words)
    )


def _phone_line(desk: Desk) -> Markup:
    _ = desk.words
    person = desk.visitor.person
    if person is not None and person.phone:
        return _("Your officer may call you at:\n{phone}").format(
            phone=desk.words.telephone(person.phone)
        )
    return _("May your officer call you? Then share your own contact here.")


async def show_own_card(desk: Desk) -> None:
    """``/me`` for people of the roster: what residents see of them, what is open, whether away."""
    officer = desk.officer
    if officer is None:
        return
    _ = desk.words
    areas = [area for area in desk.roster.areas if area.code in officer.areas]
    state = (await desk.transaction.officers.states()).get(officer.code)
    open_cases = await desk.transaction.cases.open_of_owner(officer.code, limit=100)
    lines = [
        _("<b>{name}</b>, badge {badge}").format(
            name=desk.name_of(officer.name, desk.words), badge=officer.badge or "–"
        ),
        _("Responsible for: {areas}").format(
            areas=desk.words.series(desk.name_of(area.name, desk.words) for area in areas) or "–"
        ),
        _.many("{count} open request", "{count} open requests", len(open_cases)).format(
            count=len(open_cases)
        ),
    ]
    if state is not None and state.is_absent:
        lines.append(_("You are away. /back when you are here again."))
    await desk.bot.send_message(desk.chat_id, "\n".join(lines))


FEATURE = Feature(
    name="contact_cards",
    routes=(Command("me", show_card, RESIDENTS), Command("me", show_own_card, STAFF)),
)
