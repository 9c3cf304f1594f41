"""Load, crash and fault campaigns: `python -m tests.load NAME [--json FILE]`.

All over HTTP against the simulator in a process of its own, with the bot in another one.
"""
