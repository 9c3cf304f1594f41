"""Bulletins on file: what is written, who is to get it, and what became of each delivery."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from bot.domain.bulletins import (
    Audience,
    Kind,
    QuietHours,
    Recipient,
    Severity,
    State,
    Subscription,
    Version,
)
from storage.bulletins import DeliveryCounts, Promised, Wanted
from storage.bulletins.payloads import KEPT
from storage.database import Database, Unit
from storage.outbox import PAYLOAD, Form, Lane, Promise
from storage.people import Person
from storage.transaction import Transaction

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)


def meet(unit: Unit, *chat_ids: int, language: str = "en") -> None:
    """People who wrote before."""
    for chat_id in chat_ids:
        Transaction(unit).people.meet(
            Person(
                chat_id=chat_id,
                language=language,
                name="Ana",
                area="riverside",
                phone=None,
                introduced_at=None,
                mark_explained_at=None,
                first_seen_at=NOW,
            )
        )


async def draft(unit: Unit, kind: Kind = Kind.INCIDENT) -> int:
    """A draft of officer li."""
    return await Transaction(unit).bulletins.open(
        kind=kind,
        author="li",
        author_chat_id=900001,
        room="east",
        severity=Severity.NOTICE,
        now=NOW,
    )


def promise(number: int, chat_id: int) -> Promise:
    """A promised delivery."""
    form = Form("sendMessage", {"chat_id": chat_id, PAYLOAD: "bulletin:1:en:1"})
    return Promise(id=number, chat_id=chat_id, lane=Lane.BROADCAST, form=form)


async def test_a_draft_is_filled_and_found_again(database: Database) -> None:
    """Everything an author says about a bulletin is there after a restart."""
    audience = Audience(frozenset({"riverside"}), frozenset({"en"}), is_for_businesses_only=True)
    async with database.unit() as unit:
        bulletins = Transaction(unit).bulletins
        number = await draft(unit)
        bulletins.set_version(number, Version("zh", "旧"))
        bulletins.set_version(number, Version("zh", "本周警情"))
        bulletins.set_version(number, Version("en", "This week", is_machine_made=True))
        bulletins.set_audience(number, audience)
        bulletins.set_pictures(number, ["AAA", "BBB"])
        bulletins.set_fields(number, {"counts": "3"})
        bulletins.set_severity(number, Severity.DANGER, NOW + timedelta(days=1))
        bulletins.approve(number, "wang")
        bulletins.prepared_to(number, 77, count=2)
        bulletins.took(number, 1)
        bulletins.note_progress(number, 12)
        bulletins.start(number, issue="2026-47", now=NOW)
        bulletins.end(number, NOW)
        bulletins.revise(number)
    async with database.reading() as unit:
        found = await Transaction(unit).bulletins.find(number)
        assert await Transaction(unit).bulletins.find(number + 1) is None
    assert found is not None
    assert found.bulletin.versions == {
        "zh": Version("zh", "本周警情"),
        "en": Version("en", "This week", is_machine_made=True),
    }
    assert found.bulletin.audience == audience
    assert found.bulletin.pictures == ("AAA", "BBB")
    assert found.bulletin.fields == {"counts": "3"}
    assert (found.bulletin.severity, found.bulletin.approved_by) == (Severity.DANGER, "wang")
    assert (found.prepared_to, found.progress, found.revision) == (77, 12, 2)
    assert (found.bulletin.issue, found.started_at, found.ended_at) == ("2026-47", NOW, None)


async def test_two_steps_at_once_are_one(database: Database) -> None:
    """Whoever is second is told that somebody was first; lists show where bulletins stand."""
    async with database.unit() as unit:
        bulletins = Transaction(unit).bulletins
        number, tips = await draft(unit), await draft(unit, Kind.TIPS)
        assert await bulletins.step(number, State.APPROVED, from_state=State.DRAFT)
        assert not await bulletins.step(number, State.APPROVED, from_state=State.DRAFT)
        assert await bulletins.step(tips, State.APPROVED, from_state=State.DRAFT)
        due = await bulletins.approved_for(Kind.INCIDENT)
        assert [each.bulletin.number for each in due] == [number]
        assert await bulletins.approved_for(Kind.SOLVED) == []


async def test_the_archive_holds_what_went_out(database: Database) -> None:
    """Newest first, a page at a time; drafts and what was recalled are not in it."""
    async with database.unit() as unit:
        bulletins = Transaction(unit).bulletins
        numbers = [await draft(unit) for _ in range(4)]
        for number in numbers[:3]:
            bulletins.start(number, issue=None, now=NOW)
        await bulletins.step(numbers[0], State.RECALLED, from_state=State.DRAFT)
        shown = await bulletins.published(before=100, limit=10)
        assert [each.bulletin.number for each in shown] == [numbers[2], numbers[1]]
        older = await bulletins.published(before=numbers[2], limit=10)
        assert [each.bulletin.number for each in older] == [numbers[1]]


async def test_what_somebody_wants_is_kept(database: Database) -> None:
    """On for the own area until somebody says otherwise; a stranger has said nothing."""
    wishes = Subscription(
        kinds_off=frozenset({"tips"}),
        areas=frozenset({"hillside"}),
        quiet=QuietHours(time(20), time(9)),
    )
    async with database.unit() as unit:
        subscriptions = Transaction(unit).subscriptions
        meet(unit, 7)
        assert await subscriptions.recipient(7) == Recipient(7, "en", "riverside")
        assert await subscriptions.recipient(8) is None
        subscriptions.set(7, wishes, is_business=True)
        found = await subscriptions.recipient(7)
        assert found == Recipient(7, "en", "riverside", is_business=True, subscription=wishes)


async def test_recipients_come_in_chunks(database: Database) -> None:
    """In order of chat ids, without those who cannot be reached."""
    async with database.unit() as unit:
        transaction = Transaction(unit)
        meet(unit, 9, 7, 8, 10)
        await transaction.unreachable.mark(8, "blocked", NOW)
        first = await transaction.subscriptions.recipients(after=0, limit=2)
        rest = await transaction.subscriptions.recipients(after=9, limit=2)
    assert [each.chat_id for each in first] == [7, 9]
    assert [each.chat_id for each in rest] == [10]


async def test_nobody_is_written_down_twice(database: Database) -> None:
    """A chunk that is written again after a crash changes nothing."""
    async with database.unit() as unit:
        transaction = Transaction(unit)
        meet(unit, 7, 8)
        number = await draft(unit)
        everybody = await transaction.subscriptions.recipients(after=0, limit=10)
        transaction.deliveries.write(number, everybody)
        transaction.deliveries.write(number, everybody)
        assert await transaction.deliveries.counts(number) == DeliveryCounts()
        assert await transaction.deliveries.counts(number + 1) == DeliveryCounts()
        waiting = await transaction.deliveries.next_waiting(number, limit=10)
    assert [each.recipient.chat_id for each in waiting] == [7, 8]
    assert all(each.is_reachable and each.message_id is None for each in waiting)


async def test_a_delivery_ends_with_its_promise(database: Database) -> None:
    """Sent, refused, taken back, or to a chat that takes nothing: each row says which."""
    async with database.unit() as unit:
        transaction = Transaction(unit)
        meet(unit, 1, 2, 3, 4, 5, 6)
        number = await draft(unit)
        everybody = await transaction.subscriptions.recipients(after=0, limit=10)
        transaction.deliveries.write(number, everybody)
        transaction.bulletins.prepared_to(number, 6, count=6)
        transaction.deliveries.end(number, [5], "skipped")
        transaction.bulletins.took(number, 5)
        promises = [promise(100 + chat_id, chat_id) for chat_id in (1, 2, 3, 4)]
        for each in promises:
            transaction.outbox.promise(each, NOW)
        transaction.deliveries.promised(
            number, [Promised(each.chat_id, each.id) for each in promises], revision=1
        )
        assert await transaction.deliveries.outstanding(number, limit=500) == 4
        assert await transaction.deliveries.outstanding(number, limit=3) == 3
        transaction.outbox.sent(promises[0], 55, NOW)
        transaction.outbox.failed(promises[1], "400 refused", NOW)
        transaction.outbox.cancelled(promises[2], "no sense", NOW)
        await transaction.outbox.give_up_chat(4, "403", NOW)
        counts = await transaction.deliveries.counts(number)
        assert counts == DeliveryCounts(total=6, taken=5, never=3, skipped=1)
        assert (counts.sent, counts.done) == (1, 5)
        assert await transaction.deliveries.at(1, 55) == number
        assert await transaction.deliveries.at(1, 56) is None


async def test_reading_and_asking_are_counted_once(database: Database) -> None:
    """Only by somebody who got it, and only the first time."""
    async with database.unit() as unit:
        transaction = Transaction(unit)
        meet(unit, 1, 2)
        number = await draft(unit, Kind.ALERT)
        transaction.deliveries.write(
            number, await transaction.subscriptions.recipients(after=0, limit=10)
        )
        transaction.deliveries.promised(number, [Promised(1, 101)], revision=1)
        transaction.outbox.sent(promise(101, 1), 55, NOW)
        assert await transaction.deliveries.read(number, 1, NOW)
        assert not await transaction.deliveries.read(number, 1, NOW)
        assert not await transaction.deliveries.read(number, 2, NOW)
        assert await transaction.deliveries.answered(number, 1, NOW)
        counts = await transaction.deliveries.counts(number)
        assert (counts.read, counts.answered) == (1, 1)
        assert await transaction.deliveries.complained(number, 1, NOW)
        assert not await transaction.deliveries.complained(number, 1, NOW)
        assert (await transaction.deliveries.counts(number)).complained == 1
        week = NOW - timedelta(days=7)
        assert await transaction.deliveries.notices_since([1, 2], week) == {1: 1}


async def test_a_correction_goes_to_whoever_got_the_first_text(database: Database) -> None:
    """The row waits again and knows which message to edit; a follow-up goes to the same people."""
    async with database.unit() as unit:
        transaction = Transaction(unit)
        meet(unit, 1, 2)
        number, follow_up = await draft(unit), await draft(unit, Kind.SOLVED)
        transaction.deliveries.write(
            number, await transaction.subscriptions.recipients(after=0, limit=10)
        )
        transaction.deliveries.promised(number, [Promised(1, 101)], revision=1)
        transaction.outbox.sent(promise(101, 1), 55, NOW)
        deliveries = transaction.deliveries
        assert await deliveries.write_after(follow_up, number, after=0, limit=10) == [1]
        assert await deliveries.write_after(follow_up, number, after=1, limit=10) == []
        assert await deliveries.outdated(number, revision=1, limit=10) == []
        outdated = await deliveries.outdated(number, revision=2, limit=10)
        waiting = await deliveries.next_waiting(number, limit=10)
        assert [(each.recipient.chat_id, each.message_id) for each in outdated] == [(1, 55)]
        assert [(each.recipient.chat_id, each.message_id) for each in waiting] == [(2, None)]
        deliveries.promised(number, [Promised(1, 102)], revision=2)
        assert await deliveries.outdated(number, revision=2, limit=10) == []


async def test_after_a_correction_whoever_is_missing_is_written_down(database: Database) -> None:
    """Who is new waits; who was passed over waits again, or has the older text; nobody else."""
    async with database.unit() as unit:
        transaction = Transaction(unit)
        deliveries = transaction.deliveries
        meet(unit, 1, 2, 3, 4, 5, 6)
        number = await draft(unit)
        everybody = await transaction.subscriptions.recipients(after=0, limit=10)
        assert await deliveries.write_missing(number, []) == (0, 0)
        assert await deliveries.write_missing(number, everybody[1:5]) == (4, 0)
        deliveries.end(number, [2], "skipped")
        deliveries.end(number, [3], "never")
        deliveries.promised(number, [Promised(4, 104), Promised(5, 105)], revision=1)
        transaction.outbox.sent(promise(104, 4), 54, NOW)
        transaction.outbox.sent(promise(105, 5), 55, NOW)
        deliveries.promised(number, [Promised(5, 205)], revision=2)
        transaction.outbox.failed(promise(205, 5), "403", NOW)
        assert await deliveries.write_missing(number, everybody) == (2, 2)
        assert await deliveries.write_missing(number, everybody) == (0, 0)
        waiting = await deliveries.next_waiting(number, limit=10)
        outdated = await deliveries.outdated(number, revision=2, limit=10)
        assert [each.recipient.chat_id for each in waiting] == [1, 2, 3, 6]
        assert [(each.recipient.chat_id, each.message_id) for each in outdated] == [
            (5, 55),
            (4, 54),
        ]


async def test_what_is_taken_back_waits_again_or_keeps_the_older_text(database: Database) -> None:
    """A promise that was cancelled is as if it had never been made; one under way stays."""
    async with database.unit() as unit:
        transaction = Transaction(unit)
        deliveries = transaction.deliveries
        meet(unit, 1, 2, 3)
        number = await draft(unit)
        deliveries.write(number, await transaction.subscriptions.recipients(after=0, limit=10))
        for each in (promise(101, 1), promise(102, 2), promise(202, 2), promise(103, 3)):
            transaction.outbox.promise(each, NOW)
        first = [Promised(1, 101), Promised(2, 102, pictures=202), Promised(3, 103)]
        deliveries.promised(number, first, revision=1)
        assert await deliveries.on_their_way(number, limit=10) == first
        transaction.outbox.sent(promise(101, 1), 55, NOW)
        deliveries.promised(number, [Promised(1, 104)], revision=2)
        deliveries.leave(number, [1], revision=9)
        promised = await deliveries.on_their_way(number, limit=10)
        cancelled = frozenset({104, 102, 202})
        assert await deliveries.put_back(number, promised, cancelled=cancelled) == 1
        assert await deliveries.on_their_way(number, limit=10) == [Promised(3, 103)]
        (waiting,) = await deliveries.next_waiting(number, limit=10)
        assert (waiting.recipient.chat_id, waiting.pictures) == (2, None)
        (outdated,) = await deliveries.outdated(number, revision=1, limit=10)
        assert (outdated.recipient.chat_id, outdated.message_id) == (1, 55)
        deliveries.leave(number, [1], revision=1)
        assert await deliveries.outdated(number, revision=1, limit=10) == []


async def test_an_alert_joins_an_issue_for_those_who_had_had_enough(database: Database) -> None:
    """Only as part of the issue is it their turn again; what is over or in an issue joins none."""
    async with database.unit() as unit:
        transaction = Transaction(unit)
        bulletins, deliveries = transaction.bulletins, transaction.deliveries
        meet(unit, 1, 2)
        number = await draft(unit, Kind.ALERT)
        bulletins.set_severity(number, Severity.NOTICE, NOW + timedelta(days=1))
        bulletins.start(number, issue=None, now=NOW)
        await bulletins.step(number, State.SENT, from_state=State.DRAFT)
        deliveries.write(number, await transaction.subscriptions.recipients(after=0, limit=10))
        deliveries.end(number, [2], "tired")
        waiting = await deliveries.next_waiting(number, limit=10)
        in_issue = await deliveries.next_waiting(number, limit=10, is_in_issue=True)
        full = await deliveries.next_waiting(number, limit=1, is_in_issue=True)
        assert [each.state for each in waiting] == ["waiting"]
        assert [each.state for each in in_issue] == ["waiting", "tired"]
        assert [each.state for each in full] == ["waiting"]
        week = NOW - timedelta(days=7)
        (found,) = await bulletins.may_join(since=week, now=NOW)
        assert found.is_published
        assert await bulletins.may_join(since=week, now=NOW + timedelta(days=1)) == []
        bulletins.join(number, "2026-47")
        assert await bulletins.may_join(since=week, now=NOW) == []
        joined = await bulletins.find(number)
        assert joined is not None
        assert (joined.bulletin.issue, joined.ended_at) == ("2026-47", None)
        await bulletins.step(number, State.RECALLED, from_state=State.SENT)
        recalled = await bulletins.find(number)
        assert recalled is not None
        assert not recalled.is_published


async def test_what_is_due_is_found_by_its_name(database: Database) -> None:
    """Whenever it is due; nothing under another name."""
    async with database.unit() as unit:
        timers = Transaction(unit).timers
        timers.set("bulletins.week", "incident:", due_at=NOW, chat_key="x", payload={"at": "Fri"})
        found = await timers.find("bulletins.week", "incident:")
        assert found is not None
        assert (found.due_at, found.payload) == (NOW, {"at": "Fri"})
        assert await timers.find("bulletins.week", "tips:") is None


async def test_shared_parameters_are_stored_once(database: Database) -> None:
    """A name means the same for ever."""
    async with database.unit() as unit:
        payloads = Transaction(unit).payloads
        payloads.keep("bulletin:1:en:1", {"text": "one"}, NOW)
        payloads.keep("bulletin:1:en:1", {"text": "two"}, NOW)
        assert await payloads.find("bulletin:1:en:1") == {"text": "one"}
        assert await payloads.find("other") is None
        payloads.purge(NOW + KEPT)
        assert await payloads.find("bulletin:1:en:1") is not None
        payloads.purge(NOW + KEPT + timedelta(seconds=1))
        assert await payloads.find("bulletin:1:en:1") is None


async def test_what_a_translator_is_asked_for_waits_on_file(database: Database) -> None:
    """One row for each language; tried again later, begun anew when asked again, answered once."""
    async with database.unit() as unit:
        transaction = Transaction(unit)
        number = await draft(unit)
        transaction.bulletins.set_version(number, Version("zh", "本周"))
        translations = transaction.translations
        assert await translations.next(NOW) is None
        for language in ("en", "ar"):
            translations.ask(number, language, source="zh", now=NOW)
        first = await translations.next(NOW)
        assert first == Wanted(number, "ar", "zh", "本周", 0)
        translations.later(first, NOW + timedelta(minutes=1))
        second = await translations.next(NOW)
        assert second is not None
        assert second.language == "en"
        assert await translations.take(second)
        assert not await translations.take(second)
        assert await translations.next(NOW) is None
        again = await translations.next(NOW + timedelta(minutes=1))
        assert again is not None
        assert again.attempts == 1
        translations.ask(number, "ar", source="zh", now=NOW)
        assert await translations.next(NOW) == first


async def test_what_a_machine_made_goes_with_the_text_it_was_made_of(database: Database) -> None:
    """What people wrote or vouched for stays."""
    async with database.unit() as unit:
        bulletins = Transaction(unit).bulletins
        number = await draft(unit)
        bulletins.set_version(number, Version("en", "This week"))
        bulletins.set_version(number, Version("ar", "هذا الأسبوع", is_machine_made=True))
        bulletins.drop_machine_made(number)
        found = await bulletins.find(number)
        assert found is not None
        assert set(found.bulletin.versions) & {"en", "ar"} == {"en"}
