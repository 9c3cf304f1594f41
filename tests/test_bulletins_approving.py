"""A second person's yes is to exactly what was shown, and to nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.front_door import Town, town
from tests.publishing import approved, are_answered, button, newest, sees_new, told, written
from tests.stations import five_areas, officer, on_duty, on_file, registered
from tests.test_bulletin_weeks import comes


async def test_a_yes_to_an_older_text_approves_nothing(station: Town) -> None:
    """Handed in, changed and handed in again: only the button under the newest text counts."""
    ana = await registered(station, 101, "Ana")
    li, sun = officer(station, "li"), officer(station, "sun")
    await written(li, "tips", "A harmless text")
    await li.presses(await li.sees(button("bulletins:submit:1")), "submit")
    old = await sun.sees(button("bulletins:approve:1"))
    await li.presses(await li.sees(button("bulletins:change:1")), "change")
    await li.presses(await li.sees(button("bulletins:text:1:zh")), "text:1:zh")
    prompt = await li.sees("language: 中文", count=2)
    await li.says("Something else", reply_to_message_id=prompt["message_id"])
    await li.presses(await li.sees(button("bulletins:submit:1")), "submit")
    new = await sees_new(sun, "bulletins:approve:1", old["message_id"])
    await sun.presses(old, "approve")
    await station.until(lambda: told(station, "This has moved on."), "the old yes is none")
    await sun.sees("Notice 1 was changed. A newer message asks about it.")
    await sun.presses(new, "approve")
    await li.presses(await li.sees(button("bulletins:send:1")), "send")
    await ana.sees("Something else")


async def test_a_question_that_was_withdrawn_says_so(station: Town) -> None:
    """The author changes it meanwhile: the old question has no buttons any more and says why."""
    li, sun = officer(station, "li"), officer(station, "sun")
    await written(li, "tips")
    await li.presses(await li.sees(button("bulletins:submit:1")), "submit")
    asked = await sun.sees(button("bulletins:approve:1"))
    await li.presses(await li.sees(button("bulletins:change:1")), "change")
    await li.sees(button("bulletins:submit:1"))
    await sun.presses(asked, "approve")
    said = await sun.sees("Notice 1 is being changed. It comes again when it is handed in.")
    assert said["message_id"] == asked["message_id"]
    assert not said["buttons"]


async def test_the_second_person_reads_how_many_it_is_for(station: Town) -> None:
    """For one person, or for nobody: that is seen before the yes."""
    await registered(station, 101, "Ana")
    li, sun = officer(station, "li"), officer(station, "sun")
    await written(li, "tips")
    await li.presses(await li.sees(button("bulletins:submit:1")), "submit")
    assert "1 person" in (await sun.sees("May it go out?"))["text"]


async def test_an_approved_alert_needs_not_wait_for_its_author(station: Town) -> None:
    """The author reads that it has not gone out; the supervisor who approved it may send it."""
    ana = await registered(station, 101, "Ana")
    li, sun = officer(station, "li"), officer(station, "sun")
    await approved(li, sun, await written(li, "alert"))
    await li.sees("It has not gone out yet.")
    await sun.presses(await sun.sees(button("bulletins:send:1")), "send")
    await ana.sees("bicycles")
    await sun.sees("It goes out now.")
    await li.sees("Everybody has it.")


async def test_the_second_person_sees_pictures_and_whom_it_is_for(station: Town) -> None:
    """What is approved is what was seen: the words, the pictures and the audience."""
    li, sun = officer(station, "li"), officer(station, "sun")
    await written(li, "tips")
    await li.presses(await li.sees(button("bulletins:pictures")), "pictures")
    prompt = await li.sees("up to 10 pictures")
    await li.sends(photo=True, reply_to_message_id=prompt["message_id"])
    await li.presses(await li.sees("Pictures: 1"), "draft")
    await li.presses(await li.sees(button("bulletins:audience:1")), "audience")
    await li.presses(await li.sees(button("audience:1:area:market")), "area:market")
    await li.presses(await li.sees(button("✔ Market")), "draft")
    await li.presses(await li.sees(button("bulletins:submit:1")), "submit")
    assert "For: Market" in (await sun.sees("May it go out?"))["text"]
    assert [each for each in await sun.got() if each["kind"] == "photo"]


async def test_the_preview_is_what_residents_will_see(station: Town) -> None:
    """Every language with heading and buttons, right to left too; the pictures before them; one
    language after the other is written, and a missing one is said to be so."""
    omar = await registered(station, 103, "Omar", "riverside", "ar")
    li, sun = officer(station, "li"), officer(station, "sun")
    await written(li, "tips", "Lock & <key>")
    await li.presses(await li.sees(button("bulletins:languages:1")), "languages")
    await li.presses(await li.sees(button("bulletins:text:1:ar")), "text:1:ar")
    prompt = await li.sees("العربية")
    await li.says("أقفل <الباب> & النافذة", reply_to_message_id=prompt["message_id"])
    await li.presses(await li.sees(button("bulletins:pictures")), "pictures")
    prompt = await li.sees("up to 10 pictures")
    await li.sends(photo=True, reply_to_message_id=prompt["message_id"])
    await li.presses(await li.sees("Pictures: 1"), "draft")
    since = await newest(li)
    await li.presses(await li.sees(button("bulletins:preview:1")), "preview")
    shown = await sees_new(li, "أقفل", since)
    await li.sees("For: everybody\n1 person\nMessages to each: 2\nSending takes about 1 minute.")
    picture = await li.sees(lambda each: each["kind"] == "photo" and each["message_id"] > since)
    assert picture["message_id"] < shown["message_id"]
    assert "There is no English version yet." in (await li.sees("Prevention tips\nThere"))["text"]
    await approved(li, sun)
    await li.presses(await li.sees(button("bulletins:send:1")), "send")
    got = await omar.sees("أقفل <الباب> & النافذة")
    assert (got["text"], got["buttons"]) == (shown["text"], shown["buttons"])


async def test_more_pictures_than_an_album_holds_are_refused(station: Town) -> None:
    """The eleventh is said to be one too many, and the ten stay."""
    li = officer(station, "li")
    await written(li, "tips")
    await li.presses(await li.sees(button("bulletins:pictures")), "pictures")
    prompt = await li.sees("up to 10 pictures")
    for _picture in range(11):
        await li.sends(photo=True, reply_to_message_id=prompt["message_id"])
    await li.sees("At most 10 pictures.")
    await li.presses(await li.sees("Pictures: 10"), "draft")
    await li.sees(lambda each: "Pictures: 10" in each["text"] and "submit" in str(each["buttons"]))


async def test_an_album_is_counted_in_one_message(station: Town) -> None:
    """Ten pictures at once are one message to the author, which says how many there are."""
    li = officer(station, "li")
    await written(li, "tips")
    await li.presses(await li.sees(button("bulletins:pictures")), "pictures")
    prompt = await li.sees("up to 10 pictures")
    for _picture in range(10):
        replied = prompt["message_id"]
        await li.sends(photo=True, media_group_id="album", reply_to_message_id=replied)
    await li.sees("Pictures: 10")
    counted = [each for each in await li.got() if each["text"].startswith("Pictures:")]
    assert len(counted) == 1


async def test_pictures_stay_until_the_author_wants_none(station: Town) -> None:
    """The button offers more, or none; looking at it throws nothing away."""
    li = officer(station, "li")
    await written(li, "tips")
    await li.presses(await li.sees(button("bulletins:pictures")), "pictures")
    prompt = await li.sees("up to 10 pictures")
    await li.sends(photo=True, reply_to_message_id=prompt["message_id"])
    await li.presses(await li.sees("Pictures: 1"), "draft")
    draft = await li.sees(lambda each: "Pictures: 1" in each["text"] and "submit" in str(each))
    await li.presses(draft, "pictures")
    await li.presses(await li.sees(button(":more")), ":more")
    more = await li.sees(
        lambda each: "up to 10" in each["text"] and each["message_id"] > prompt["message_id"]
    )
    await li.sends(photo=True, reply_to_message_id=more["message_id"])
    await li.presses(await li.sees("Pictures: 2"), "draft")
    await li.presses(
        await li.sees(lambda each: "Pictures: 2" in each["text"] and "submit" in str(each)),
        "pictures",
    )
    await li.presses(await li.sees(button(":none")), ":none")
    await li.sees(lambda each: "Pictures: 0" in each["text"] and "submit" in str(each))


async def test_solved_cases_name_nobody(station: Town) -> None:
    """A name in such a notice is pointed at before the yes, with the rule."""
    li, sun = officer(station, "li"), officer(station, "sun")
    await written(li, "solved", "Mr Miller was found with the bicycle.")
    await li.presses(await li.sees(button("bulletins:submit:1")), "submit")
    assert "Name nobody" in (await sun.sees("Please look at these places again:"))["text"]


async def test_a_place_is_pointed_at_once_and_the_stations_own_number_is_none(
    station: Town,
) -> None:
    """In three languages a plate is one place; the room's telephone is for everybody."""
    li = officer(station, "li")
    await li.says("/bulletin")
    await li.presses(await li.sees(button("kind:incident")), "kind:incident")
    await li.presses(await li.sees(button("bulletins:template:")), "bulletins:template:")
    prompt = await li.sees("telephone number")
    await li.says("2\nTheft\nEast Market\nMind 京A12345\nNone\n+86 10 5555 0111",
                  reply_to_message_id=prompt["message_id"])  # fmt: skip
    await li.presses(await li.sees(button("bulletins:preview:1")), "preview")
    said = (await li.sees("Please look at these places again:"))["text"]
    assert said.splitlines()[1:] == ["• number plate: 京A12345"]


