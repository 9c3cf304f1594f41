"""Whom a bulletin is for: areas, languages and businesses to tick."""

from __future__ import annotations

from telegram import InlineKeyboardMarkup

from bot.context import Desk
from bot.domain.bulletins import Audience, State
from bot.texts import language_name
from handlers.bulletins.drafts import argument, button, draft_of_press

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
    chosen = _toggled(desk, found.bulletin.audience)
    if chosen != found.bulletin.audience:
        desk.transaction.bulletins.set_audience(found.bulletin.number, chosen)
    await desk.bot.edit_message_reply_markup(
        desk.chat_id,
        desk.message.message_id,
        reply_markup=_audience_buttons(desk, found.bulletin.number, chosen),
    )


def _toggled(desk: Desk, audience: Audience) -> Audience:
    what, value = argument(desk, 1), argument(desk, 2)
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
