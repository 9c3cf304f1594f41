"""Without this module polls of the bot and polls of people would look different."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def poll(poll_id: int, question: str, options: Iterable[str], **fields: Any) -> dict[str, Any]:
    """A poll nobody has voted in, with every field the Bot API always has (10.0)."""
    return {
        "id": str(5_000_000_000_000_000_000 + poll_id),
        "question": question,
        "options": [
            {"persistent_id": str(number), "text": option, "voter_count": 0}
            for number, option in enumerate(options, start=1)
        ],
        "total_voter_count": 0,
        "is_closed": False,
        "is_anonymous": True,
        "type": "regular",
        "allows_multiple_answers": False,
        "allows_revoting": True,
        "members_only": False,
        **fields,
    }
