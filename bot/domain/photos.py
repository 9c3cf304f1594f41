"""Without these rules pictures of identity documents would lie in chats where nobody needs them."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.appointments.service import Service

#: What shows a document: Telegram's names of a picture and of a file.
SHOWING = frozenset({"photo", "live_photo", "document"})
#: So long a refused one can still be sent on, by somebody who looks at the phone once a day.
KEPT_FOR = timedelta(days=1)


def is_refused(kind: str, service: Service | None) -> bool:
    """Whether a message of this kind, sent while ``service`` is booked, goes to nobody: it may show
    a document, and the service (one that is on the roster no more as well) takes no pictures."""
    return kind in SHOWING and (service is None or not service.takes_photos)
