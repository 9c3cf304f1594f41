"""Without this module the bot would need the real Telegram for its every test: the HTTP server.

One port serves ``/bot<token>/<method>``, ``/file/bot<token>/<path>``, the control API ``/sim/…``
(documented in `bot.simulator.control`) and the page with the phones at ``/``.

It is a low-level aiohttp server without a router: a load campaign sends it some thousand calls a
second, and a route table would cost as much as a method.
"""

from __future__ import annotations

import asyncio
import re
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from aiohttp import web

from bot.clock import Clock
from bot.simulator import wire
from bot.simulator.control import GETS, POSTS, control
from bot.simulator.dispatch import answer, failure
from bot.simulator.errors import BotApiError, ControlError, bad_request
from bot.simulator.limits import REQUEST_BYTES
from bot.simulator.parameters import Call, Upload
from bot.simulator.telegram import Telegram

#: The token of the simulated bot unless another is chosen; nobody else knows it.
DEFAULT_TOKEN = "900000:simulated"  # noqa: S105 - opens nothing but the simulator
#: Where the files of the page are.
PAGE = Path(__file__).parent / "page"
#: How long streams and long polls may take to end when the server stops.
SHUTDOWN_SECONDS = 1.0
#: The page asks nobody but us, and nothing people typed or uploaded is ever run.
_PAGE_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_FILE_HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
}
_JSON = "application/json"
_TOKEN_SHAPE = re.compile(r"\d+:[\w-]+", re.ASCII)
_PAGE_FILE = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+")


