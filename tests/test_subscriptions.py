"""Subscriptions: on for one's own area, and everybody says what, where and when."""

from __future__ import annotations

from typing import Any

from tests.front_door import Person, Town
from tests.publishing import approved, button, published, written
from tests.stations import officer, registered


async def changes(person: Person, *presses: str) -> dict[str, Any]:
    """`/alerts` and these buttons, one after the other; the message with the buttons."""
    before = len(await person.got())
    await person.says("/alerts")
    message = await person.sees(lambda each: "subscriptions:" in str(each["buttons"]))
    await person.town.until(lambda: _has_more(person, before), "/alerts is answered")
    message = (await person.got())[-1]
    for press in presses:
        edits = len(message["edits"])
        await person.presses(message, press)

        def is_changed(each: dict[str, Any], since: int = edits, of: Any = message) -> bool:
            return each["message_id"] == of["message_id"] and len(each["edits"]) > since

        message = await person.sees(is_changed)
    return message


async def _has_more(person: Person, count: int) -> bool:
    return len(await person.got()) > count


async def test_it_is_said_at_registration_that_notices_come(station: Town) -> None:
    """Once, with the way to fewer."""
    ana = await registered(station, 101, "Ana")
    assert "/alerts" in (await ana.got())[0]["text"]
    await ana.says("/start a-hillside")
    moved = await ana.sees("Hillside")
    assert "/alerts" not in moved["text"]


async def test_who_wants_no_notices_gets_none_and_may_come_back(station: Town) -> None:
    """Off is off; the archive stays open, and one press turns them on again."""
    ana, eve = await registered(station, 101, "Ana"), await registered(station, 102, "Eve")
    off = await changes(ana, "turn")
    assert "not even in danger" in off["text"]
    await published(station)
    await eve.sees("bicycles")
    assert not [each for each in await ana.got() if "bicycles" in each["text"]]
    on = await changes(ana, "turn")
    assert "Press what you want to change." in on["text"]


async def test_kinds_areas_and_hours_are_chosen_one_by_one(station: Town) -> None:
    """A kind that is off does not come; another area's notices come when asked for."""
    ana, eve = await registered(station, 101, "Ana"), await registered(station, 102, "Eve")
    chosen = await changes(
        ana, "kind:tips", "quiet", "areas:0", "area:hillside", "subscriptions:back"
    )
    assert "Areas: Riverside, Hillside" in chosen["text"]
    assert "Silent from 20:00 to 08:00" in chosen["text"]
    await published(station, "tips", "Lock your door")
    await eve.sees("Lock your door")
    li, sun = officer(station, "li"), officer(station, "sun")
    await written(li, "incident", "Only for the hillside")
    await li.presses(await li.sees(button("bulletins:audience:2")), "audience")
    await li.presses(await li.sees(button("audience:2:area:hillside")), "area:hillside")
    await li.presses(await li.sees(button("✔ Hillside")), "draft")
    await approved(li, sun, 2)
    await li.presses(await li.sees(button("bulletins:send:2")), "send")
    await ana.sees("Only for the hillside")
    assert not [each for each in await ana.got() if "Lock your door" in each["text"]]
    assert not [each for each in await eve.got() if "hillside" in each["text"]]


async def test_a_notice_in_quiet_hours_makes_no_sound(station: Town) -> None:
    """It is Tuesday noon at the station; whoever sleeps by day gets it without a sound."""
    ana, eve = await registered(station, 101, "Ana"), await registered(station, 102, "Eve")
    await changes(eve, "quiet", "quiet", "quiet")
    assert "They always ring." in (await eve.got())[-1]["text"]
    await published(station)
    await ana.sees("bicycles")
    await eve.sees("bicycles")
    sent = {
        call["params"]["chat_id"]: call["params"].get("disable_notification")
        for call in await station.calls("sendMessage")
        if "bicycles" in str(call["params"].get("text"))
    }
    assert sent[102] is False


async def test_shops_can_say_that_they_are_one(station: Town) -> None:
    """A notice for businesses reaches those who said so, and nobody else."""
    ana, shop = await registered(station, 101, "Ana"), await registered(station, 102, "Shop")
    assert "✔ I am a shop" in str((await changes(shop, "business"))["buttons"])
    li, sun = officer(station, "li"), officer(station, "sun")
    await written(li, "tips", "Count the notes")
    await li.presses(await li.sees(button("bulletins:audience:1")), "audience")
    await li.presses(await li.sees(button("audience:1:business")), "business")
    await li.presses(await li.sees(button("✔ businesses only")), "draft")
    await approved(li, sun)
    await li.presses(await li.sees(button("bulletins:send:1")), "send")
    await shop.sees("Count the notes")
    await li.sees("Everybody has it.")
    assert not [each for each in await ana.got() if "Count the notes" in each["text"]]
