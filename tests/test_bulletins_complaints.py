"""Complaints: whoever does not want a notice says so, and does not have to block the bot."""

from __future__ import annotations

from tests.front_door import Town
from tests.publishing import button, published, told
from tests.stations import officer, registered


async def test_something_is_wrong_with_it(station: Town) -> None:
    """Counted once for each recipient; the author hears of the first at once, and of the others
    in the figures."""
    ana, bob = await registered(station, 101, "Ana"), await registered(station, 102, "Bob")
    await published(station)
    for person in (ana, ana, bob):
        await person.presses(await person.sees("bicycles"), "bulletins:unwanted")
        await person.presses(await person.sees(button("bulletins:complain")), "complain")
        await person.sees("Thank you. We will look at it.")
    await ana.sees("Noted already.")
    li = officer(station, "li")
    await li.presses(await li.sees("something is wrong with your notice 1"), "report")
    await li.sees("Complaints: 2")
    calls = [str(each["params"].get("text")) for each in await station.calls("sendMessage")]
    assert len([each for each in calls if "something is wrong with your" in each]) == 1


async def test_no_more_of_this_kind(station: Town) -> None:
    """One press under the notice, and only this kind stays away; that is no complaint."""
    ana, bob = await registered(station, 101, "Ana"), await registered(station, 102, "Bob")
    await published(station, "tips")
    await ana.presses(await ana.sees("bicycles"), "bulletins:unwanted")
    await ana.presses(await ana.sees(button("subscriptions:kind:tips")), "kind:tips")
    await ana.sees(button("– Prevention tips"))
    await published(station, "tips", "Lock your door")
    await bob.sees("Lock your door")
    await published(station, "incident", "Three scooters")
    await ana.sees("Three scooters")
    assert not [each for each in await ana.got() if "Lock your door" in each["text"]]
    await ana.presses(await ana.sees("bicycles"), "bulletins:unwanted")
    await ana.sees(
        lambda each: "What is it?" in each["text"] and "tips" not in str(each["buttons"])
    )


async def test_only_who_got_it_can_complain(station: Town) -> None:
    """A forged press of somebody who never got it, or about nothing, is no complaint."""
    ana = await registered(station, 101, "Ana")
    await published(station)
    eve = await registered(station, 102, "Eve")
    await eve.says("/alerts")
    message = await eve.sees("Press what you want to change.")
    await eve.forges(message["message_id"], "bulletins:complain:7")
    await station.until(lambda: told(station, "This has moved on."), "there is no notice 7")
    await eve.forges(message["message_id"], "bulletins:complain:1")
    await eve.sees("Noted already.")
    li = officer(station, "li")
    await ana.sees("bicycles")
    await li.presses(await li.sees("Everybody has it."), "report")
    await li.sees("Complaints: 0")
