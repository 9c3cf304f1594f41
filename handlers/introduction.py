"""Who answers, that it is not for emergencies, and where the data goes: said once, at the start.

No feature of its own: registration and the contact card say the same things with it.
"""

from __future__ import annotations

from markupsafe import Markup, escape

from bot.context import Desk
from bot.domain.roster import Area, Officer
from bot.domain.routing import NobodyReachable, route
from bot.texts import Words
from handlers.menus import menu


async def introduce(desk: Desk, *, area: Area | None = None) -> None:
    """The first contact, once for everybody; with ``area`` also who is responsible there."""
    person = desk.visitor.person
    is_first = person is None or person.introduced_at is None
    if not is_first and area is None:
        return
    _ = desk.words
    parts = []
    if is_first:
        desk.transaction.people.set_introduced(desk.chat_id, desk.now)
        parts += [_opening(desk), _data_notice(desk)]
    if area is not None:
        parts += [await officer_words(desk, area), _("Just write here, in your own words.")]
    await desk.bot.send_message(
        desk.chat_id,
        "\n\n".join(parts),
        reply_markup=menu(desk.role, desk.words, asks_place=area is None),
    )


def _opening(desk: Desk) -> Markup:
    _ = desk.words
    station = desk.name_of(desk.roster.station.name, desk.words)
    number = next(each.number for each in desk.roster.station.emergency if each.by == "call")
    lines = [
        _("<b>{station}</b>").format(station=station),
        _("Here you write to the community officer of your area. People answer, not machines."),
        _("This is not for emergencies. In danger, call:"),
        escape(number),
    ]
    return Markup("\n").join(lines)


def _data_notice(desk: Desk) -> Markup:
    _ = desk.words
    return _(
        "What you write goes through Telegram, abroad and not end-to-end encrypted, to your officer"
        " and the station. Do not send copies of identity documents."
    )


async def officer_words(desk: Desk, area: Area) -> Markup:
    """Who is responsible in ``area`` and can be reached now."""
    _ = desk.words
    officers = desk.roster.responsible_for(area.code)
    place = desk.name_of(area.name, desk.words)
    found = route(
        desk.roster,
        area.code,
        owner_code=None,
        officers=await desk.transaction.officers.states(),
        tried=frozenset(),
    )
    if isinstance(found, NobodyReachable):
        return _nobody(desk, place)
    officer = desk.roster.officer(found.code)
    if officer is None:
        return _nobody(desk, place)
    text = (
        _("Your area: <b>{area}</b>\nYour officer: <b>{name}</b>, badge {badge}")
        if found.code in {each.code for each in officers}
        else _("Your area: <b>{area}</b>\nAnswering for your officer now: <b>{name}</b>,"
               " badge {badge}")
    )  # fmt: skip
    return text.format(area=place, **_who(desk, officer, desk.words))


def _who(desk: Desk, officer: Officer, words: Words) -> dict[str, str]:
    return {"name": desk.name_of(officer.name, words), "badge": officer.badge or "–"}


def _nobody(desk: Desk, place: str) -> Markup:
    _ = desk.words
    return _(
        "Your area: <b>{area}</b>\nNobody at the station can be reached here right now. What you"
        " write is kept for the first who can. You can also call:\n{hotline}"
    ).format(area=place, hotline=desk.roster.station.hotline)


async def your_officer(desk: Desk) -> None:
    """Who answers, and that writing is enough."""
    person = desk.visitor.person
    area = desk.roster.area(person.area) if person and person.area else None
    if area is None:
        return
    _ = desk.words
    text = f"{await officer_words(desk, area)}\n\n{_('Just write here, in your own words.')}"
    await desk.bot.send_message(desk.chat_id, text, reply_markup=menu(desk.role, desk.words))
