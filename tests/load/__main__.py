"""`python -m tests.load NAME [--engine sqlite|postgres] [--json FILE]`."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from importlib import import_module
from pathlib import Path
from time import monotonic

import uvloop

from tests.load.campaigns import ALL, CAMPAIGNS, Campaign, short
from tests.load.databases import ENGINES
from tests.load.figures import Figures, heading, line_of
from tests.load.processes import OTHER_CORE, pin

#: Modules of this package with a function of their name; imported when it is called.
ALONE = ("fuzz", "profile")


def main() -> int:
    """Play what is named; exit status 1 when a promise was broken or a figure missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("name", choices=[*CAMPAIGNS, "all", "short", *ALONE])
    parser.add_argument("--engine", choices=ENGINES, default="sqlite")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    chosen = parser.parse_args()
    pin(0, OTHER_CORE)
    _say(machine())
    _say(heading())
    played: list[Figures] = []
    for campaign in _campaigns(chosen.name, chosen.engine):
        started = monotonic()
        figures = uvloop.run(campaign(engine=chosen.engine))
        played += figures
        for each in figures:
            _say(line_of(each))
        _say(f"    ({monotonic() - started:.0f} s)")
    if chosen.json:
        document = {"machine": machine(), "figures": [each.as_json() for each in played]}
        chosen.json.write_text(json.dumps(document, indent=1, ensure_ascii=False))
    return int(any(each.broken or each.missed for each in played))


def _campaigns(name: str, engine: str) -> list[Campaign]:
    if name == "all":
        return [CAMPAIGNS[each] for each in ALL[engine]]
    if name in ALONE:
        return [getattr(import_module(f"tests.load.{name}"), name)]
    return [short if name == "short" else CAMPAIGNS[name]]


def machine() -> str:
    """What the figures were measured on."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = info.read_text().splitlines()
        model = next((x.partition(":")[2].strip() for x in lines if "model name" in x), model)
    return f"{model}, {os.cpu_count()} cores, Python {platform.python_version()}"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
