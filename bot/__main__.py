"""Without this module there is no command: ``beatline``, also ``python -m bot``."""

from __future__ import annotations

import sys


def main() -> None:
    """Do what the command line says and exit with its status."""
    from bot.command_line.program import run_program

    sys.exit(run_program(sys.argv[1:]))


if __name__ == "__main__":
    main()
