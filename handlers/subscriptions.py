"""Without this module whoever gets too many notices could only block us, and lose the officer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import time

from markupsafe import Markup
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.context import RESIDENTS, Button, Command, Desk, Feature, button_data
from bot.domain.bulletins import Kind, QuietHours, Recipient, Subscription
from bot.texts import Words

#: Quiet hours that can be chosen, in the order of presses; the first is what everybody has who
#: never chose, the last is none at all.
QUIET_HOURS = (
    QuietHours(),
    QuietHours(time(20), time(8)),
    QuietHours(time(23), time(6)),
    QuietHours(time(0), time(0)),
)
#: Areas on a page: what a phone shows without scrolling.
AREAS_SHOWN = 10


async def show(desk: Desk) -> None:
    """``/alerts``, or the button under a notice: what comes, and what can be changed."""
    await desk.answer_press()
    text, markup = _shown(desk, await _wishes(desk))
    await desk.bot.send_message(desk.chat_id, text, reply_markup=markup)


async def _wishes(desk: Desk) -> Recipient:
    found = await desk.transaction.subscriptions.recipient(desk.chat_id)
    return Recipient(desk.chat_id, desk.words.language, None) if found is None else found


async def _change(desk: Desk, change: Callable[[Recipient], Recipient]) -> Recipient:
    """File what is wanted from now on; what that is."""
    wishes = change(await _wishes(desk))
    desk.transaction.subscriptions.set(
        desk.chat_id, wishes.subscription, is_business=wishes.is_business
    )
    await desk.answer_press()
    return wishes


async def _change_and_show(desk: Desk, change: Callable[[Subscription], Subscription]) -> None:
    wishes = await _change(
        desk, lambda before: replace(before, subscription=change(before.subscription))
    )
    await _edit(desk, wishes)


async def _edit(desk: Desk, wishes: Recipient) -> None:
    text, markup = _shown(desk, wishes)
    await desk.bot.edit_message_text(
        text, chat_id=desk.chat_id, message_id=desk.message.message_id, reply_markup=markup
    )


async def turn(desk: Desk) -> None:
    """All notices off, or on again."""
    await _change_and_show(desk, lambda before: replace(before, is_on=not before.is_on))


async def turn_kind(desk: Desk) -> None:
    """One kind off, or on again."""
    kind = desk.argument(0)
    known = frozenset({kind}) & frozenset(Kind)
    await _change_and_show(desk, lambda before: replace(before, kinds_off=before.kinds_off ^ known))


async def turn_quiet(desk: Desk) -> None:
    """The next of the quiet hours."""
    await _change_and_show(desk, lambda before: replace(before, quiet=_next_quiet(before.quiet)))


def _next_quiet(hours: QuietHours | None) -> QuietHours:
    present = QUIET_HOURS.index(hours) if hours in QUIET_HOURS else 0
    return QUIET_HOURS[(present + 1) % len(QUIET_HOURS)]


async def turn_business(desk: Desk) -> None:
    """A shop or an organisation, or not."""
    wishes = await _change(desk, lambda before: replace(before, is_business=not before.is_business))
    await _edit(desk, wishes)


async def back(desk: Desk) -> None:
    """From the areas back to everything."""
    await desk.answer_press()
    await _edit(desk, await _wishes(desk))


# --- other areas


async def show_areas(desk: Desk) -> None:
    """A page of the areas besides one's own: family elsewhere, a shop in another street."""
    await desk.answer_press()
    await _edit_areas(desk, await _wishes(desk), _page(desk.argument(0)))


async def turn_area(desk: Desk) -> None:
    """One more area, or one less."""
    code = desk.argument(0)
    known = frozenset({code}) if desk.roster.area(code) is not None else frozenset()
    wishes = await _change(desk, lambda before: replace(
        before,
        subscription=replace(before.subscription, areas=before.subscription.areas ^ known),
    ))  # fmt: skip
    await _edit_areas(desk, wishes, _page(desk.argument(1)))


