"""Bulletins: what the station publishes reaches whom it concerns, once, in their language."""

from __future__ import annotations

from bot.context import (
    EVERYBODY,
    RESIDENTS,
    SCHEDULES,
    Answer,
    Arrived,
    Button,
    Command,
    Feature,
    Noticed,
)
from handlers.bulletins import (
    approving,
    audience,
    correcting,
    delivering,
    going_out,
    reading,
    week,
    writing,
)
from handlers.bulletins.drafts import AUTHORS
from handlers.bulletins.second_person import APPROVERS

FEATURE = Feature(
    name="bulletins",
    routes=(
        Command("bulletin", writing.ask_kind, AUTHORS),
        Button("bulletins", "kind", writing.choose_kind, AUTHORS),
        Button("bulletins", "draft", writing.back_to_draft, AUTHORS),
        Button("bulletins", "text", writing.ask_text, AUTHORS),
        Button("bulletins", "languages", writing.show_languages, AUTHORS),
        Button("bulletins", "pictures", writing.ask_pictures, AUTHORS),
        Button("bulletins", "audience", audience.show_audience, AUTHORS),
        Button("bulletins", "severity", writing.turn_severity, AUTHORS),
        Button("bulletins", "discard", writing.discard, AUTHORS),
        Button("bulletins", "preview", approving.preview, AUTHORS),
        Button("bulletins", "submit", approving.submit, AUTHORS),
        Button("bulletins", "change", approving.change, AUTHORS),
        Button("bulletins", "approve", approving.approve, APPROVERS),
        Button("bulletins", "reject", approving.reject, APPROVERS),
        Button("bulletins", "send", going_out.send_now, AUTHORS),
        Button("bulletins", "pause", going_out.pause, AUTHORS),
        Button("bulletins", "resume", going_out.resume, AUTHORS),
        Button("bulletins", "stop", going_out.stop, AUTHORS),
        Button("bulletins", "late", week.send_late, APPROVERS),
        Button("bulletins", "skip", week.skip, APPROVERS),
        Button("bulletins", "recall", going_out.ask_recall, AUTHORS),
        Button("bulletins", "recalled", going_out.recall, AUTHORS),
        Button("bulletins", "correct", correcting.ask_language, AUTHORS),
        Button("bulletins", "retext", correcting.ask_text, AUTHORS),
        Button("bulletins", "hand_in", correcting.hand_in, AUTHORS),
        Button("bulletins", "accept", correcting.accept, APPROVERS),
        Button("bulletins", "solved", correcting.follow_up, AUTHORS),
        Answer(correcting.CORRECTION, correcting.take_text, AUTHORS),
        Button("bulletins", "report", going_out.report, AUTHORS),
        Command("bulletins", reading.show_archive, EVERYBODY),
        Button("bulletins", "older", reading.turn_page, EVERYBODY),
        Button("bulletins", "open", reading.open_one, EVERYBODY),
        Button("bulletins", "read", reading.read, EVERYBODY),
        Noticed(reading.note_question, RESIDENTS, reading.is_reply),
        Answer(writing.TEXT, writing.take_text, AUTHORS),
        Arrived("message", writing.take_picture, AUTHORS, writing.brings_picture),
    ),
    timers={
        delivering.PREPARE: delivering.prepare,
        delivering.FEED: delivering.feed,
        SCHEDULES: week.look_at_schedules,
        week.WEEK: week.issue,
        week.REMIND: week.remind,
    },
)
