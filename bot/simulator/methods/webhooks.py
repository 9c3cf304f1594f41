"""Without this module a bot could not ask to be called: the webhook."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from bot.simulator.errors import bad_request
from bot.simulator.limits import SECRET_TOKEN_LENGTH, WEBHOOK_CONNECTIONS, WEBHOOK_PORTS, words
from bot.simulator.methods.method import Method
from bot.simulator.parameters import Call
from bot.simulator.telegram import Telegram
from bot.simulator.webhooks import Target

_SECRET = re.compile(r"[A-Za-z0-9_-]*")
#: A local Bot API server delivers by plain HTTP too; we do so on this machine only.
_LOOPBACK = words("127.0.0.1 localhost ::1")


def set_webhook(telegram: Telegram, call: Call) -> bool:
    """Deliver updates to this address; an empty one ends that."""
    url = call.text("url")
    if not url:
        return delete_webhook(telegram, call)
    connections = call.integer("max_connections", 40)
    if connections not in WEBHOOK_CONNECTIONS:
        raise bad_request("max_connections must be 1-100")
    secret = call.text("secret_token")
    if secret and len(secret) not in SECRET_TOKEN_LENGTH:
        raise bad_request("secret token is too long")
    if _SECRET.fullmatch(secret) is None:
        raise bad_request("secret token contains unallowed characters")
    _check_address(url)
    telegram.updates.allow(call.array("allowed_updates"))
    if call.flag("drop_pending_updates"):
        telegram.updates.clear()
    telegram.updates.end_poll("setWebhook request")
    telegram.webhook.set(Target(url, secret, connections))
    return True


def _check_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        port = parts.port or 443
    except ValueError:
        raise bad_request("bad webhook: invalid webhook URL specified") from None
    if parts.scheme == "http" and parts.hostname in _LOOPBACK:
        return
    if parts.scheme != "https":
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if port not in WEBHOOK_PORTS:
        raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")


def delete_webhook(telegram: Telegram, call: Call) -> bool:
    """Deliver no more; getUpdates works again."""
    if call.flag("drop_pending_updates"):
        telegram.updates.clear()
    telegram.webhook.remove()
    return True


def get_webhook_info(telegram: Telegram, _call: Call) -> dict[str, Any]:
    """Where updates go, how many wait, what went wrong last."""
    return telegram.webhook.info()


METHODS = (
    Method(
        "setWebhook",
        set_webhook,
        words(
            "url certificate ip_address max_connections allowed_updates drop_pending_updates"
            " secret_token"
        ),
    ),
    Method("deleteWebhook", delete_webhook, words("drop_pending_updates")),
    Method("getWebhookInfo", get_webhook_info),
)
