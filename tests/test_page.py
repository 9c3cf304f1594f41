"""The page with the phones: complete, and content with the machine it runs on."""

from __future__ import annotations

import html
import json
import re

import aiohttp
import pytest

from bot.simulator.server import PAGE
from tests.simulated import ANA, Wire

#: How the files of the page name each other.
REFERENCE = re.compile(r"""(?:\bfrom|\bimport|src=|href=|url\()\s*["']?([\w./:-]+\.\w+)""")
#: What looks like an address and is none that is fetched: the name of a drawing's language.
NAMESPACES = ("http://www.w3.org/2000/svg",)


async def fetched(wire: Wire, path: str) -> tuple[str, aiohttp.ClientResponse]:
    """The text behind a path, which must be there."""
    async with wire.session.get(f"{wire.telegram.url}{path}") as response:
        assert response.status == 200, path
        return await response.text(), response


async def test_the_page_is_served_with_every_file_it_names(wire: Wire) -> None:
    """Whoever opens the address sees phones: no file is missing, and none lies there unused."""
    found, to_fetch = set(), {"index.html"}
    while to_fetch:
        name = to_fetch.pop()
        found.add(name)
        text, _ = await fetched(wire, "/" if name == "index.html" else f"/{name}")
        if name.endswith((".html", ".js", ".css")):
            to_fetch |= {path.removeprefix("./") for path in REFERENCE.findall(text)} - found
    assert found == {path.name for path in PAGE.iterdir()}


async def test_files_are_served_as_what_they_are(wire: Wire) -> None:
    """A browser runs a module and applies a style only under its own name."""
    for path, kinds in {
        "/": {"text/html"},
        "/main.js": {"text/javascript", "application/javascript"},
        "/page.css": {"text/css"},
        "/icon.svg": {"image/svg+xml"},
    }.items():
        _, response = await fetched(wire, path)
        assert response.content_type in kinds


@pytest.mark.parametrize("path", sorted(PAGE.iterdir()), ids=lambda path: path.name)
def test_no_file_names_another_machine(path: object) -> None:
    """The demo needs no network, and nobody learns that it was opened."""
    text = (PAGE / getattr(path, "name", "")).read_text(encoding="utf-8")
    addresses = re.findall(r"""(?:https?:)?//[^\s"'`)]+\.[^\s"'`)]+""", text)
    assert [one for one in addresses if not one.startswith(NAMESPACES)] == []


async def test_the_browser_is_told_to_ask_nobody_else(wire: Wire) -> None:
    """Even a text that would escape its quotes could load and run nothing."""
    _, response = await fetched(wire, "/")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


async def test_an_uploaded_file_cannot_act_on_the_page(wire: Wire) -> None:
    """A page sent as a document is shown to nobody as a page of ours."""
    document = {"document": True, "mime_type": "text/html", "content": "PHNjcmlwdD4="}
    await wire.does("say", user_id=ANA, **document)
    (message,) = await wire.chat(ANA)
    _, response = await fetched(wire, message["file"]["url"])
    assert response.headers["Content-Security-Policy"].startswith("sandbox;")
    assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_the_page_has_its_words_in_three_languages() -> None:
    """No sign falls back to English in the middle of a Chinese or Arabic page."""
    text = (PAGE / "words.js").read_text(encoding="utf-8")
    blocks = dict(re.findall(r"^  (\w\w): \{\n(.*?)^  \},", text, re.DOTALL | re.MULTILINE))
    keys = {code: re.findall(r"^    (\w+):", block, re.MULTILINE) for code, block in blocks.items()}
    assert set(keys) == {"en", "zh", "ar"}
    assert keys["zh"] == keys["en"] == keys["ar"]


async def test_every_word_the_page_asks_for_is_there() -> None:
    """A button never shows the name of its text."""
    keys = set(
        re.findall(r"^    (\w+):", (PAGE / "words.js").read_text(encoding="utf-8"), re.MULTILINE)
    )
    code = "\n".join(path.read_text(encoding="utf-8") for path in PAGE.glob("*.js"))
    assert set(re.findall(r'\bsay\("(\w+)"', code)) <= keys


# --- what people typed, as the page shows it -----------------------------------------------------

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "</div></body><h1>",
    "&lt;b&gt; &amp; &#60;script&#62;",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("text", HOSTILE)
async def test_typed_tags_are_shown_as_typed(wire: Wire, text: str) -> None:
    """The page shows what was written; it never becomes part of the page."""
    await wire.says(ANA, text, entities=[])
    (message,) = await wire.chat(ANA)
    assert not set("<>") & set(message["html"])
    assert html.unescape(message["html"]) == text


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "//evil.example/x",
    ],
)
async def test_a_link_that_would_run_something_is_no_link(wire: Wire, url: str) -> None:
    """Only addresses of the web and of Telegram can be pressed."""
    link = {"type": "text_link", "offset": 0, "length": 4, "url": url}
    await wire.does("say", user_id=ANA, text="look", entities=[link])
    (message,) = await wire.chat(ANA)
    assert message["html"] == "<span>look</span>"


async def test_an_address_cannot_leave_its_quotes(wire: Wire) -> None:
    """A quote in an address stays part of the address."""
    url = 'https://a.example/"onmouseover="alert(1)'
    link = {"type": "text_link", "offset": 0, "length": 4, "url": url}
    await wire.does("say", user_id=ANA, text="look", entities=[link])
    (message,) = await wire.chat(ANA)
    assert message["html"] == (
        '<a href="https://a.example/&quot;onmouseover=&quot;alert(1)">look</a>'
    )


async def test_an_emoji_between_tags_keeps_its_place(wire: Wire) -> None:
    """Offsets count UTF-16 units: what stands before an entity does not shift it."""
    bold = {"type": "bold", "offset": 3, "length": 2}
    await wire.does("say", user_id=ANA, text="👮 hi <", entities=[bold])
    (message,) = await wire.chat(ANA)
    assert message["html"] == "👮 <b>hi</b> &lt;"


async def test_broken_text_does_not_silence_the_page(wire: Wire) -> None:
    """A lone surrogate in one message must not end the stream of all others."""
    timeout = aiohttp.ClientTimeout(total=None)
    async with wire.session.get(f"{wire.telegram.url}/sim/events", timeout=timeout) as stream:
        await stream.content.readline()
        await wire.says(ANA, "a\ud800b")
        while not (line := await stream.content.readline()).startswith(b"event: message"):
            assert line
        data = (await stream.content.readline()).decode().removeprefix("data: ")
    assert json.loads(data)["text"] == "a\ud800b"


async def test_the_page_opens_with_the_scene_it_was_given(wire: Wire) -> None:
    """Without one there is none: the simulator alone knows no station."""
    assert await wire.look("scene") == {}
    wire.telegram.telegram.scene = {"timezone": "Asia/Shanghai", "open": [ANA]}
    assert await wire.look("scene") == {"timezone": "Asia/Shanghai", "open": [ANA]}
