"""Without this package the bot could say nothing: the methods of the Bot API, by noun."""

from __future__ import annotations

from bot.simulator.methods import (
    albums,
    chats,
    copies,
    edits,
    marks,
    media,
    profile,
    texts,
    topics,
    webhooks,
)
from bot.simulator.methods.method import Method

#: Every method there is, except getUpdates, which waits and is the server's own; lower case, as
#: Telegram does not mind.
METHODS: dict[str, Method] = {
    method.name.lower(): method
    for method in (
        *texts.METHODS,
        *media.METHODS,
        *albums.METHODS,
        *copies.METHODS,
        *edits.METHODS,
        *marks.METHODS,
        *chats.METHODS,
        *topics.METHODS,
        *profile.METHODS,
        *webhooks.METHODS,
    )
}
