"""Without this module residents would go on sending ID and card numbers that nobody here needs.

What was written is delivered all the same; the writer reads, once a day, what to do instead. The
number itself is written down nowhere else and in no log.
"""

from __future__ import annotations

from telegram import ReplyParameters

from bot.context import RESIDENTS, Desk, Feature, Noticed, is_no_cry
from bot.delivery.outbox import terms
from bot.domain.private_numbers import find_private_number
from storage.outbox import Lane

#: The warning is given once a day of the station to each person: whoever has read it and sends the
#: next number knows why, and whoever has forgotten it reads it tomorrow.
_JOB = "private_numbers.warn"


def _holds_one(desk: Desk) -> bool:
    """A text or the words under a picture; a cry for help gets the numbers to call and no other
    word, and a command goes to nobody."""
    text = desk.raw_message.get("text") or desk.raw_message.get("caption")
    if not isinstance(text, str) or desk.command is not None or not is_no_cry(desk):
        return False
    return find_private_number(text, today=desk.now.astimezone(desk.zone).date()) is not None


async def warn(desk: Desk) -> None:
    """It is not needed here; where it can be shown, and what deleting does."""
    today = desk.now.astimezone(desk.zone).date()
    if not await desk.transaction.runs.claim(_JOB, f"{desk.chat_id}:{today}", desk.now):
        return
    _ = desk.words
    await desk.bot.send_message(
        desk.chat_id,
        _("🪪 This looks like the number of an identity document or a bank card. It is not needed"
          " here. Please show the document at the community police office.\n\nOtherwise your"
          " message is treated as always. You can delete it in this chat. What the station has"
          " received stays there."),
        reply_parameters=ReplyParameters(
            desk.message.message_id, allow_sending_without_reply=True
        ),
        api_kwargs=terms(lane=Lane.NOTIFICATION),
    )  # fmt: skip


FEATURE = Feature(name="private_numbers", routes=(Noticed(warn, RESIDENTS, _holds_one),))
