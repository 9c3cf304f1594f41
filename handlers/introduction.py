"""Who answers, that it is not for emergencies, and where the data goes: said once, at the start.

No feature of its own: registration and the contact card say the same things with it.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from bot.context import Desk
from bot.domain.roster import Area, EmergencyNumber
from bot.domain.routing import NobodyReachable, route
from bot.texts import Words
from handlers.menus import menu


async def introduce(desk: Desk, *, area: Area | None = None, notes: Sequence[Markup] = ()) -> None:
    """The first contact, once for everybody; with ``area`` also who is responsible there, and
    ``notes`` on how that came about."""
    person = desk.visitor.person
    if person is None or person.introduced_at is None:
        desk.transaction.people.set_introduced(desk.chat_id, desk.now)
        await _send(desk, [_opening(desk), _data_notice(desk)], area, notes)
    elif area is not None:
        await _send(desk, [], area, notes)


async def introduce_again(desk: Desk) -> None:
    """Everything that was said at first, for somebody who can only now read it."""
    await _send(desk, [_opening(desk), _data_notice(desk)], desk.area, ())


async def your_officer(desk: Desk) -> None:
    """Who answers, and that writing is enough."""
    if desk.area is not None:
        await _send(desk, [], desk.area, ())


async def _send(
    desk: Desk, parts: Sequence[Markup], area: Area | None, notes: Sequence[Markup]
) -> None:
    _ = desk.words
    parts = [*parts, *notes]
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
    lines = [
        Markup("<b>{}</b>").format(station),
        _("Here you write to the community officer of your area. People answer, not machines."),
        _("This is not for emergencies. In danger, call:"),
        escape(_first_number(desk, desk.words)),
    ]
    return Markup("\n").join(lines)


def emergency_lines(desk: Desk, words: Words) -> Markup:
    """The first number to call, alone on its line: people tap it, and it must stand out."""
    _ = words
    return Markup("{}\n{}").format(_("In danger? Call now:"), _first_number(desk, words))


def emergency_numbers(desk: Desk, words: Words) -> Markup:
    """Every number of the roster in its order, each alone on its line, and that nobody comes by
    itself."""
    _ = words
    numbers = [_number(desk, each, words) for each in desk.roster.station.emergency]
    return Markup("\n\n").join([_("<b>Nobody is coming unless you call.</b>"), *numbers])


def _number(desk: Desk, emergency: EmergencyNumber, words: Words) -> Markup:
    _ = words
    kind = {
        "police": _("Police"),
        "fire": _("Fire brigade"),
        "ambulance": _("Ambulance"),
        "traffic": _("Traffic accident"),
        "other": _("Other help"),
    }[str(emergency.kind)]
    how = _("{kind}, by text message:") if emergency.by == "sms" else _("{kind}:")
    lines = [how.format(kind=kind), escape(words.telephone(emergency.number))]
    if emergency.note:
        lines.append(escape(desk.name_of(emergency.note, words)))
    return Markup("\n").join(lines)


def _first_number(desk: Desk, words: Words) -> str:
    numbers = desk.roster.station.emergency
    return words.telephone(next(each.number for each in numbers if each.by == "call"))


def _data_notice(desk: Desk) -> Markup:
    _ = desk.words
    return _(
        "What you write goes through Telegram, abroad and not end-to-end encrypted, to your officer"
        " and the station. Do not send copies of identity documents."
    )


async def officer_words(desk: Desk, area: Area) -> Markup:
    """Who is responsible in ``area`` and can be reached now."""
    _ = desk.words
    place = desk.name_of(area.name, desk.words)
    found = route(
        desk.roster,
        area.code,
        owner_code=None,
        officers=await desk.transaction.officers.states(),
        tried=frozenset(),
    )
    officer = None if isinstance(found, NobodyReachable) else desk.roster.officer(found.code)
    if officer is None:
        return _nobody(desk, place)
    text = (
        _("Your area: <b>{area}</b>\nYour officer: <b>{name}</b>, badge {badge}")
        if officer in desk.roster.usual_officers(area.code)
        else _("Your area: <b>{area}</b>\nAnswering for your officer now: <b>{name}</b>,"
               " badge {badge}")
    )  # fmt: skip
    return text.format(
        area=place, name=desk.name_of(officer.name, desk.words), badge=officer.badge or "–"
    )


def _nobody(desk: Desk, place: str) -> Markup:
    _ = desk.words
    return _(
        "Your area: <b>{area}</b>\nNobody at the station can be reached here right now. What you"
        " write is kept for the first who can. You can also call:\n{hotline}"
    ).format(area=place, hotline=desk.words.telephone(desk.roster.station.hotline))
