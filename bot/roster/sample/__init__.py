"""Without this sample the demo would have no police station. Everything in it is invented."""

from __future__ import annotations

from pathlib import Path


def sample_roster_path() -> Path:
    """The roster of the sample station."""
    return Path(__file__).with_name("station.toml")
