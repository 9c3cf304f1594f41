"""Without this module a handler's words would leave before the facts they announce are on file.

Handlers write ordinary python-telegram-bot code. The bot's transport writes each call as a promise
into the transaction in hand and answers with the least the library needs: the message's id is the
negative number of the promise, and later calls may use it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from telegram.constants import ParseMode
from telegram.ext import Defaults, ExtBot
from telegram.request import BaseRequest, RequestData

from storage.blobs import BlobsDrawer
from storage.outbox import (
    FollowUp,
    Form,
    Lane,
    OutboxDrawer,
    Promise,
    PromiseNumbers,
    needed_by,
)

#: The one private parameter that carries a promise's terms through the library.
_TERMS = "beatline_terms"
#: Items of one call (an album) are numbered within this: Telegram allows ten.
ITEMS_PER_PROMISE = 128
#: Where the numbers of items begin: beyond every promise, so that no item is taken for one.
ITEMS_FROM = 2**52
#: Calls that expire within seconds and are not limited: made right after the commit, not promised.
DIRECT_METHODS = frozenset({"answerCallbackQuery", "sendChatAction"})
#: Calls that answer with True and not with a message.
_ANSWER_TRUE = (
    "setMessageReaction", "deleteMessage", "deleteMessages", "setMyCommands", "deleteMyCommands",
    "pinChatMessage", "unpinChatMessage", "answerCallbackQuery", "sendChatAction", "leaveChat",
)  # fmt: skip
#: What a parse mode is about.
_MARKED_UP = frozenset({"text", "caption", "question", "explanation"})
#: The bot's token towards the library; the true one is known to the sender alone.
_NO_TOKEN = "0:promises-have-no-token"  # noqa: S105 - it opens nothing


@dataclass(slots=True)
class Promising:
    """What the handling in hand has promised so far. ``chats``: where the sender must look, with
    the first lane that was promised something; ``direct``: calls to make after the commit."""

    outbox: OutboxDrawer
    blobs: BlobsDrawer
    numbers: PromiseNumbers
    now: datetime
    chats: dict[int, Lane] = field(default_factory=dict)
    direct: list[Form] = field(default_factory=list)
    lanes: dict[int, Lane] = field(default_factory=dict)

    async def promise(self, form: Form, **terms_: Any) -> int:
        """Write one call down; its number. ``terms_`` as in `terms`."""
        needs = needed_by(form)
        if needs is not None and needs >= ITEMS_FROM:
            raise ValueError("one item of an album cannot be referred to")
        chat_id = _chat_of(form.params)
        lane, replace_key = terms_.get("lane"), terms_.get("replace_key")
        if form.method.startswith("editMessage"):
            replace_key = replace_key or f"edit:{chat_id}:{form.params.get('message_id')}"
            if lane is None and needs is not None:
                lane = await self._lane_of(needs)
        promise = Promise(
            id=self.numbers.take(),
            chat_id=chat_id,
            lane=Lane.DIALOGUE if lane is None else lane,
            form=form,
            otherwise=tuple(terms_.get("otherwise") or ()),
            needs=needs,
            not_before=terms_.get("not_before"),
            dedup_key=terms_.get("dedup_key"),
            replace_key=replace_key,
            on_sent=terms_.get("on_sent"),
            on_never=terms_.get("on_never"),
        )
        self.outbox.promise(promise, self.now)
        self.chats[chat_id] = min(promise.lane, self.chats.get(chat_id, promise.lane))
        self.lanes[promise.id] = promise.lane
        return promise.id

    async def _lane_of(self, promise: int) -> Lane | None:
        """An edit waits in the lane of what it changes, or it would overtake it."""
        known = self.lanes.get(promise)
        return await self.outbox.lane_of(promise) if known is None else known


_current: ContextVar[Promising] = ContextVar("promising")


@contextmanager
def promising(promises: Promising) -> Iterator[None]:
    """Inside, the promising bot's calls are written through ``promises``."""
    token = _current.set(promises)
    try:
        yield
    finally:
        _current.reset(token)


def current_promises() -> Promising:
    """The promises of the handling in hand. Raises LookupError outside of one."""
    return _current.get()


def terms(
    *,
    lane: Lane | None = None,
    otherwise: Sequence[Form] = (),
    not_before: datetime | None = None,
    dedup_key: str | None = None,
    replace_key: str | None = None,
    on_sent: FollowUp | None = None,
    on_never: FollowUp | None = None,
) -> dict[str, Any]:
    """What goes with a promise, as ``api_kwargs`` of any call of the bot.

    ``otherwise``: the forms tried when Telegram refuses this one for good. ``not_before``: aware.
    ``dedup_key``: said once, ever. ``replace_key``: a newer one replaces the older while that
    waits. ``on_sent``, ``on_never``: the timer that is set when it is sent, or never will be.
    """
    return {
        _TERMS: {
            "lane": lane, "otherwise": otherwise, "not_before": not_before, "dedup_key": dedup_key,
            "replace_key": replace_key, "on_sent": on_sent, "on_never": on_never,
        }
    }  # fmt: skip


