"""The simulated Telegram's keyboards: under a message and under the writing field."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulated import ANA, Wire


async def shown_with(wire: Wire, markup: Any) -> dict[str, Any]:
    """A message with this markup, as the chat shows it."""
    await wire.says(ANA)
    await wire.call("sendMessage", chat_id=ANA, text="x", reply_markup=markup)
    return (await wire.chat(ANA))[-1]


async def refused_with(wire: Wire, markup: Any, chat_id: int = ANA) -> str:
    """Why a markup is not taken."""
    await wire.says(ANA)
    return await wire.refusal("sendMessage", chat_id=chat_id, text="x", reply_markup=markup)


def inline(*buttons: Any) -> dict[str, Any]:
    """One row of inline buttons."""
    return {"inline_keyboard": [list(buttons)]}


GOOD = [
    {"text": "a", "callback_data": "x" * 64},
    {"text": "a", "callback_data": "好" * 21},
    {"text": "a", "url": "https://a.example"},
    {"text": "a", "url": "t.me/bot"},
    {"text": "a", "url": "tg://resolve?domain=x"},
    {"text": "a", "copy_text": {"text": "x" * 256}},
    {"text": "a", "web_app": {"url": "https://a.example"}},
]


@pytest.mark.parametrize("button", GOOD)
async def test_a_button_that_fits_is_shown(wire: Wire, button: dict[str, Any]) -> None:
    """At the very limit, too."""
    assert (await shown_with(wire, inline(button)))["buttons"] == [[button]]


@pytest.mark.parametrize(
    ("button", "why"),
    [
        ({"text": "a", "callback_data": ""}, "BUTTON_DATA_INVALID"),
        ({"text": "a", "callback_data": "x" * 65}, "BUTTON_DATA_INVALID"),
        ({"text": "a", "callback_data": "好" * 22}, "BUTTON_DATA_INVALID"),
        ({"text": "a", "callback_data": 5}, "BUTTON_DATA_INVALID"),
        ({"text": "a", "url": ""}, "BUTTON_URL_INVALID"),
        ({"text": "a", "url": "tel:110"}, "Unsupported URL protocol"),
        ({"text": "a", "url": "http://localhost"}, "Wrong HTTP URL"),
        ({"text": "a", "url": "http://[::1"}, "Wrong URL"),
        ({"text": "a", "copy_text": {"text": "x" * 257}}, "BUTTON_COPY_TEXT_INVALID"),
        ({"text": "a", "web_app": {"url": "http://a.example"}}, "BUTTON_URL_INVALID"),
        ({"text": "a", "callback_data": "x", "url": "https://a.b"}, "BUTTON_TYPE_INVALID"),
        ({"text": "a"}, "Text buttons are unallowed in the inline keyboard"),
        ({"text": " ", "callback_data": "x"}, "button text must be non-empty"),
        ({"callback_data": "x"}, 'can\'t find field "text"'),
        ({"text": "a", "callback": "x"}, "unknown field"),
        ("a", 'can\'t find field "text"'),
    ],
)
async def test_a_button_that_telegram_refuses_is_refused(wire: Wire, button: Any, why: str) -> None:
    """Data of 1 to 64 bytes, no telephone links, one action a button."""
    assert why in await refused_with(wire, inline(button))


@pytest.mark.parametrize(
    ("markup", "why"),
    [
        ([], "object expected as reply markup"),
        ({"inline": []}, "no known keyboard"),
        ({"inline_keyboard": [], "keyboard": []}, "unknown field in the markup"),
        ({"inline_keyboard": ["a"]}, "Array of Arrays"),
        (inline(*[GOOD[0]] * 9), "reply markup is too long"),
        ({"inline_keyboard": [[GOOD[0]]] * 101}, "reply markup is too long"),
        ({"keyboard": []}, "must have at least one button"),
        ({"keyboard": [[{"text": ""}]]}, "button text must be non-empty"),
        ({"keyboard": [[{"text": "a", "url": "x"}]]}, "unknown field"),
        ({"keyboard": [["a"]], "resize": True}, "unknown field in the markup"),
        ({"keyboard": [["a"]], "input_field_placeholder": "x" * 65}, "placeholder is too long"),
        ({"keyboard": [["a"]], "input_field_placeholder": 5}, "must be a String"),
        (
            {"keyboard": [[{"text": "a", "request_contact": True, "request_location": True}]]},
            "BUTTON_TYPE_INVALID",
        ),
    ],
)
async def test_a_keyboard_that_telegram_refuses_is_refused(
    wire: Wire, markup: Any, why: str
) -> None:
    """At most 100 buttons and 8 in a row; nothing misspelt passes."""
    assert why in await refused_with(wire, markup)


async def test_an_empty_inline_keyboard_is_none(wire: Wire) -> None:
    """As at Telegram."""
    assert (await shown_with(wire, {"inline_keyboard": []}))["buttons"] == []
    assert (await shown_with(wire, {"inline_keyboard": [[]]}))["buttons"] == []


async def test_the_keyboard_below_stays_until_it_is_removed(wire: Wire) -> None:
    """Later messages do not take it away; people see the latest one."""
    keyboard = {"keyboard": [["Write"], [{"text": "Where", "request_location": True}]]}

    async def below() -> Any:
        (chat,) = await wire.look("chats")
        return chat["reply_keyboard"]

    await shown_with(wire, keyboard)
    await wire.call("sendMessage", chat_id=ANA, text="y")
    assert (await below())["keyboard"][0] == [{"text": "Write"}]
    await shown_with(wire, {"force_reply": True, "input_field_placeholder": "Area"})
    assert (await below())["force_reply"] is True
    await shown_with(wire, {"remove_keyboard": True})
    assert await below() is None


async def test_a_keyboard_may_be_nothing(wire: Wire) -> None:
    """An empty object, and what is switched off."""
    for markup in ({}, {"force_reply": False}, {"remove_keyboard": False}):
        assert (await shown_with(wire, markup))["reply_keyboard"] is None


async def test_groups_have_no_buttons_for_private_things(wire: Wire) -> None:
    """Contact, place and web pages are asked for in private chats only."""
    chat = await wire.does("group", members=[ANA])
    for markup in (
        {"keyboard": [[{"text": "a", "request_contact": True}]]},
        inline({"text": "a", "web_app": {"url": "https://a.example"}}),
    ):
        assert "BUTTON_TYPE_INVALID" in await refused_with(wire, markup, chat["chat_id"])
