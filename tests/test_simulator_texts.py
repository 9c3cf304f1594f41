"""The simulated Telegram's texts: lengths, entities, three ways of writing them, small things."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulated import ANA, Wire

BROKEN = "400 Bad Request: can't parse entities: "


def entity(kind: str, offset: int, length: int, **more: Any) -> dict[str, Any]:
    """An entity as the Bot API writes it."""
    return {"type": kind, "offset": offset, "length": length, **more}


async def sent(wire: Wire, text: str, **more: Any) -> tuple[str, list[dict[str, Any]]]:
    """A text as Telegram took it, and its entities."""
    await wire.says(ANA)
    message = await wire.call("sendMessage", chat_id=ANA, text=text, **more)
    return message["text"], message.get("entities", [])


async def refused(wire: Wire, text: str, **more: Any) -> str:
    """Why a text is not taken."""
    await wire.says(ANA)
    return await wire.refusal("sendMessage", chat_id=ANA, text=text, **more)


# --- lengths -------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["x" * 4096, "👮" * 2048])
async def test_a_text_may_have_4096_units(wire: Wire, text: str) -> None:
    """Counted in UTF-16 units: an emoji is two."""
    assert (await sent(wire, text))[0] == text


@pytest.mark.parametrize("text", ["x" * 4097, "👮" * 2049])
async def test_a_longer_text_is_refused(wire: Wire, text: str) -> None:
    """Never cut in silence."""
    assert await refused(wire, text) == "400 Bad Request: message is too long"


async def test_an_empty_text_is_refused(wire: Wire) -> None:
    """Nothing, and nothing but spaces."""
    assert await refused(wire, "") == "400 Bad Request: message text is empty"
    assert await refused(wire, " \n ") == "400 Bad Request: text must be non-empty"


async def test_tags_do_not_count(wire: Wire) -> None:
    """The limit is on what people see."""
    text, _ = await sent(wire, "<b>" + "x" * 4096 + "</b>", parse_mode="HTML")
    assert len(text) == 4096


async def test_control_characters_become_spaces(wire: Wire) -> None:
    """As at Telegram; line breaks and tabs inside stay."""
    assert await sent(wire, "a\x00b\tc\r\nd") == ("a b\tc\nd", [])


# --- entities ------------------------------------------------------------------------------------


async def test_entities_come_back_in_order(wire: Wire) -> None:
    """Offsets in UTF-16 units, sorted, the outer one first."""
    given = [entity("bold", 3, 2), entity("italic", 0, 5)]
    assert await sent(wire, "👮 ab", entities=given) == ("👮 ab", [given[1], given[0]])


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (entity("bold", 0, 9), "ends after the end of the text"),
        (entity("bold", 1, 1), "in a middle of a UTF-16 symbol"),
        (entity("bold", -1, 1), "incorrect offset"),
        (entity("bold", 0, 0), "incorrect length"),
        (entity("loud", 0, 2), "unsupported type"),
        (entity("text_link", 0, 2), 'find field "url"'),
        ({"type": "bold", "offset": 0}, 'find field "length"'),
        ("bold", "expected an Object"),
    ],
)
async def test_an_entity_that_does_not_fit_is_refused(wire: Wire, given: Any, why: str) -> None:
    """A wrong count shows here and not in the field."""
    assert why in await refused(wire, "👮 ab", entities=[given])


async def test_a_hundred_entities_are_the_most(wire: Wire) -> None:
    """Telegram would drop the rest in silence; here it shows."""
    many = [entity("bold", place, 1) for place in range(101)]
    assert "more than 100 entities" in await refused(wire, "x" * 101, entities=many)
    assert len((await sent(wire, "x" * 101, entities=many[:100]))[1]) == 100


async def test_spaces_at_the_ends_are_cut_with_their_entities(wire: Wire) -> None:
    """Offsets still fit what is left."""
    text, entities = await sent(wire, "  hi  ", entities=[entity("bold", 0, 6)])
    assert (text, entities) == ("hi", [entity("bold", 0, 2)])


async def test_links_commands_and_numbers_are_found(wire: Wire) -> None:
    """What Telegram makes tappable, also in texts of the bot."""
    text = "/help @someone #lamp a@b.org https://a.example +86 10 5555 0110"
    kinds = [one["type"] for one in (await sent(wire, text))[1]]
    assert kinds == ["bot_command", "mention", "hashtag", "email", "url", "phone_number"]


# --- HTML ----------------------------------------------------------------------------------------


async def test_html_becomes_text_and_entities(wire: Wire) -> None:
    """Every tag there is, and every way to escape."""
    source = (
        "<b>a</b><strong>a</strong><i>b</i><em>b</em><u>c</u><ins>c</ins><s>d</s><strike>d</strike>"
        '<del>d</del><span class="tg-spoiler">e</span><tg-spoiler>e</tg-spoiler><code>f</code>'
        "<pre>g</pre><blockquote>h</blockquote><blockquote expandable>i</blockquote>"
        '<a href="https://a.example/x">j</a><a href="tg://user?id=7">k</a>'
        '<tg-emoji emoji-id="5">👮</tg-emoji>&lt;&gt;&amp;&quot;&#65;&#x42;&nope;'
    )
    text, entities = await sent(wire, source, parse_mode="HTML")
    assert text == 'aabbccdddeefghijk👮<>&"AB&nope;'
    kinds = [one["type"] for one in entities]
    assert kinds == [
        *["bold"] * 2,
        *["italic"] * 2,
        *["underline"] * 2,
        *["strikethrough"] * 3,
        *["spoiler"] * 2,
        *["code", "pre", "blockquote", "expandable_blockquote"],
        *["text_link", "text_mention", "custom_emoji"],
    ]
    assert entities[-3]["url"] == "https://a.example/x"
    assert entities[-2]["user"]["id"] == 7
    assert entities[-1]["custom_emoji_id"] == "5"


async def test_a_code_language_is_kept(wire: Wire) -> None:
    """A block of code knows its language."""
    source = '<pre><code class="language-python">x</code></pre>'
    assert (await sent(wire, source, parse_mode="HTML"))[1] == [
        entity("pre", 0, 1, language="python")
    ]


async def test_nested_tags_nest(wire: Wire) -> None:
    """The outer entity comes first."""
    text, entities = await sent(wire, "<b>a<i>b</i></b><b></b>", parse_mode="HTML")
    assert (text, entities) == ("ab", [entity("bold", 0, 2), entity("italic", 1, 1)])


@pytest.mark.parametrize("href", ["no address", "tg://user?id=x", "javascript:x"])
async def test_a_link_to_nowhere_becomes_words(wire: Wire, href: str) -> None:
    """As at Telegram, the text stays and the link goes."""
    assert await sent(wire, f'<a href="{href}">go</a>', parse_mode="HTML") == ("go", [])


async def test_a_link_without_scheme_gets_one(wire: Wire) -> None:
    """example.org is a page."""
    _, (link,) = await sent(wire, '<a href="a.example">go</a>', parse_mode="HTML")
    assert link["url"] == "http://a.example/"
    _, (app,) = await sent(wire, '<a href="tg://resolve?domain=x">go</a>', parse_mode="HTML")
    assert app["url"] == "tg://resolve?domain=x"


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        (
            "<b>x</i>",
            'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"',
        ),
        ("<p>x</p>", 'Unsupported start tag "p" at byte offset 0'),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
        ("<b x", "Unclosed start tag at byte offset 0"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<tg-emoji>x</tg-emoji>", "Invalid custom emoji identifier specified"),
        ("é<p>", 'Unsupported start tag "p" at byte offset 2'),
    ],
)
async def test_broken_html_is_refused_in_telegrams_words(wire: Wire, source: str, why: str) -> None:
    """Text people typed must be escaped; where it is not, it shows."""
    assert await refused(wire, source, parse_mode="HTML") == BROKEN + why


# --- Markdown ------------------------------------------------------------------------------------


async def test_the_first_markdown(wire: Wire) -> None:
    """Four signs and a link; no nesting."""
    source = "*b* _i_ `c` ```\npre\n``` [l](https://a.example) \\*"
    text, entities = await sent(wire, source, parse_mode="Markdown")
    assert text == "b i c pre l *"
    assert [one["type"] for one in entities] == ["bold", "italic", "code", "pre", "text_link"]


async def test_markdown_v2(wire: Wire) -> None:
    """Nesting, and everything else escaped."""
    source = r"*b _i_* __u__ ~s~ ||p|| `c` [l](https://a.example) \. \!"
    text, entities = await sent(wire, source, parse_mode="MarkdownV2")
    assert text == "b i u s p c l . !"
    assert [one["type"] for one in entities] == [
        *["bold", "italic", "underline", "strikethrough", "spoiler", "code", "text_link"]
    ]


@pytest.mark.parametrize(
    ("mode", "source", "why"),
    [
        ("Markdown", "snake_case", "Can't find end of the entity starting at byte offset 5"),
        ("Markdown", "5 * 5", "Can't find end of the entity starting at byte offset 2"),
        ("Markdown", "[x", "Can't find end of the entity starting at byte offset 0"),
        ("Markdown", "`x", "Can't find end of the entity starting at byte offset 0"),
        ("MarkdownV2", "*x", "Can't find end of Bold entity at byte offset 0"),
        ("MarkdownV2", "[x](y", "Can't find end of TextLink entity at byte offset 0"),
        (
            "MarkdownV2",
            "Hello.",
            "Character '.' is reserved and must be escaped with the preceding '\\'",
        ),
    ],
)
async def test_a_lone_sign_is_refused(wire: Wire, mode: str, source: str, why: str) -> None:
    """Why our own bot never uses Markdown."""
    assert await refused(wire, source, parse_mode=mode) == BROKEN + why


async def test_an_unknown_way_of_writing_is_refused(wire: Wire) -> None:
    """A misspelt mode never sends the tags."""
    assert await refused(wire, "x", parse_mode="HTLM") == (
        "400 Bad Request: unsupported parse_mode"
    )


# --- where it goes, how it goes ------------------------------------------------------------------


async def test_a_message_can_be_silent_and_protected(wire: Wire) -> None:
    """Both marks are in the transcript."""
    await sent(wire, "x", disable_notification=True, protect_content=True)
    shown = (await wire.chat(ANA))[-1]
    assert (shown["silent"], shown["protect_content"]) == (True, True)


async def test_a_reply_needs_its_message(wire: Wire) -> None:
    """Unless it may go without."""
    await wire.says(ANA)
    lost = {"message_id": 99}
    assert await wire.refusal("sendMessage", chat_id=ANA, text="x", reply_parameters=lost) == (
        "400 Bad Request: message to be replied not found"
    )
    lenient = {**lost, "allow_sending_without_reply": True}
    sent_ = await wire.call("sendMessage", chat_id=ANA, text="x", reply_parameters=lenient)
    assert "reply_to_message" not in sent_


async def test_a_reply_may_quote(wire: Wire) -> None:
    """A part of the message, which must be in it."""
    message_id = await wire.says(ANA, "👮 one two")
    quote = {"message_id": message_id, "quote": "two"}
    answer = await wire.call("sendMessage", chat_id=ANA, text="x", reply_parameters=quote)
    assert answer["quote"] == {"text": "two", "position": 7, "is_manual": True}
    wrong = {**quote, "quote": "three"}
    assert await wire.refusal("sendMessage", chat_id=ANA, text="x", reply_parameters=wrong) == (
        "400 Bad Request: QUOTE_TEXT_INVALID"
    )


@pytest.mark.parametrize("given", [{"mesage_id": 1}, {"message_id": "1"}, {"message_id": True}])
async def test_a_wrong_reply_is_an_error(wire: Wire, given: dict[str, Any]) -> None:
    """Neither a misspelt field nor a wrong type passes."""
    await wire.says(ANA)
    refusal = await wire.refusal("sendMessage", chat_id=ANA, text="x", reply_parameters=given)
    assert refusal.startswith("400")


@pytest.mark.parametrize(
    ("chat_id", "why"),
    [
        ("", "400 Bad Request: chat_id is empty"),
        ("@nobody", "400 Bad Request: chat not found"),
        (12345, "400 Bad Request: chat not found"),
        ("seven", "400 Bad Request: chat_id must be of type Integer"),
        (123456, "403 Forbidden: bot can't send messages to the bot"),
    ],
)
async def test_a_message_to_nobody_is_refused(wire: Wire, chat_id: Any, why: str) -> None:
    """Each in Telegram's words."""
    assert await wire.refusal("sendMessage", chat_id=chat_id, text="x") == why


