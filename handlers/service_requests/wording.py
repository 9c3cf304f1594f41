"""How a service request is told to each side, and the buttons under it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markupsafe import Markup, escape
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.context import Desk, button_data
from bot.domain.appointments.booking import Side
from bot.domain.appointments.service import Way
from bot.domain.service_requests import (
    MOST_PROPOSALS,
    RequestState,
    ServiceRequest,
    expires_at,
)
from bot.texts import LTR, PDI, Words
from handlers.duty import when
from handlers.menus import N_
from handlers.ways import way_name

#: Why not, in two words each; anything else is typed.
REASONS = {
    "duty": N_("Other duty then"),
    "hours": N_("Only within the hours"),
    "elsewhere": N_("Done at another office"),
}
#: A shared place as it stands on file.
_POINT = re.compile(r"(-?\d{1,3}\.\d{5}), (-?\d{1,3}\.\d{5})")


def place_of(latitude: float, longitude: float) -> str:
    """A shared place for the file: degrees, to the metre."""
    return f"{latitude:.5f}, {longitude:.5f}"


def point_in(place: str) -> tuple[float, float] | None:
    """Latitude and longitude of a shared place; None for an address, and for numbers that somebody
    typed and that are no place on the globe: Telegram would refuse to show them."""
    found = _POINT.fullmatch(place)
    if found is None:
        return None
    latitude, longitude = float(found[1]), float(found[2])
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def button(text: str, action: str, *arguments: object) -> InlineKeyboardButton:
    """A button of this feature."""
    return InlineKeyboardButton(
        text, callback_data=button_data("service_requests", action, *arguments)
    )


def officer_name(desk: Desk, code: str, words: Words) -> str:
    """Who answers; the code of somebody who has left."""
    officer = desk.roster.officer(code)
    return code if officer is None else desk.name_of(officer.name, words)


async def resident_name(desk: Desk, request: ServiceRequest) -> str:
    """Who asks."""
    person = await desk.transaction.people.find(request.resident_chat_id)
    return "–" if person is None else person.name


def heading(desk: Desk, service: str, way: Way, words: Words) -> Markup:
    """What, and how."""
    found = desk.roster.service(service)
    name = service if found is None else desk.name_of(found.name, words)
    return Markup("<b>{}</b> · {}").format(name, way_name(way, words))


async def view(
    desk: Desk, request: ServiceRequest, side: Side, words: Words
) -> tuple[Markup, InlineKeyboardMarkup | None]:
    """What one side reads of a request as it stands, and what it can do with it."""
    parts = [
        heading(desk, request.service, request.way, words),
        escape(words.day_and_time(request.proposal.starts)),
    ]
    if request.place:
        parts.append(Markup("📍 {}").format(_isolated(request.place, words)))
    if side is Side.OFFICER and request.way is Way.PHONE:
        parts += await _number_to_call(desk, request, words)
    lead = _lead(request, side, await _other_name(desk, request, side, words), words)
    after = _after(desk, request, side, words)
    rows = _buttons(request, side, words)
    text = Markup("\n\n").join([lead, Markup("\n").join(parts), *after])
    return text, InlineKeyboardMarkup(rows) if rows else None


def _isolated(place: str, words: Words) -> str:
    """Latitude and longitude would change places between words read from right to left."""
    is_point = words.is_right_to_left and point_in(place) is not None
    return f"{LTR}{place}{PDI}" if is_point else place


async def _other_name(desk: Desk, request: ServiceRequest, side: Side, words: Words) -> str:
    if side is Side.RESIDENT:
        return officer_name(desk, request.officer, words)
    return await resident_name(desk, request)


async def _number_to_call(desk: Desk, request: ServiceRequest, words: Words) -> Sequence[Markup]:
    person = await desk.transaction.people.find(request.resident_chat_id)
    if person is None or not person.phone:
        return []
    return [escape(words.telephone(person.phone))]


def _lead(request: ServiceRequest, side: Side, name: str, words: Words) -> Markup:
    _ = words
    if request.state is RequestState.OPEN:
        return _lead_of_open(request, side, name, words)
    if request.state is RequestState.AGREED:
        return _("✔ Agreed with {name}.").format(name=name)
    if request.state is RequestState.EXPIRED:
        return _("✖ Nobody answered in time. This request is over.")
    is_own = (side is Side.RESIDENT) is (request.state is RequestState.WITHDRAWN)
    if request.state is RequestState.WITHDRAWN:
        return _("✖ Withdrawn.") if is_own else _("✖ {name} withdrew this.").format(name=name)
    return _("✖ Declined.") if is_own else _("✖ {name} declined this.").format(name=name)


def _lead_of_open(request: ServiceRequest, side: Side, name: str, words: Words) -> Markup:
    _ = words
    if request.proposal.side is side:
        return _("Sent to {name}. The answer comes here.").format(name=name)
    if side is Side.OFFICER:
        return _("🕘 {name} asks for this time:").format(name=name)
    return _("🕘 {name} proposes this time:").format(name=name)


def _after(desk: Desk, request: ServiceRequest, side: Side, words: Words) -> list[Markup]:
    _ = words
    hotline = words.telephone(desk.roster.station.hotline)
    if request.state is RequestState.DECLINED:
        reason = request.reason
        return [_("Why: {reason}").format(reason=words.plain(REASONS.get(reason, reason)))]
    if request.state is RequestState.EXPIRED and side is Side.RESIDENT:
        return [_("The station's telephone:\n{hotline}").format(hotline=hotline)]
    if request.state is not RequestState.OPEN:
        return []
    lines = [_("To be answered by {time}.").format(time=when(desk, expires_at(request), words))]
    if request.proposal.number >= MOST_PROPOSALS and side is Side.RESIDENT:
        lines.append(
            _("If it does not suit you, please telephone:\n{hotline}").format(hotline=hotline)
        )
    return lines


def _buttons(request: ServiceRequest, side: Side, words: Words) -> list[list[InlineKeyboardButton]]:
    _ = words
    this = (request.id, request.proposal.number)
    is_over = request.state is not RequestState.OPEN
    if is_over:
        asks_again = side is Side.RESIDENT and request.state is not RequestState.AGREED
        return [[button(_.plain("🕘 Ask again"), "start")]] if asks_again else []
    rows = []
    if request.proposal.side is not side:
        rows.append([button(_.plain("✔ Accept"), "accept", *this)])
        if request.proposal.number < MOST_PROPOSALS:
            rows.append([button(_.plain("🕘 Another time"), "days", *this)])
        if side is Side.OFFICER:
            rows.append([button(_.plain("✖ Decline"), "decline", *this)])
    if side is Side.RESIDENT:
        rows.append([button(_.plain("✖ Withdraw"), "withdraw", request.id)])
    return rows