def promise_of(message_id: int) -> int:
    """The promise behind the message id that a promising call returned."""
    if message_id >= 0:
        raise ValueError("a real message id stands for no promise")
    return -message_id


def _chat_of(params: Mapping[str, Any]) -> int:
    chat_id = params.get("chat_id", 0)
    return chat_id if isinstance(chat_id, int) else 0


class _PromisingRequest(BaseRequest):
    """python-telegram-bot's way out: it leads into the outbox."""

    def __init__(self, me: Mapping[str, Any]) -> None:
        self._me = me

    @property
    def read_timeout(self) -> float | None:
        return None

    async def initialize(self) -> None:
        """Nothing to open: a promise needs no connection."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = None,
        write_timeout: Any = None,
        connect_timeout: Any = None,
        pool_timeout: Any = None,
    ) -> tuple[int, bytes]:
        name = url.rpartition("/")[2]
        if name == "getMe":
            return 200, _answer(self._me)
        if name.startswith("get"):
            raise LookupError(f"{name}: a handler cannot ask Telegram, only promise")
        params = _parameters(request_data)
        chosen = params.pop(_TERMS, None) or {}
        if not params.keys() & _MARKED_UP:
            # The library adds its default to every call, also to those that know no such thing.
            params.pop("parse_mode", None)
        promises = current_promises()
        if name in DIRECT_METHODS:
            promises.direct.append(Form(name, params))
            return 200, _answer(True)
        _store_files(params, request_data, promises)
        number = await promises.promise(Form(name, params), **chosen)
        return 200, _answer(_result(name, params, number))


def _parameters(request_data: RequestData | None) -> dict[str, Any]:
    if request_data is None:
        return {}
    return {
        key: _plain(value) for key, value in request_data.parameters.items() if key != _TERMS
    } | ({_TERMS: request_data.parameters[_TERMS]} if _TERMS in request_data.parameters else {})


def _plain(value: Any) -> Any:
    """Text as text: what people typed may be marked as safe HTML, which JSON does not know."""
    return str(value) if isinstance(value, str) and type(value) is not str else value


def _store_files(
    params: dict[str, Any], request_data: RequestData | None, promises: Promising
) -> None:
    """Files become blobs: stored once by their content, uploaded by the sender."""
    if request_data is None or not request_data.contains_files:
        return
    for name, (filename, content, _mime) in (request_data.multipart_data or {}).items():
        data = content if isinstance(content, bytes) else content.read()
        hash_ = promises.blobs.keep(data, filename, promises.now)
        reference = {"blob": hash_}
        if name in params or not _replace_attached(params, f"attach://{name}", reference):
            params[name] = reference


def _replace_attached(value: Any, attached: str, reference: dict[str, str]) -> bool:
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    found = False
    for key, each in list(items):
        if each == attached:
            value[key] = reference
            found = True
        else:
            found = _replace_attached(each, attached, reference) or found
    return found


def _result(method: str, params: Mapping[str, Any], number: int) -> Any:
    if method in _ANSWER_TRUE:
        return True
    if method == "copyMessage":
        return {"message_id": -number}
    if method in ("sendMediaGroup", "copyMessages", "forwardMessages"):
        items = params.get("media") or params.get("message_ids") or []
        return [
            _message(params, -(ITEMS_FROM + number * ITEMS_PER_PROMISE + place))
            for place in range(len(items))
        ]
    if method.startswith("editMessage"):
        return _message(params, params.get("message_id", -number))
    return _message(params, -number)


def _message(params: Mapping[str, Any], message_id: int) -> dict[str, Any]:
    chat_id = _chat_of(params)
    kind = "private" if chat_id > 0 else "supergroup"
    return {"message_id": message_id, "date": 0, "chat": {"id": chat_id, "type": kind}}


def _answer(result: Any) -> bytes:
    return orjson.dumps({"ok": True, "result": result})


def promising_bot(me: Mapping[str, Any]) -> ExtBot[None]:
    """A bot whose calls are promises. ``me`` is Telegram's answer to getMe, as stored."""
    request = _PromisingRequest(me)
    return ExtBot(
        _NO_TOKEN,
        request=request,
        get_updates_request=request,
        defaults=Defaults(parse_mode=ParseMode.HTML),
    )