# --- without files -------------------------------------------------------------------------------


async def test_places_contacts_polls_and_dice_can_be_sent(wire: Wire) -> None:
    """Every kind of message without a file, with what it needs."""
    await wire.says(ANA)
    place = {"latitude": 30.0, "longitude": 100.0}
    location = await wire.call("sendLocation", chat_id=ANA, **place, horizontal_accuracy=12)
    assert location["location"] == {**place, "horizontal_accuracy": 12}
    venue = await wire.call("sendVenue", chat_id=ANA, **place, title="Room", address="12 Road")
    assert venue["venue"]["title"] == "Room"
    contact = await wire.call("sendContact", chat_id=ANA, phone_number="110", first_name="Police")
    assert contact["contact"] == {"phone_number": "110", "first_name": "Police"}
    quiz = {"question": "When?", "options": ["a", {"text": "b"}], "type": "quiz"}
    poll = await wire.call("sendPoll", chat_id=ANA, **quiz, correct_option_id=1)
    assert poll["poll"]["correct_option_ids"] == [1]
    dice = await wire.call("sendDice", chat_id=ANA, emoji="🎯")
    assert 1 <= dice["dice"]["value"] <= 6
    assert await wire.call("sendChatAction", chat_id=ANA, action="typing") is True


@pytest.mark.parametrize(
    ("method", "params", "why"),
    [
        ("sendLocation", {"latitude": 91, "longitude": 0}, "wrong latitude or longitude"),
        ("sendLocation", {"latitude": 1}, "longitude is not specified"),
        ("sendLocation", {"latitude": "x", "longitude": 0}, "latitude must be of type Float"),
        (
            "sendLocation",
            {"latitude": 1, "longitude": 1, "horizontal_accuracy": 1501},
            "wrong horizontal accuracy",
        ),
        (
            "sendLocation",
            {"latitude": 1, "longitude": 1, "live_period": 59},
            "wrong live_period specified",
        ),
        ("sendVenue", {"latitude": 1, "longitude": 1, "title": "x"}, "address must be non-empty"),
        ("sendVenue", {"latitude": 1, "longitude": 1}, "title must be non-empty"),
        ("sendContact", {"first_name": "x"}, "phone number must be non-empty"),
        ("sendContact", {"phone_number": "1"}, "first name must be non-empty"),
        ("sendPoll", {"question": "x" * 301, "options": ["a"]}, "poll question length"),
        ("sendPoll", {"question": "x", "options": []}, "poll must have 1-12 options"),
        ("sendPoll", {"question": "x", "options": ["a" * 101]}, "poll options length"),
        ("sendPoll", {"question": "x", "options": ["a"], "type": "y"}, "unsupported poll type"),
        ("sendPoll", {"question": "x", "options": ["a"], "type": "quiz"}, "wrong correct option"),
        ("sendDice", {"emoji": "👮"}, "wrong dice emoji"),
        ("sendChatAction", {"action": "sleep"}, "wrong parameter action"),
    ],
)
async def test_what_is_out_of_bounds_is_refused(
    wire: Wire, method: str, params: dict[str, Any], why: str
) -> None:
    """Each limit of the Bot API has its error."""
    await wire.says(ANA)
    refusal = await wire.refusal(method, chat_id=ANA, **params)
    assert refusal.startswith("400 Bad Request: ")
    assert why in refusal
