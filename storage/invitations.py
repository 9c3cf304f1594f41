"""Without this drawer anybody could say to be an officer."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from storage.database import Unit

#: An invitation that was not used is worth nothing after this time.
VALID_FOR = timedelta(days=7)


class InvitationRefused(Exception):  # noqa: N818 - a refusal is a fact, not an error
    """Unknown, used or expired: which one is nobody's business who does not have a valid one."""


class InvitationsDrawer:
    """Single-use links; only their hashes are stored."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    def invite(self, code: str, now: datetime) -> str:
        """A new invitation for this officer: the secret part of the link."""
        token = secrets.token_urlsafe(24)
        self._unit.write(
            "INSERT INTO invitation (hash, code, expires_at) VALUES (:hash, :code, :expires_at)",
            hash=_hash(token),
            code=code,
            expires_at=now + VALID_FOR,
        )
        return token

    async def meant_for(self, token: str, now: datetime) -> str:
        """The code of the officer it is for, without using it. Raises `InvitationRefused`."""
        row = await self._unit.fetch_one(
            "SELECT code FROM invitation"
            " WHERE hash = :hash AND used_at IS NULL AND expires_at > :now",
            hash=_hash(token),
            now=now,
        )
        if row is None:
            raise InvitationRefused
        return str(row["code"])

    async def accept(self, token: str, *, chat_id: int, now: datetime) -> str:
        """Use it: the officer's code. Raises `InvitationRefused`."""
        row = await self._unit.fetch_one(
            "UPDATE invitation SET used_at = :now, used_by = :chat_id WHERE hash = :hash"
            " AND used_at IS NULL AND expires_at > :now RETURNING code",
            hash=_hash(token),
            chat_id=chat_id,
            now=now,
        )
        if row is None:
            raise InvitationRefused
        return str(row["code"])


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
