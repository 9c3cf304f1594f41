"""A local Telegram: without it every test, every load campaign and the demo would need the real
one, an account and a network."""

from bot.simulator.server import DEFAULT_TOKEN, SimulatedTelegram

__all__ = ["DEFAULT_TOKEN", "SimulatedTelegram"]
