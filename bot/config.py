"""Without this module a mistyped setting would be found by the first resident who gets no answer.

Settings come from the environment (``BEATLINE_…``), else from ``beatline.toml`` in the working
directory or the file that ``--config`` names. Everything is checked before anything starts.
"""

from __future__ import annotations

import difflib
import os
import re
import shlex
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
)
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

#: Where settings are looked for when no file is named: the working directory.
DEFAULT_FILE = Path("beatline.toml")
#: What our variables in the environment start with.
PREFIX = "BEATLINE_"
#: Telegram's own Bot API server.
TELEGRAM_API_URL = "https://api.telegram.org"

#: Messages of a broadcast a second where nobody sets it: a little under Telegram's 30.
BULK_PER_SECOND = 27.0

#: A bot's number, a colon and its secret, as @BotFather hands them out.
_TOKEN_SHAPE = re.compile(r"\d+:[\w-]+", re.ASCII)


class SettingsError(Exception):
    """The settings cannot be used. ``faults`` has one sentence for each thing to mend; no sentence
    repeats a value, since values may be secrets."""

    def __init__(self, *faults: str) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def _checked_token(token: SecretStr) -> SecretStr:
    if not _TOKEN_SHAPE.fullmatch(token.get_secret_value()):
        raise ValueError("not a bot token")
    return token


def _checked_api_url(url: str) -> str:
    parts = urlsplit(url)  # raises ValueError for a broken address
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("not the address of a server")
    return url.rstrip("/")


def _checked_database(url: str) -> str:
    scheme, _, rest = url.partition("://")
    is_sqlite = scheme == "sqlite" and len(rest) > 1 and rest.startswith("/")
    if not is_sqlite and not (scheme == "postgresql" and rest):
        raise ValueError("not the address of a database")
    return url


def _words_of(line: object) -> tuple[str, ...]:
    if not isinstance(line, str) or "\0" in line:
        raise ValueError("not a command line")
    words = tuple(shlex.split(line))  # raises ValueError for a quote that nothing closes
    if not words or not os.path.isabs(words[0]):
        raise ValueError("not the whole path of a program")
    return words


def _log_format_for_this_output() -> Literal["text", "json"]:
    return "text" if sys.stderr.isatty() else "json"


class Settings(BaseModel):
    """Everything that can be set. A description ends the sentence "… must be".

    Made by hand it holds what it is given and nothing else: the demo must not meet the
    environment's database. `load_settings` finds what is in force.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,  # or a mistyped token would be printed
    )

    token: Annotated[SecretStr, AfterValidator(_checked_token)] | None = Field(
        None, description="a bot token as @BotFather gives it: a number, a colon, a secret"
    )
    api_url: Annotated[str, AfterValidator(_checked_api_url)] = Field(
        TELEGRAM_API_URL, description="the http:// or https:// address of a Bot API server"
    )
    database: Annotated[str, AfterValidator(_checked_database)] = Field(
        "sqlite:///beatline.db",
        repr=False,  # may hold a password
        description="sqlite:///FILE (four slashes: absolute) or postgresql://USER@HOST/NAME",
    )
    bulk_per_second: float = Field(
        BULK_PER_SECOND,
        gt=0,
        allow_inf_nan=False,
        description="a number greater than 0: messages per second of a broadcast",
    )
    chat_per_second: float = Field(
        1,
        ge=0,
        allow_inf_nan=False,
        description="a number, 0 or more: messages per second to one chat, 0 for no pace",
    )
    call_out_step_seconds: float = Field(
        90,
        ge=10,
        le=300,
        description="a number from 10 to 300: seconds each step of an urgent call has",
    )
    page_command: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words_of)] | None = Field(
        None,
        repr=False,  # may hold a password
        description="a command line that begins with the whole path of a program, in one text;"
        " quotes hold words together, and no shell reads it",
    )
    page_command_seconds: float = Field(
        30,
        ge=1,
        le=60,
        description="a number from 1 to 60: seconds the command that pages may take",
    )
    translator_url: Annotated[str, AfterValidator(_checked_api_url)] | None = Field(
        None, description="the http:// or https:// address of a LibreTranslate server"
    )
    translator_key: SecretStr | None = Field(
        None, description="the key that the LibreTranslate server wants"
    )
    log_format: Literal["text", "json"] = Field(
        default_factory=_log_format_for_this_output, description="text or json"
    )

    @property
    def bot_id(self) -> int:
        """The bot's number, which its token begins with. Raises `SettingsError`."""
        return int(self.token_value.partition(":")[0])

    @property
    def token_value(self) -> str:
        """The token, for those who cannot work without one. Raises `SettingsError`."""
        if self.token is None:
            raise SettingsError(
                f"There is no token: set {PREFIX}TOKEN, or token in {DEFAULT_FILE}, "
                "to what @BotFather gave you."
            )
        return self.token.get_secret_value()


class _SettingsInForce(BaseSettings, Settings):
    """Settings that also look into the environment, which wins over what the file says."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,  # container files often declare a variable and leave it empty
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """First the environment, then the file, whose settings arrive as arguments."""
        return env_settings, init_settings


def load_settings(config: Path | None = None) -> Settings:
    """The settings in force. ``config`` must exist when it is given. Raises `SettingsError`."""
    file = config or DEFAULT_FILE
    in_file = _read(file, must_exist=config is not None)
    unknown = [*_unknown_in_file(file, in_file), *_unknown_in_environment(os.environ)]
    if unknown:
        raise SettingsError(*unknown)
    try:
        return _SettingsInForce(**in_file)
    except ValidationError as error:
        raise SettingsError(*_sentences(error, file)) from None


def _read(file: Path, *, must_exist: bool) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if not must_exist:
            return {}
        raise SettingsError(f"There is no file {file}: check what --config names.") from None
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{file} is not UTF-8 text: save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file} is not TOML: {error}.") from None


def _unknown_in_file(file: Path, in_file: Iterable[str]) -> Iterator[str]:
    for name in in_file:
        if name not in Settings.model_fields:
            nearest = _nearest(name, Settings.model_fields)
            yield f"{file} sets {name}, which is no setting: {nearest}."


def _unknown_in_environment(environment: Mapping[str, str]) -> Iterator[str]:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    for variable in environment:
        if variable.upper().startswith(PREFIX) and variable.upper() not in known:
            nearest = _nearest(variable.upper(), known)
            yield f"The environment sets {variable}, which is no setting: {nearest}."


def _nearest(name: str, known: Iterable[str]) -> str:
    # cutoff 0: the nearest one, however far, is what a reader can start from
    (nearest,) = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0)
    return f"the nearest one is {nearest}"


def _sentences(error: ValidationError, file: Path) -> Iterator[str]:
    """One sentence for every setting at fault; its value is not in it."""
    in_environment = {name.upper() for name, value in os.environ.items() if value}
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    for name in dict.fromkeys(str(fault["loc"][0]) for fault in faults):
        variable = f"{PREFIX}{name.upper()}"
        where = variable if variable in in_environment else f"{name} in {file}"
        yield f"{where} must be {Settings.model_fields[name].description}."