def _page(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


async def _edit_areas(desk: Desk, wishes: Recipient, page: int) -> None:
    areas = [each for each in desk.roster.areas if each.code != wishes.area]
    first = min(page, max(len(areas) - 1, 0) // AREAS_SHOWN) * AREAS_SHOWN
    rows = [
        [
            _button(
                _tick(each.code in wishes.subscription.areas, desk.name_of(each.name, desk.words)),
                "area", each.code, first // AREAS_SHOWN,
            )
        ]
        for each in areas[first : first + AREAS_SHOWN]
    ]  # fmt: skip
    turns = []
    if first:
        turns.append(_button("◀", "areas", first // AREAS_SHOWN - 1))
    if first + AREAS_SHOWN < len(areas):
        turns.append(_button("▶", "areas", first // AREAS_SHOWN + 1))
    rows += [turns] if turns else []
    rows.append([_button(desk.words.plain("◀ Back"), "back")])
    await desk.bot.edit_message_reply_markup(
        desk.chat_id, desk.message.message_id, reply_markup=InlineKeyboardMarkup(rows)
    )


# --- what is shown


def _button(text: str, action: str, *arguments: object) -> InlineKeyboardButton:
    return InlineKeyboardButton(
        text, callback_data=button_data("subscriptions", action, *arguments)
    )


def _tick(is_chosen: bool, name: str) -> str:
    return f"✔ {name}" if is_chosen else f"– {name}"


def _shown(desk: Desk, wishes: Recipient) -> tuple[Markup, InlineKeyboardMarkup]:
    _ = desk.words
    wanted = wishes.subscription
    if not wanted.is_on:
        rows = [[_button(_.plain("🔔 Turn notices on"), "turn")]]
        return _("No safety notice comes here, not even in danger."), InlineKeyboardMarkup(rows)
    areas = [desk.roster.area(code) for code in (wishes.area or "", *sorted(wanted.areas))]
    names = [desk.name_of(area.name, desk.words) for area in areas if area is not None]
    lines = [
        _("These safety notices come here. Press what you want to change."),
        _("Areas: {areas}").format(areas=desk.words.series(names) or "–"),
        _quiet_line(wanted.quiet or QUIET_HOURS[0], desk.words),
    ]
    return Markup("\n").join(lines), InlineKeyboardMarkup(_rows(wishes, desk.words))


def _quiet_line(hours: QuietHours, words: Words) -> Markup:
    _ = words
    if hours.start == hours.end:
        return _("They always ring.")
    return _("Silent from {start} to {end}; only danger rings.").format(
        start=f"{hours.start:%H:%M}", end=f"{hours.end:%H:%M}"
    )


def _rows(wishes: Recipient, words: Words) -> list[list[InlineKeyboardButton]]:
    _, off = words, wishes.subscription.kinds_off
    kinds = {
        Kind.INCIDENT: _.plain("This week in your area"),
        Kind.SOLVED: _.plain("Solved this week"),
        Kind.TIPS: _.plain("Prevention tips"),
        Kind.ALERT: _.plain("Alerts, at once"),
    }
    rows = [
        [_button(_tick(kind.value not in off, name), "kind", kind.value)]
        for kind, name in kinds.items()
    ]
    rows += [
        [_button(_.plain("📍 Other areas too"), "areas", 0)],
        [_button(_.plain("🌙 Quiet hours"), "quiet")],
        [_button(_tick(wishes.is_business, _.plain("I am a shop or business")), "business")],
        [_button(_.plain("🔕 No notices at all"), "turn")],
    ]
    return rows


FEATURE = Feature(
    name="subscriptions",
    routes=(
        Command("alerts", show, RESIDENTS),
        Button("subscriptions", "show", show, RESIDENTS),
        Button("subscriptions", "turn", turn, RESIDENTS),
        Button("subscriptions", "kind", turn_kind, RESIDENTS),
        Button("subscriptions", "quiet", turn_quiet, RESIDENTS),
        Button("subscriptions", "business", turn_business, RESIDENTS),
        Button("subscriptions", "back", back, RESIDENTS),
        Button("subscriptions", "areas", show_areas, RESIDENTS),
        Button("subscriptions", "area", turn_area, RESIDENTS),
    ),
)
