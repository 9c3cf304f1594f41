"""A wrong text that went out is changed in everybody's chat, after a second person's yes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from telegram import InlineKeyboardMarkup

from bot.context import Desk
from bot.domain.bulletins import Bulletin, Severity, Version
from bot.texts import language_name
from handlers.bulletins.delivering import OUT, go_on, hold_back, look_for_newcomers
from handlers.bulletins.drafts import (
    bulletin_of_press,
    button,
    mark_of,
    steered_by_press,
)
from handlers.bulletins.progress import show_progress
from handlers.bulletins.second_person import ask_second, name_in, second_persons
from handlers.bulletins.writing import ask, ask_first_text, ask_text_in, text_of_answer
from storage.bulletins import BulletinOnFile

#: The question for a corrected text.
CORRECTION = "bulletins.correction"
#: Under this and the language a text waits in the bulletin's fields for its yes.
_WAITING = "new:"


async def ask_language(desk: Desk) -> None:
    """*Correct*: in which language?"""
    found = await steered_by_press(desk, *OUT)
    if found is None:
        return
    await desk.answer_press()
    _, number = desk.words, found.bulletin.number
    rows = [
        [button(language_name(each), "retext", number, each)]
        for each in desk.roster.station.languages
    ]
    await desk.bot.send_message(
        desk.chat_id,
        _("Notice {number}: which text is wrong?").format(number=number),
        reply_markup=InlineKeyboardMarkup(rows),
    )


async def ask_text(desk: Desk) -> None:
    """A language was chosen: the right text is asked for."""
    found = await steered_by_press(desk, *OUT)
    language = desk.argument(1)
    if found is None:
        return
    await desk.answer_press()
    if language in desk.roster.station.languages:
        data = {"number": found.bulletin.number, "language": language}
        await ask(desk, ask_text_in(language, desk.words), kind=CORRECTION, data=data)


async def take_text(desk: Desk) -> None:
    """The right text came: it waits until a second person has read it."""
    dialogue = desk.visitor.dialogue
    text = await text_of_answer(desk)
    if dialogue is None or text is None:
        return
    found = await desk.transaction.bulletins.find(dialogue.data["number"])
    if found is None:
        return
    bulletin = found.bulletin
    fields = {**bulletin.fields, f"{_WAITING}{dialogue.data['language']}": text}
    desk.transaction.bulletins.set_fields(bulletin.number, fields)
    desk.transaction.dialogues.end(dialogue.id)
    _ = desk.words
    rows = [
        [button(_.plain("✔ Hand in"), "hand_in", bulletin.number)],
        [button(_.plain("✏ Another language"), "correct", bulletin.number)],
    ]
    await desk.bot.send_message(
        desk.chat_id,
        _("A second person reads it, then it changes in every chat."),
        reply_markup=InlineKeyboardMarkup(rows),
    )


def _waiting(bulletin: Bulletin) -> Mapping[str, Version]:
    return {
        name.removeprefix(_WAITING): Version(name.removeprefix(_WAITING), text)
        for name, text in bulletin.fields.items()
        if name.startswith(_WAITING)
    }


def _mark(bulletin: Bulletin) -> str:
    """Stands for exactly these texts in a button: a yes to others counts for nothing."""
    texts = sorted((each.language, each.text) for each in _waiting(bulletin).values())
    return mark_of(texts)


async def hand_in(desk: Desk) -> None:
    """The corrected texts go to the second persons."""
    found = await steered_by_press(desk, *OUT)
    if found is None:
        return
    _, number = desk.words, found.bulletin.number
    if not _waiting(found.bulletin):
        await _say_moved_on(desk)
        return
    corrector = desk.visitor.officer or ""
    second = await second_persons(desk, corrector)
    if not second:
        text = _.plain("Nobody who could read it first can be reached now.")
        await desk.answer_press(text, is_alert=True)
        return
    fields = {**found.bulletin.fields, "corrector": corrector}
    desk.transaction.bulletins.set_fields(number, fields)
    await desk.answer_press()
    shown = replace(found.bulletin, author=corrector, versions=_waiting(found.bulletin))
    yes, no = (("accept", number, _mark(found.bulletin)), ("refuse", number, _mark(found.bulletin)))
    for chat_id in second:
        await ask_second(desk, shown, chat_id, yes, no)
    await desk.bot.edit_message_text(
        _("A second person looks at it."),
        chat_id=desk.chat_id,
        message_id=desk.message.message_id,
    )


async def _say_moved_on(desk: Desk) -> None:
    text = desk.words.plain("This has moved on. Please use the newest message.")
    await desk.answer_press(text, is_alert=True)


async def accept(desk: Desk) -> None:
    """A second person says yes: whoever has the old text gets the new one in its place."""
    found = await _asked_about(desk)
    if found is None:
        return
    await _replace_texts(desk, found)
    await _decided(desk, desk.words("Approved."))
    corrector = found.bulletin.fields.get("corrector", "")
    await _tell(desk, corrector, found.bulletin.number, is_yes=True)


async def refuse(desk: Desk) -> None:
    """A second person says no: the old text stays, and whoever corrected it knows."""
    found = await _asked_about(desk)
    if found is None:
        return
    number, corrector = found.bulletin.number, found.bulletin.fields.get("corrector", "")
    desk.transaction.bulletins.set_fields(number, _without_correction(found.bulletin))
    await _decided(desk, desk.words("Sent back."))
    await _tell(desk, corrector, number, is_yes=False)


async def _asked_about(desk: Desk) -> BulletinOnFile | None:
    """The bulletin whose correction whoever pressed may decide now; else None, and the press is
    answered."""
    found = await bulletin_of_press(desk)
    _ = desk.words
    if found is None or not _may_accept(desk, found):
        await _say_moved_on(desk)
        return None
    if found.bulletin.fields.get("corrector") == desk.visitor.officer:
        text = _.plain("A second person must approve it, not the author.")
        await desk.answer_press(text, is_alert=True)
        return None
    return found


async def _decided(desk: Desk, text: str) -> None:
    await desk.answer_press()
    await desk.bot.edit_message_text(text, chat_id=desk.chat_id, message_id=desk.message.message_id)


async def _tell(desk: Desk, corrector: str, number: int, *, is_yes: bool) -> None:
    """Whoever corrected it hears what became of it, unless they have left."""
    state = (await desk.transaction.officers.states()).get(corrector)
    if state is None or state.chat_id is None:
        return
    words = await desk.words_of(state.chat_id)
    _, name = words, name_in(desk, desk.officer, words)
    text = _("{name} sends your correction of notice {number} back. The old text stays.")
    rows = [[button(_.plain("✏ Correct"), "correct", number)]]
    if is_yes:
        text = _("{name} has approved your correction of notice {number}. Every chat gets it now.")
        rows = [[button(_.plain("📊 Figures"), "report", number)]]
    await desk.bot.send_message(
        state.chat_id,
        text.format(name=name, number=number),
        reply_markup=InlineKeyboardMarkup(rows),
    )


def _may_accept(desk: Desk, found: BulletinOnFile) -> bool:
    bulletin = found.bulletin
    is_the_same = desk.argument(1) == _mark(bulletin) and bool(_waiting(bulletin))
    return is_the_same and bulletin.state in OUT


def _without_correction(bulletin: Bulletin) -> Mapping[str, str]:
    return {
        name: text
        for name, text in bulletin.fields.items()
        if not name.startswith(_WAITING) and name != "corrector"
    }


async def _replace_texts(desk: Desk, found: BulletinOnFile) -> None:
    bulletins, number = desk.transaction.bulletins, found.bulletin.number
    for version in _waiting(found.bulletin).values():
        bulletins.set_version(number, version)
    bulletins.set_fields(number, _without_correction(found.bulletin))
    bulletins.revise(number)
    await hold_back(desk, number)
    revised = await bulletins.find(number)
    if revised is not None:
        go_on(desk, revised)
        look_for_newcomers(desk, revised)
        await show_progress(desk, revised)


async def follow_up(desk: Desk) -> None:
    """*Settled*: a draft for exactly those who received this one."""
    found = await steered_by_press(desk, *OUT)
    officer = desk.officer
    if found is None or officer is None:
        return
    await desk.answer_press()
    number = await desk.transaction.bulletins.open(
        kind=found.bulletin.kind,
        author=officer.code,
        author_chat_id=desk.chat_id,
        room=found.bulletin.room,
        severity=Severity.NOTICE,
        now=desk.now,
        follows=found.bulletin.number,
    )
    await ask_first_text(desk, number)
