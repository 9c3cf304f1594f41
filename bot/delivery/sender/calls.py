"""Without this module a call could end in a way that nobody sorted, and its chat would stand still.

Makes one call, whatever happens: the files are put in, and every end has an outcome.
"""

from __future__ import annotations

import logging

from bot.delivery.outcomes import (
    Kind,
    Outcome,
    is_file_id_refused,
    outcome_of,
    sorted_out,
)
from bot.delivery.telegram import TelegramClient, TelegramError
from bot.delivery.uploads import FileIds, FileMissingError, Upload, Uploads
from storage.database import Database, StorageError
from storage.outbox import Form

_log = logging.getLogger("beatline.sender")


class Calls:
    """Calls of the Bot API with their outcomes."""

    def __init__(self, client: TelegramClient, database: Database) -> None:
        self._client = client
        self._uploads = Uploads(database)

    async def make(self, form: Form) -> tuple[Outcome, FileIds]:
        """Make the call. Nothing is raised but a cancellation: then its outcome is unknown."""
        try:
            async with self._uploads.prepared(form) as upload:
                return await self._made(form, upload)
        except StorageError as error:
            return Outcome(Kind.LATER, reason=str(error)), ()
        except FileMissingError as error:
            return Outcome(Kind.MESSAGE_NEVER, reason=str(error)), ()
        except Exception as error:  # the wide net: one such promise must not stop all others
            cause = type(error).__name__
            _log.error("call_impossible", extra={"method": form.method, "cause": cause})
            return Outcome(Kind.MESSAGE_NEVER, reason=f"impossible: {cause}"), ()

    async def _made(self, form: Form, upload: Upload) -> tuple[Outcome, FileIds]:
        try:
            result = await self._client.call(form.method, upload.params, files=upload.files)
        except TelegramError as error:
            if upload.known and is_file_id_refused(error):
                return Outcome(Kind.LATER, reason=str(error)), self._uploads.unlearn(upload)
            return sorted_out(error, form), ()
        return outcome_of(result), self._uploads.learn(upload, result)

    async def make_now(self, form: Form) -> None:
        """A call that is not promised: it expires within seconds, and a failure is nothing."""
        outcome, _ = await self.make(form)
        if outcome.kind is not Kind.SENT:
            _log.info("not_called", extra={"method": form.method, "reason": outcome.reason})
