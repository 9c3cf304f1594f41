"""Whom a bulletin is for: areas, languages and businesses to tick."""

from __future__ import annotations

from dataclasses import replace
from math import ceil

from markupsafe import Markup
from telegram import InlineKeyboardMarkup

from bot.context import Desk
from bot.domain.bulletins import Audience, Bulletin, State, concerns
from bot.texts import Words, language_name
from handlers.bulletins.channels import channels_for
from handlers.bulletins.drafts import audience_line, button, draft_of_press

#: People looked at for the number of those who would get it, and at once: 50 ms of the database.
COUNTED, LOOKED_AT = 8_000, 1_000
#: Telegram takes 100 buttons; the areas beyond these are inside one of them or reached by "all".
AREAS_SHOWN = 80
#: Buttons in a row that a phone can show.
LANGUAGES_SHOWN = 8


async def show_audience(desk: Desk) -> None:
    """Areas, languages and businesses to tick, with the number of people."""
    found = await draft_of_press(desk, State.DRAFT)
    if found is None:
        return
    await desk.answer_press()
    _ = desk.words
    chosen = _toggled(desk, found.bulletin.audience)
    if chosen != found.bulletin.audience:
        desk.transaction.bulletins.set_audience(found.bulletin.number, chosen)
    shown = replace(found.bulletin, audience=chosen)
    lines = [
        _("For: {audience}").format(audience=audience_line(desk, shown, desk.words)),
        await reach(desk, shown, desk.words),
    ]
    await desk.bot.edit_message_text(
        Markup("\n").join(lines),
        chat_id=desk.chat_id,
        message_id=desk.message.message_id,
        reply_markup=_audience_buttons(desk, found.bulletin.number, chosen),
    )


async def reach(desk: Desk, bulletin: Bulletin, words: Words) -> Markup:
    """How many people would get it now, as far as one look may count, and what that costs: every
    picture is a message of its own."""
    count, is_all = await _counted(desk, bulletin)
    _ = words
    items = 1 + len(bulletin.pictures)
    minutes = ceil(count * items / desk.bulk_per_second / 60)
    people = _.many("{count} person", "{count} people", count).format(count=count)
    if not is_all:
        people = _("More than {count} people").format(count=count)
    channels = channels_for(desk, bulletin)
    lines = [
        people,
        *([_("Channels and groups: {count}").format(count=len(channels))] if channels else []),
        _("Messages to each: {items}").format(items=items),
        _lasts(minutes, words),
    ]
    return Markup("\n").join(lines)


def _lasts(minutes: int, words: Words) -> Markup:
    _ = words
    return _.many(
        "Sending takes about {count} minute.", "Sending takes about {count} minutes.", minutes
    ).format(count=minutes)


async def _counted(desk: Desk, bulletin: Bulletin) -> tuple[int, bool]:
    """How many would get it, and whether everybody was looked at."""
    if bulletin.follows is not None:
        return (await desk.transaction.deliveries.counts(bulletin.follows)).sent, True
    count = after = looked_at = 0
    while looked_at < COUNTED:
        people = await desk.transaction.subscriptions.recipients(after=after, limit=LOOKED_AT)
        count += sum(
            concerns(bulletin.audience, bulletin.kind.value, each, desk.roster) for each in people
        )
        looked_at += len(people)
        if len(people) < LOOKED_AT:
            return count, True
        after = people[-1].chat_id
    return count, False


def _toggled(desk: Desk, audience: Audience) -> Audience:
    what, value = desk.argument(1), desk.argument(2)
    areas, languages = audience.areas, audience.languages
    is_for_businesses = audience.is_for_businesses_only
    if what == "area" and desk.roster.area(value) is not None:
        areas ^= {value}
    elif what == "language" and value in desk.roster.station.languages:
        languages ^= {value}
    elif what == "business":
        is_for_businesses = not is_for_businesses
    return Audience(areas, languages, is_for_businesses_only=is_for_businesses)


def _audience_buttons(desk: Desk, number: int, audience: Audience) -> InlineKeyboardMarkup:
    _ = desk.words

    def tick(is_chosen: bool, name: str) -> str:
        return f"✔ {name}" if is_chosen else name

    rows = [
        [
            button(
                tick(area.code in audience.areas, desk.name_of(area.name, desk.words)),
                "audience", number, "area", area.code,
            )
        ]
        for area in desk.roster.areas[:AREAS_SHOWN]
    ]  # fmt: skip
    rows.append(
        [
            button(
                tick(each in audience.languages, language_name(each)),
                "audience", number, "language", each,
            )
            for each in desk.roster.station.languages[:LANGUAGES_SHOWN]
        ]
    )  # fmt: skip
    business = tick(audience.is_for_businesses_only, _.plain("businesses only"))
    rows.append([button(business, "audience", number, "business")])
    rows.append([button(_.plain("◀ Back"), "draft", number)])
    return InlineKeyboardMarkup(rows)
