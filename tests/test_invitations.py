"""`beatline invite CODE`: what an administrator gets to pass on, and what goes wrong in words."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

from tests.front_door import Town, town
from tests.stations import five_areas, officer, on_file

LINK = re.compile(r"https://t\.me/(\w+)\?start=(i-[A-Za-z0-9_-]{20,62})")


async def invite(here: Town, code: str) -> tuple[int, str]:
    """The command's exit status and all it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "invite", code),
        env=here.environment(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


async def test_an_invitation_is_a_link_that_lets_the_officer_in(
    sqlite_url: str, tmp_path: Path
) -> None:
    """It fits what Telegram allows in a link, each is another one, and it says how long it is
    good. The bot's name is asked once: afterwards Telegram may be silent."""
    async with town(sqlite_url) as here:
        await on_file(sqlite_url, five_areas(tmp_path, linked=frozenset({"zhao"})), here.clock)
        status, said = await invite(here, "li")
        first = LINK.match(said)
        assert status == 0
        assert first
        assert "once, within 7 days" in said
        await here.control("faults", outage_seconds=600)
        status, said = await invite(here, "li")
        second = LINK.match(said)
        assert status == 0
        assert second
        assert (second[1], second[2]) != (first[1], first[2])
        assert second[1] == first[1]
        await here.control("faults", outage_seconds=0)
        async with here.bot():
            for link in (second, first):
                await officer(here, "li").says(f"/start {link[2]}")
            await officer(here, "li").sees("Welcome, Li.", count=2)


async def test_what_stands_in_the_way_of_an_invitation_is_a_sentence(
    sqlite_url: str, tmp_path: Path
) -> None:
    """No roster, nobody of this code, a silent Telegram: what it is and what to do, status 1."""
    async with town(sqlite_url) as here:
        assert await invite(here, "li") == (
            1, "There is no roster: load one with beatline roster import FILE.\n",
        )  # fmt: skip
        await on_file(sqlite_url, five_areas(tmp_path), here.clock)
        assert await invite(here, "zaho") == (
            1, 'There is no officer "zaho" in the roster: did you mean "zhao"?\n',
        )  # fmt: skip
        assert await invite(here, "nobody") == (
            1, 'There is no officer "nobody" in the roster: see beatline roster export.\n',
        )  # fmt: skip
        await here.control("faults", outage_seconds=600)
        assert await invite(here, "li") == (
            1, "Telegram does not say what the bot is called: see beatline doctor.\n",
        )  # fmt: skip
