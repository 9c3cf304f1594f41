"""Without this module python-telegram-bot would swallow what our handlers raise.

Its dispatch, over our routes: what fits the update and whoever sent it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from itertools import product
from typing import Any, cast

from telegram import Update
from telegram.ext import Application, BaseHandler, CallbackContext, ExtBot

from bot.context import Button, Command, Desk, Feature, Noticed, Route, current_desk, whom
from bot.domain.roster import Role
from bot.office.letters import kind_of

Refusal = Callable[[Desk, Route | None], Awaitable[None]]
OurApplication = Application[
    ExtBot[None], CallbackContext[ExtBot[None], None, None, None], None, None, None, None
]


class RaisingApplication(Application):  # type: ignore[type-arg]  # parametrized in OurApplication
    """python-telegram-bot's base runs error handlers and goes on with later groups; here a failed
    update must fail as a whole, so that it is undone and tried again."""

    async def process_error(
        self, update: object, error: Exception, job: Any = None, coroutine: Any = None
    ) -> bool:
        raise error


class RoutesHandler(BaseHandler[Update, Any, None]):
    """Routes as python-telegram-bot knows them: the first that fits is taken.

    Only those are asked that serve whoever came with this kind of update: a resident's message is
    of the kind that comes by the thousand, and most routes are buttons and officers' commands.
    """

    def __init__(self, routes: Sequence[Route]) -> None:
        super().__init__(_each_route_has_its_own)
        self._open: dict[tuple[str, Role], list[Route]] = {}
        for route in routes:
            for kind, role in product(route.kinds, route.serves):
                self._open.setdefault((kind, role), []).append(route)

    def check_update(self, _update: object) -> Route | None:
        desk = current_desk.get()
        routes = self._open.get((kind_of(desk.raw), desk.role), ())
        return next((route for route in routes if route.fits(desk)), None)

    async def handle_update(
        self, update: Update, application: object, check_result: object, context: object
    ) -> None:
        await cast(Route, check_result).action(current_desk.get())


async def _each_route_has_its_own(_update: Update, _context: object) -> None:
    """The library wants one callback for each handler."""


class RefusingHandler(BaseHandler[Update, Any, None]):
    """Commands and buttons that do not serve whoever used them get a word, not silence."""

    def __init__(self, routes: Sequence[Route], refuse: Refusal) -> None:
        async def act(_update: Update, _context: object) -> None:
            desk = current_desk.get()
            await refuse(desk, next(iter(self._fitting(desk)), None))

        super().__init__(act)
        self._doors = [route for route in routes if isinstance(route, Command | Button)]

    def _fitting(self, desk: Desk) -> list[Command | Button]:
        return [door for door in self._doors if door.fits(desk)]

    def check_update(self, update: object) -> bool:
        desk = current_desk.get()
        if desk.command is None and desk.press is None:
            return False
        fitting = self._fitting(desk)
        if not fitting:
            return desk.press is not None
        return all(desk.role not in door.serves for door in fitting)


def application_of(
    features: Sequence[Feature], refuse: Refusal, bot: ExtBot[None]
) -> OurApplication:
    application = (
        Application.builder()
        .application_class(RaisingApplication)
        .bot(bot)
        .updater(None)
        .job_queue(None)
        .build()
    )
    routes = [route for _, route in whom(features)]
    in_passing = [route for route in routes if isinstance(route, Noticed)]
    for place, route in enumerate(in_passing):
        # A group each, before all others: of one group only the first that fits is called.
        application.add_handler(RoutesHandler([route]), group=place - len(in_passing))
    application.add_handler(RefusingHandler(routes, refuse))
    application.add_handler(RoutesHandler([each for each in routes if each not in in_passing]))
    return cast(OurApplication, application)
