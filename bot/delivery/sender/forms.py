"""Without this module a promise would go out with an id that only we know.

A promise refers to another one by a negative message id; before the call the real one is put in.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from storage.outbox import Form, Promise


def with_real_id(form: Form, message_id: int | None) -> Form | None:
    """Negative ids replaced by the real one. Without one a reply goes without its reply; an edit
    or a mark makes no sense any more: None."""
    params = dict(form.params)
    own = params.get("message_id")
    if isinstance(own, int) and own < 0:
        if message_id is None:
            return None
        params["message_id"] = message_id
    reply: Any = params.get("reply_parameters")
    if (
        isinstance(reply, dict)
        and isinstance(reply.get("message_id"), int)
        and reply["message_id"] < 0
    ):
        if message_id is None:
            del params["reply_parameters"]
        else:
            params["reply_parameters"] = {**reply, "message_id": message_id}
    return Form(form.method, params)


def in_form(promise: Promise, form: Form) -> Promise:
    """The same promise, said in another form."""
    return replace(promise, form=form)
