"""Builds the wheel, installs it into an empty environment, and starts its demo from elsewhere.

Usage: try_wheel.py DIRECTORY (made; left to the caller to remove). Exit status 1 when the page does
not answer or the demo does not stop when asked.
"""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: A cold start on a busy machine: imports without compiled files, migrations, sample station.
START_SECONDS = 30
#: The bot waits at most 10 s for calls in flight.
STOP_SECONDS = 15


def main() -> int:
    place = Path(sys.argv[1])
    away = place / "away"
    away.mkdir(parents=True)
    wheel = build(place)
    beatline = install(wheel, place)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    demo = subprocess.Popen([beatline, "demo", "--port", str(port)], cwd=away)
    try:
        size = page_size(port, demo)
        demo.send_signal(signal.SIGTERM)
        status = demo.wait(STOP_SECONDS)
    finally:
        demo.kill()
    print(f"{wheel.name}: the demo's page has {size} bytes, the demo ended with {status}")
    return 0 if size and status == 0 else 1


def build(place: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place)]
    subprocess.run(command, cwd=ROOT, check=True)
    (wheel,) = place.glob("*.whl")
    return wheel


def install(wheel: Path, place: Path) -> Path:
    """Only what the wheel asks for, in the versions of the lock file."""
    lock = re.sub(r"\[.*\]==", "==", (ROOT / "requirements.lock").read_text())
    pinned = re.findall(r"^\S+==[^\\\n]+", lock, re.MULTILINE)
    constraints = place / "constraints.txt"
    constraints.write_text("\n".join(pinned))
    venv.create(place / "venv", with_pip=True)
    pip = place / "venv" / "bin" / "pip"
    subprocess.run([pip, "install", "-q", "-c", constraints, wheel], cwd=place / "away", check=True)
    return place / "venv" / "bin" / "beatline"


def page_size(port: int, demo: subprocess.Popen[bytes]) -> int:
    """The length of the demo's page, 0 when it never answered."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and demo.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
                return len(answer.read())
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    return 0


if __name__ == "__main__":
    sys.exit(main())
