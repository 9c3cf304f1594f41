"""Urgent calls: somebody of the station is asked now, one after the other, until one comes."""

from __future__ import annotations

from bot.context import (
    PAGE_COMMAND_FAILED,
    RESIDENTS,
    SHIFTS,
    STAFF,
    Button,
    Command,
    Desk,
    Feature,
    Noticed,
    Typed,
)
from handlers.call_outs import asking, hearing, page_commands, paging, taking
from handlers.menus import URGENT_WORDS


def _is_urgent(desk: Desk) -> bool:
    """A resident who has asked for somebody writes what it is about."""
    return desk.visitor.is_urgent and desk.command is None


FEATURE = Feature(
    name="call_outs",
    routes=(
        Command("urgent", asking.first_tap, RESIDENTS),
        Typed((URGENT_WORDS,), asking.first_tap, RESIDENTS),
        Button("call_outs", "urgent", asking.first_pressed, RESIDENTS),
        Button("call_outs", "page", asking.second_tap, RESIDENTS),
        Button("call_outs", "withdraw", asking.withdraw_pressed, RESIDENTS),
        Button("call_outs", "take", taking.take_pressed, STAFF),
        Button("call_outs", "give_back", taking.give_back_pressed, STAFF),
        Button("call_outs", "settled", taking.settle_pressed, STAFF),
        Button("call_outs", "heard", hearing.heard, STAFF),
        Button("call_outs", "opt", hearing.opt, STAFF),
        Command("on_call", hearing.show_on_call, STAFF),
        Noticed(asking.append, RESIDENTS, _is_urgent),
    ),
    timers={
        paging.STEP_DUE: paging.step,
        paging.OVER: paging.over,
        "call_outs.unreached": paging.unreached,
        "call_outs.request_taken": taking.request_taken,
        "call_outs.answered": taking.answered,
        "call_outs.taker_lost": taking.taker_lost,
        PAGE_COMMAND_FAILED: page_commands.command_failed,
        SHIFTS: hearing.look_at_shifts,
        hearing.SHIFT: hearing.begin_shift,
    },
)
