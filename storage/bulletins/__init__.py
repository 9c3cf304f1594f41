"""Without this drawer a notice would be something somebody typed, and nobody knew who got it."""

from __future__ import annotations

from storage.bulletins.counts import DeliveryCounts
from storage.bulletins.deliveries import DeliveriesDrawer, Delivery, Promised
from storage.bulletins.drawer import BulletinOnFile, BulletinsDrawer
from storage.bulletins.payloads import PayloadsDrawer
from storage.bulletins.translations import TranslationsDrawer, Wanted

__all__ = [
    "BulletinOnFile",
    "BulletinsDrawer",
    "DeliveriesDrawer",
    "Delivery",
    "DeliveryCounts",
    "PayloadsDrawer",
    "Promised",
    "TranslationsDrawer",
    "Wanted",
]
