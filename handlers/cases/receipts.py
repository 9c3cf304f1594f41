"""The receipt: one message in the resident's chat that says where the matter stands."""

from __future__ import annotations

from dataclasses import replace

from bot.context import Desk
from bot.delivery.outbox import promise_of
from bot.domain.cases import Case, CaseState, CopyKind, Stage, is_further
from handlers.cases.wording import receipt
from storage.timers import Timer


async def tell_receipt(desk: Desk, case: Case) -> None:
    """Send a case's receipt."""
    words = await desk.words_of(case.resident_chat_id)
    sent = await desk.bot.send_message(case.resident_chat_id, receipt(desk, case, words))
    promise = promise_of(sent.message_id)
    desk.transaction.cases.note_receipt(case.number, promise)
    desk.transaction.copies.note(
        promise=promise,
        case_number=case.number,
        chat_id=case.resident_chat_id,
        kind=CopyKind.RECEIPT,
    )


async def update_receipt(desk: Desk, case: Case) -> None:
    """Edit the receipt in place so that it says what is true now."""
    if case.receipt is None:
        return
    words = await desk.words_of(case.resident_chat_id)
    await desk.bot.edit_message_text(
        receipt(desk, case, words), chat_id=case.resident_chat_id, message_id=-case.receipt
    )


async def go_further(desk: Desk, case: Case, stage: Stage) -> Case:
    """Advance the stage if that says more than before, and the receipt with it."""
    if not is_further(stage, case.stage):
        return case
    if not await desk.transaction.cases.advance(case.number, stage, from_stage=case.stage):
        return case
    further = replace(case, stage=stage)
    await update_receipt(desk, further)
    return further


async def copy_sent(desk: Desk, timer: Timer) -> None:
    """``cases.sent``: something is on the phone of this owner, who may be another one by now."""
    number, _, owner_chat_id = timer.key.partition(":")
    case = await desk.transaction.cases.find(int(number))
    if case is None or case.state is not CaseState.OPEN:
        return
    if str(case.owner_chat_id) == owner_chat_id:
        await go_further(desk, case, Stage.SENT)