class SimulatedTelegram:
    """A Telegram of one's own: ``async with SimulatedTelegram(clock=clock) as telegram`` serves at
    ``telegram.url`` (a free port on the loopback interface) until the block ends."""

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        token: str = DEFAULT_TOKEN,
        enforce_limits: bool = False,
    ) -> None:
        self.clock = clock or Clock()
        self.token = token
        self.telegram = Telegram(self.clock, token)
        self.telegram.enforce_limits(enforce_limits)
        self._runner: web.ServerRunner | None = None
        self._port = 0
        self._host = ""

    @property
    def url(self) -> str:
        """Where it serves; this is the setting ``api_url`` too."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    @property
    def port(self) -> int:
        """The port it serves on."""
        return self._port

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Serve from now on; port 0 takes a free one. Raises OSError when the port is taken."""
        loop = asyncio.get_running_loop()
        factory = partial(web.BaseRequest, loop=loop, client_max_size=REQUEST_BYTES)
        server = web.Server(self._serve, request_factory=factory, access_log=None)
        runner = web.ServerRunner(server, shutdown_timeout=SHUTDOWN_SECONDS)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port, reuse_address=True).start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        self._host, self._port = host, runner.addresses[0][1]

    async def stop(self) -> None:
        """Serve no more; open streams and polls end."""
        await self.telegram.webhook.stop()
        self.telegram.events.close()
        self.telegram.updates.wake()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> SimulatedTelegram:
        await self.start()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.stop()

    def control(self, what: str, **request: Any) -> Any:
        """A control request without HTTP: ``telegram.control("say", user_id=7, text="hello")``;
        names that only look are looked up with GET. Raises `ControlError`."""
        verb = "POST" if what in POSTS and (request or what not in GETS) else "GET"
        return control(self.telegram, verb, what, request)

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path
        if path.startswith("/bot"):
            return await self._bot_api(request, path)
        if path.startswith("/sim/"):
            return await self._control(request, path[len("/sim/") :])
        if path.startswith("/file/bot"):
            return self._download(request, path[len("/file/bot") :])
        return _page(path)

    async def _bot_api(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        token, _, method = path[len("/bot") :].partition("/")
        if self.telegram.faults.is_out:
            return _cut(request)
        if (refusal := self._token_refusal(token)) is not None:
            return _json(refusal.code, failure(refusal))
        try:
            call = await _read_call(request, method)
        except BotApiError as error:
            return _json(error.code, failure(error))
        answered = await answer(self.telegram, call)
        if answered is None or self.telegram.faults.is_out:
            return _cut(request)
        return _json(*answered)

    def _token_refusal(self, token: str) -> BotApiError | None:
        if token == self.token:
            return None
        if _TOKEN_SHAPE.fullmatch(token):
            return BotApiError(401, "Unauthorized")
        return BotApiError(404, "Not Found")

    def _download(self, request: web.BaseRequest, rest: str) -> web.StreamResponse:
        token, _, path = rest.partition("/")
        if self.telegram.faults.is_out:
            return _cut(request)
        if (refusal := self._token_refusal(token)) is not None:
            return _json(refusal.code, failure(refusal))
        files = self.telegram.world.files
        stored = files.at(path)
        if stored is None:
            return _json(404, failure(BotApiError(404, "Not Found")))
        return web.Response(body=files.content(stored))

    async def _control(self, request: web.BaseRequest, what: str) -> web.StreamResponse:
        if what == "events":
            return await self._events(request)
        if what == "file":
            return self._file(request.query.get("file_id", ""))
        table = GETS if request.method == "GET" else POSTS
        if what not in table:
            return _error(404, f"there is no {request.method} /sim/{what}")
        try:
            wanted = await _control_request(request)
            done = control(self.telegram, request.method, what, wanted)
        except ControlError as error:
            return _error(400, str(error))
        return _json(200, wire.dumps(done))

    def _file(self, file_id: str) -> web.StreamResponse:
        files = self.telegram.world.files
        stored = files.get(file_id)
        if stored is None:
            return _error(404, "there is no such file")
        return web.Response(
            body=files.content(stored), content_type=stored.mime_type, headers=_FILE_HEADERS
        )

    async def _events(self, request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"}
        )
        await response.prepare(request)
        stream = self.telegram.events.listen()
        try:
            async for line in stream:
                await response.write(line)
        except ConnectionError:
            return response  # the listener has gone
        finally:
            await stream.aclose()
        return response


async def _read_call(request: web.BaseRequest, method: str) -> Call:
    """Parameters from the query, a JSON body or a form; the body wins."""
    values: dict[str, Any] = dict(request.query) if request.query_string else {}
    call = Call(method, values)
    if not request.can_read_body:
        return call
    try:
        if request.content_type == _JSON:
            values.update(_object(await request.read()))
        else:
            await _read_form(request, call)
    except web.HTTPRequestEntityTooLarge:
        raise BotApiError(413, "Request Entity Too Large") from None
    return call


def _object(body: bytes) -> dict[str, Any]:
    if not body:
        return {}
    try:
        values = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise bad_request("can't parse request JSON; strings must be encoded in UTF-8") from None
    if not isinstance(values, dict):
        raise bad_request("object expected as request body")
    return values


async def _read_form(request: web.BaseRequest, call: Call) -> None:
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            content = value.file.read()
            call.uploads[name] = Upload(value.filename, value.content_type, content)
        elif isinstance(value, str):
            call.values[name] = value
        else:
            call.uploads[name] = Upload("", "application/octet-stream", bytes(value))


async def _control_request(request: web.BaseRequest) -> Any:
    if request.method == "GET":
        return dict(request.query)
    try:
        return wire.loads(await request.read() or b"{}")
    except ValueError:
        raise ControlError("the request is not JSON") from None
    except web.HTTPRequestEntityTooLarge:
        raise ControlError("the request is too large") from None


def _json(status: int, body: bytes) -> web.Response:
    return web.Response(body=body, status=status, content_type=_JSON)


def _error(status: int, sentence: str) -> web.Response:
    return _json(status, wire.dumps({"error": sentence}))


def _cut(request: web.BaseRequest) -> web.Response:
    """End the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _page(path: str) -> web.StreamResponse:
    name = path.lstrip("/") or "index.html"
    if _PAGE_FILE.fullmatch(name) is None or not (PAGE / name).is_file():
        return _error(404, "there is no such page")
    return web.FileResponse(PAGE / name, headers=_PAGE_HEADERS)
