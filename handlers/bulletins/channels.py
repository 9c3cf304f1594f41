"""Without this module whoever reads the quarter's channel, and not the bot, would learn nothing."""

from __future__ import annotations

from telegram import InlineKeyboardMarkup

from bot.context import Desk
from bot.domain.bulletins import Bulletin, Recipient
from handlers.bulletins.drafts import button
from storage.bulletins import BulletinOnFile, Delivery
from storage.timers import Timer

#: Set when a channel takes a bulletin no more, or never did.
NOT_POSTED = "bulletins.not_posted"


def is_channel(delivery: Delivery) -> bool:
    """Whether a delivery goes to a channel or group: their ids are below zero."""
    return delivery.recipient.chat_id < 0


def channels_for(desk: Desk, bulletin: Bulletin) -> list[int]:
    """The channels and groups of the areas it is for, each once; a notice for businesses only is
    none for the public."""
    audience = bulletin.audience
    if audience.is_for_businesses_only:
        return []
    return sorted({
        area.channel
        for area in desk.roster.areas
        if area.channel is not None
        and (
            not audience.areas
            or any(up.code in audience.areas for up in desk.roster.path_up(area.code))
        )
    })  # fmt: skip


def write_channels(desk: Desk, found: BulletinOnFile) -> None:
    """They come before all people, once, in the station's language or the first it is for."""
    bulletin, languages = found.bulletin, desk.roster.station.languages
    wanted = [each for each in languages if each in bulletin.audience.languages]
    language = wanted[0] if wanted else desk.own_language
    channels = channels_for(desk, bulletin)
    desk.transaction.deliveries.write(
        bulletin.number, [Recipient(each, language, area=None) for each in channels]
    )
    desk.transaction.bulletins.prepared_to(bulletin.number, 0, count=len(channels))


async def tell_not_posted(desk: Desk, timer: Timer) -> None:
    """`NOT_POSTED`: the author hears that a channel did not take it, and whose it is."""
    number, _colon, chat = timer.key.partition(":")
    found = await desk.transaction.bulletins.find(int(number))
    if found is None or desk.roster.officer(found.bulletin.author) is None:
        return
    words = await desk.words_of(found.author_chat_id)
    _ = words
    areas = [each for each in desk.roster.areas if each.channel == int(chat)]
    names = words.series([desk.name_of(each.name, words) for each in areas]) or chat
    await desk.bot.send_message(
        found.author_chat_id,
        _("The channel of {area} did not take notice {number}. Is the bot still an administrator"
          " there?").format(area=names, number=number),
        reply_markup=InlineKeyboardMarkup([[button(_.plain("📊 Figures"), "report", number)]]),
    )  # fmt: skip