@pytest.mark.parametrize("code", ["li", "wang", "zhao"])
async def test_only_the_author_changes_or_discards_a_draft(station: Town, code: str) -> None:
    """Whoever forges the buttons of another's draft, resident or officer, changes nothing."""
    ana = await registered(station, 101, "Ana")
    sun = officer(station, "sun")
    number = await written(sun, "tips")
    draft = await sun.sees(button(f"bulletins:submit:{number}"))
    answered = len(await station.calls("answerCallbackQuery"))
    forgers = (officer(station, code), ana)
    for action in ("text:1:zh", "discard:1", "submit:1", "severity:1", "expiry:1", "change:1"):
        for forger in forgers:
            await forger.forges(draft["message_id"], f"bulletins:{action}")
    await station.until(
        lambda: are_answered(station, answered + 12), "every forged press is answered"
    )
    await sun.presses(draft, "bulletins:pictures")
    await sun.sees("up to 10 pictures")
    assert not any("reply to this message" in str(each).lower() for each in await ana.got())
    unchanged = await sun.sees(button(f"bulletins:submit:{number}"))
    assert unchanged["edits"] == draft["edits"]


async def test_a_stations_issue_takes_along_rooms_without_an_hour_of_their_own(
    sqlite_url: str, tmp_path: Path
) -> None:
    """One schedule for the whole station is enough: no room's notice waits for ever."""
    async with town(sqlite_url) as here:
        roster = five_areas(tmp_path)
        text = roster.read_text(encoding="utf-8")
        roster.write_text(text + '\n[[schedule]]\nkind = "incident"\nat = "Fri 18:00"\n', "utf-8")
        await on_file(sqlite_url, roster, here.clock)
        await on_duty(here)
        async with here.bot():
            ana = await registered(here, 101, "Ana")
            li, sun = officer(here, "li"), officer(here, "sun")
            await approved(li, sun, await written(li))
            await li.sees("It goes out Fri")
            await comes(here)
            await ana.sees("bicycles")
