"""Without this module a promise would go out with an id that only we know.

A promise refers to another one by a negative message id; before the call the real one is put in.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from storage.outbox import Claim, Form, Promise


def ready_to_send(claim: Claim) -> Promise | None:
    """The promise as it is sent: with real ids, to the chat it belongs to now. None when it makes
    no sense any more: an edit or a mark of what was never sent."""
    promise = claim.promise
    form = with_real_id(promise.form, claim.needs_message_id)
    if form is None:
        return None
    if form.params.get("chat_id") not in (None, promise.chat_id):  # the group has a new id
        form = Form(form.method, {**form.params, "chat_id": promise.chat_id})
    return replace(promise, form=form)


def with_real_id(form: Form, message_id: int | None) -> Form | None:
    """Negative ids replaced by the real one. Without one a reply goes without its reply; an edit
    or a mark makes no sense any more: None."""
    params = dict(form.params)
    if _is_promised(params.get("message_id")):
        if message_id is None:
            return None
        params["message_id"] = message_id
    reply: Any = params.get("reply_parameters")
    if isinstance(reply, dict) and _is_promised(reply.get("message_id")):
        if message_id is None:
            del params["reply_parameters"]
        else:
            params["reply_parameters"] = {**reply, "message_id": message_id}
    return Form(form.method, params)


def _is_promised(message_id: Any) -> bool:
    return isinstance(message_id, int) and message_id < 0
