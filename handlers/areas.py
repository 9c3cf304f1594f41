"""The question *where?*: the list of areas, a page or a level of the tree at a time.

No feature of its own: registration asks it, and a change of language asks it again.
"""

from __future__ import annotations

from collections.abc import Iterable

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.context import Desk, button_data
from bot.domain.registration import AreaPage, ListedArea, page_of_areas
from bot.domain.roster import Area
from bot.texts import language_name

#: A button with more characters than this is cut off on a small phone.
LANGUAGES_LENGTH = 30

Row = list[InlineKeyboardButton]


async def ask_area(desk: Desk, *, is_message_kept: bool = False) -> None:
    """Ask where, with the first page of the list and the way to another language."""
    _ = desk.words
    text = (
        _("Your message is kept. In which area is it? Choose one, search, or share your location.")
        if is_message_kept
        else _("In which area do you live or work? Choose one, search, or share your location.")
    )
    await desk.bot.send_message(desk.chat_id, text, reply_markup=area_list(desk))


def area_list(desk: Desk, around: str = "", number: int = 0) -> InlineKeyboardMarkup:
    """One page of the areas inside ``around`` (a code; empty: the whole station's), with the ways
    on (search), back (up the tree, or staying where one is) and to another language."""
    page = page_of_areas(desk.roster, around, number)
    rows = [*_outer_rows(desk, page), *([_line(desk, listed)] for listed in page.areas)]
    rows += [row for row in (_turns(page), _up(desk, page)) if row]
    rows.append([search_button(desk)])
    rows.append([stay_button(desk) if desk.area is not None else _language_button(desk)])
    return InlineKeyboardMarkup(rows)


def choices(desk: Desk, areas: Iterable[Area], *more: InlineKeyboardButton) -> InlineKeyboardMarkup:
    """A few areas to choose from, the whole list, and what else is on offer."""
    _ = desk.words
    rows = [[choice(desk, area)] for area in areas]
    rows += [[button] for button in more]
    rows.append([InlineKeyboardButton(_.plain("☰ All areas"), callback_data=_page_data("", 0))])
    return InlineKeyboardMarkup(rows)


def choice(desk: Desk, area: Area, mark: str = "") -> InlineKeyboardButton:
    """The button that chooses an area."""
    return InlineKeyboardButton(
        mark + desk.name_of(area.name, desk.words), callback_data=_data("choose", area.code)
    )


def search_button(desk: Desk) -> InlineKeyboardButton:
    """The way to the search question."""
    _ = desk.words
    return InlineKeyboardButton(_.plain("🔍 Search by name"), callback_data=_data("search"))


def stay_button(desk: Desk) -> InlineKeyboardButton:
    """The way back for somebody who has an area already."""
    _ = desk.words
    return InlineKeyboardButton(_.plain("✖ Stay in my area"), callback_data=_data("stay"))


def _data(action: str, *arguments: object) -> str:
    return button_data("registration", action, *arguments)


def _page_data(around: str, number: int) -> str:
    return _data("page", around, number)


def _outer_rows(desk: Desk, page: AreaPage) -> list[Row]:
    """Inside an area, that area as a whole comes first."""
    return [[choice(desk, page.around, "✔ ")]] if page.around is not None else []


def _line(desk: Desk, listed: ListedArea) -> InlineKeyboardButton:
    if not listed.opens:
        return choice(desk, listed.area, "– " * listed.depth)
    return InlineKeyboardButton(
        f"{desk.name_of(listed.area.name, desk.words)} …",
        callback_data=_page_data(listed.area.code, 0),
    )


def _turns(page: AreaPage) -> Row:
    around = page.around.code if page.around is not None else ""
    turns = []
    if page.number > 0:
        turns.append(InlineKeyboardButton("◀", callback_data=_page_data(around, page.number - 1)))
    if page.number < page.last:
        turns.append(InlineKeyboardButton("▶", callback_data=_page_data(around, page.number + 1)))
    return turns


def _up(desk: Desk, page: AreaPage) -> Row:
    if page.around is None:
        return []
    _ = desk.words
    data = _page_data(page.around.parent, 0)
    return [InlineKeyboardButton(_.plain("↑ Back"), callback_data=data)]


def _language_button(desk: Desk) -> InlineKeyboardButton:
    """Every language in its own name: who cannot read the question can read this."""
    names = " · ".join(language_name(each) for each in desk.roster.station.languages)
    label = f"🌐 {names}"
    return InlineKeyboardButton(
        label if len(label) <= LANGUAGES_LENGTH else f"{label[: LANGUAGES_LENGTH - 1]}…",
        callback_data=button_data("languages", "ask"),
    )
