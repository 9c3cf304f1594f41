"""Without this package nobody could try Beatline without an account, a server and an evening.

Simulator, bot and sample station in one process, with one clock: `beatline demo`.
"""

from bot.demo.running import run_demo

__all__ = ["run_demo"]
