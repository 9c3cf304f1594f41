"""The simulated Telegram's files: uploads, ids, sizes, albums, and whatever people send."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import aiohttp
import pytest

from bot.simulator.kinds import KINDS
from bot.simulator.methods.media import MIME_TYPES
from tests.simulated import ANA, TOKEN, Wire

MEGABYTE = 1024 * 1024
SEND = {
    kind: "send" + "".join(word.title() for word in kind.split("_"))
    for kind in MIME_TYPES
}  # fmt: skip


async def uploaded(
    wire: Wire, method: str, files: dict[str, bytes], **params: Any
) -> tuple[int, dict[str, Any]]:
    """Status and body of a call with files, as a multipart form."""
    form = aiohttp.FormData()
    for name, value in params.items():
        form.add_field(name, value if isinstance(value, str) else json.dumps(value))
    for name, content in files.items():
        form.add_field(name, io.BytesIO(content), filename=f"{name}.bin")
    async with wire.session.post(f"{wire.bot_url}/{method}", data=form) as response:
        return response.status, await response.json()


def held(message: dict[str, Any], kind: str) -> dict[str, Any]:
    """The file of a message; the largest size of a photo."""
    found = message[kind]
    return dict(found[-1] if isinstance(found, list) else found)


@pytest.mark.parametrize("kind", sorted(SEND))
async def test_a_file_is_uploaded_once_and_sent_by_its_id(wire: Wire, kind: str) -> None:
    """Each kind with its method; the id stays the same, and the bytes can be fetched."""
    await wire.says(ANA)
    status, body = await uploaded(wire, SEND[kind], {kind: b"bytes"}, chat_id=ANA)
    assert status == 200, body
    first = held(body["result"], kind)
    again = await wire.call(SEND[kind], chat_id=ANA, **{kind: first["file_id"]})
    assert held(again, kind)["file_id"] == first["file_id"]
    where = await wire.call("getFile", file_id=first["file_id"])
    path = f"{wire.telegram.url}/file/bot{TOKEN}/{where['file_path']}"
    async with wire.session.get(path) as response:
        assert await response.read() == b"bytes"


@pytest.mark.parametrize(
    ("name", "mime_type"),
    [
        ("a.ics", "text/calendar"),
        ("a.pdf", "application/pdf"),
        ("unheard.of", "application/octet-stream"),
    ],
)
async def test_the_name_of_a_document_says_what_it_is(
    wire: Wire, name: str, mime_type: str
) -> None:
    """Phones choose by it who opens the file; what the upload claims to be counts for nothing."""
    await wire.says(ANA)
    form = aiohttp.FormData({"chat_id": str(ANA)})
    form.add_field("document", b"bytes", filename=name, content_type="image/png")
    async with wire.session.post(f"{wire.bot_url}/sendDocument", data=form) as response:
        document = (await response.json())["result"]["document"]
    assert (document["file_name"], document["mime_type"]) == (name, mime_type)


async def test_a_file_is_what_it_was_uploaded_as(wire: Wire) -> None:
    """The id of a photo is no id of a document, and no address is fetched."""
    await wire.says(ANA)
    _, body = await uploaded(wire, "sendPhoto", {"photo": b"x"}, chat_id=ANA)
    file_id = held(body["result"], "photo")["file_id"]
    for document, why in (
        (file_id, "type of file mismatch"),
        ("no such id", "wrong file identifier/HTTP URL specified"),
        ("https://a.example/x.pdf", "failed to get HTTP URL content"),
        ("attach://x", "can't find attached file"),
        ("", "there is no document in the request"),
    ):
        refusal = await wire.refusal("sendDocument", chat_id=ANA, document=document)
        assert refusal == f"400 Bad Request: {why}"


async def test_uploads_have_their_limits(wire: Wire) -> None:
    """Photos 10 MB, everything else 50 MB, nothing empty."""
    await wire.says(ANA)
    for method, name, size, expected in (
        ("sendPhoto", "photo", 10 * MEGABYTE, 200),
        ("sendPhoto", "photo", 10 * MEGABYTE + 1, 400),
        ("sendDocument", "document", 50 * MEGABYTE, 200),
        ("sendDocument", "document", 50 * MEGABYTE + 1, 413),
        ("sendDocument", "document", 60 * MEGABYTE, 413),
        ("sendDocument", "document", 0, 400),
    ):
        status, body = await uploaded(wire, method, {name: bytes(size)}, chat_id=ANA)
        assert (status, status == 200) == (expected, body["ok"]), (name, size)


async def test_a_large_file_cannot_be_fetched(wire: Wire) -> None:
    """20 MB is the most getFile offers; copying by id works for any size."""
    big = {"document": {"file_size": 20 * MEGABYTE + 1}}
    await wire.does("say", user_id=ANA, **big)
    (message,) = await wire.chat(ANA)
    file_id = message["file"]["file_id"]
    assert await wire.refusal("getFile", file_id=file_id) == "400 Bad Request: file is too big"
    await wire.call("sendDocument", chat_id=ANA, document=file_id)
    assert await wire.refusal("getFile", file_id="x") == "400 Bad Request: invalid file_id"


async def test_a_wrong_path_or_token_gives_no_file(wire: Wire) -> None:
    """As at Telegram."""
    for path, status in (("bot1:x/photos/1.jpg", 401), (f"bot{TOKEN}/photos/1.jpg", 404)):
        async with wire.session.get(f"{wire.telegram.url}/file/{path}") as response:
            assert response.status == status


async def test_a_caption_has_1024_units(wire: Wire) -> None:
    """Counted like a text."""
    await wire.does("say", user_id=ANA, photo=True)
    file_id = (await wire.chat(ANA))[0]["file"]["file_id"]
    photo = {"chat_id": ANA, "photo": file_id}
    above = {"show_caption_above_media": True}
    sent = await wire.call("sendPhoto", **photo, caption="x" * 1024, **above)
    assert len(sent["caption"]) == 1024
    assert await wire.refusal("sendPhoto", **photo, caption="👮" * 513) == (
        "400 Bad Request: message caption is too long"
    )


async def test_an_album_is_two_to_ten_of_a_sort(wire: Wire) -> None:
    """One album id for all; by attachment or by id."""
    await wire.says(ANA)
    media = [
        {"type": "photo", "media": "attach://one", "caption": "<b>a</b>", "parse_mode": "HTML"},
        {"type": "video", "media": "attach://two"},
    ]
    files = {"one": b"1", "two": b"2"}
    _, body = await uploaded(wire, "sendMediaGroup", files, chat_id=ANA, media=media)
    first, second = body["result"]
    assert first["media_group_id"] == second["media_group_id"]
    assert first["caption_entities"] == [{"type": "bold", "offset": 0, "length": 1}]
    photo = {"type": "photo", "media": held(first, "photo")["file_id"]}
    ten = await wire.call("sendMediaGroup", chat_id=ANA, media=[photo] * 10)
    assert len({one["media_group_id"] for one in ten}) == 1
    document = {"type": "document", "media": photo["media"]}
    for given, why in (
        ([photo], "too few messages"),
        ([photo] * 11, "too many messages"),
        ([photo, document], "type of file mismatch"),
        ([photo, "x"], "can't parse InputMedia"),
        ([{"type": "sticker", "media": "x"}] * 2, "unsupported type"),
        ([{**photo, "text": "x"}] * 2, "unknown field text"),
    ):
        assert why in await wire.refusal("sendMediaGroup", chat_id=ANA, media=given)


async def test_kinds_that_do_not_go_together_make_no_album(wire: Wire) -> None:
    """Documents with documents, music with music."""
    await wire.says(ANA)
    media = [{"type": kind, "media": f"attach://{kind}"} for kind in ("photo", "document")]
    files = {"photo": b"1", "document": b"2"}
    status, body = await uploaded(wire, "sendMediaGroup", files, chat_id=ANA, media=media)
    assert status == 400
    assert "can't use the media of the specified type in the album" in body["description"]


@pytest.mark.parametrize("kind", sorted(KINDS - {"text"}))
async def test_people_send_every_kind_there_is(wire: Wire, kind: str) -> None:
    """The bot gets an update with the field of that name."""
    await wire.does("say", user_id=ANA, **{kind: True})
    (update,) = await wire.updates()
    assert kind in update["message"]
    (shown,) = await wire.chat(ANA)
    assert shown["kind"] == kind


async def test_what_people_send_can_be_told_in_detail(wire: Wire) -> None:
    """Fields given override what is made up; extra ones are added."""
    await wire.does(
        "say",
        user_id=ANA,
        contact={"phone_number": "+100", "user_id": ANA},
        extra={"has_media_spoiler": True},
        forward_origin={"type": "hidden_user", "date": 1, "sender_user_name": "X"},
    )
    message = (await wire.updates())[0]["message"]
    assert message["contact"]["phone_number"] == "+100"
    assert message["contact"]["first_name"]
    assert message["has_media_spoiler"] is True
    assert message["forward_origin"]["sender_user_name"] == "X"
    await wire.does("say", user_id=ANA, new_chat_title="Lamp")
    assert (await wire.updates())[1]["message"]["new_chat_title"] == "Lamp"
    assert "no caption" in await wire.cannot("say", user_id=ANA, sticker=True, caption="x")
    assert "bytes go into content" in await wire.cannot("say", user_id=ANA, photo="x")


async def test_the_bytes_people_send_can_be_looked_at(wire: Wire) -> None:
    """A data: address as a page makes it, with name and kind."""
    content = "data:image/png;base64," + base64.b64encode(b"png").decode()
    picture = {"photo": True, "content": content, "mime_type": "image/png", "file_name": "a.png"}
    await wire.does("say", user_id=ANA, **picture)
    (message,) = await wire.chat(ANA)
    async with wire.session.get(f"{wire.telegram.url}{message['file']['url']}") as response:
        assert (await response.read(), response.content_type) == (b"png", "image/png")
    async with wire.session.get(f"{wire.telegram.url}/sim/file?file_id=x") as response:
        assert response.status == 404


async def test_a_place_needs_both_numbers(wire: Wire) -> None:
    """Latitude alone is nowhere."""
    refusal = await wire.cannot("location", user_id=ANA, latitude=1)
    assert "latitude and longitude" in refusal
