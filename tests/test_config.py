"""What an administrator is told about settings, and what is never repeated."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import Settings, SettingsError, load_settings

TOKEN = "123456789:AAF-not-a-real-token_0123456789abcde"


@pytest.fixture(autouse=True)
def _empty_office(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings but those a test makes: an empty directory, no variables of ours."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"BEATLINE_{name.upper()}", raising=False)


def faults_of(config: Path | None = None) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        load_settings(config)
    return caught.value.faults


def test_without_any_setting_the_defaults_of_the_contract_hold() -> None:
    """Whoever sets nothing gets Telegram, a file in the working directory and Telegram's pace."""
    settings = load_settings()
    assert settings.token is None
    assert settings.api_url == "https://api.telegram.org"
    assert settings.database == "sqlite:///beatline.db"
    assert (settings.bulk_per_second, settings.chat_per_second) == (27, 1)
    assert (settings.page_command, settings.page_command_seconds) == (None, 30)
    assert settings.log_format == "json"  # pytest's standard error is no terminal


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable overrides the same setting in beatline.toml and leaves the others alone."""
    Path("beatline.toml").write_text('bulk_per_second = 5\nlog_format = "text"\n')
    monkeypatch.setenv("BEATLINE_BULK_PER_SECOND", "9.5")
    settings = load_settings()
    assert (settings.bulk_per_second, settings.log_format) == (9.5, "text")


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    """Container files declare variables and leave them empty: the default holds."""
    monkeypatch.setenv("BEATLINE_API_URL", "")
    assert load_settings().api_url == "https://api.telegram.org"


def test_a_named_file_is_read_from_anywhere(tmp_path: Path) -> None:
    """--config FILE replaces beatline.toml."""
    Path("beatline.toml").write_text("bulk_per_second = 5\n")
    elsewhere = tmp_path / "other" / "station.toml"
    elsewhere.parent.mkdir()
    elsewhere.write_text("bulk_per_second = 6\n")
    assert load_settings(elsewhere).bulk_per_second == 6


def test_a_named_file_that_is_missing_is_an_error(tmp_path: Path) -> None:
    """A mistyped --config never means "the defaults, then"."""
    (fault,) = faults_of(tmp_path / "statoin.toml")
    assert "statoin.toml" in fault
    assert "--config" in fault


def test_a_broken_file_names_its_line() -> None:
    """TOML that cannot be read is an error with file and line."""
    Path("beatline.toml").write_text("bulk_per_second = 5\ntoken =\n")
    (fault,) = faults_of()
    assert "beatline.toml" in fault
    assert "line 2" in fault


@pytest.mark.parametrize("content", [b"token = '\xff\xfe'\n", None])
def test_a_file_that_is_no_text_is_an_error(content: bytes | None) -> None:
    """Neither a directory nor another encoding ends in a traceback."""
    if content is None:
        Path("beatline.toml").mkdir()
    else:
        Path("beatline.toml").write_bytes(content)
    (fault,) = faults_of()
    assert fault.startswith("beatline.toml ")


def test_misspelt_names_are_answered_with_the_nearest_right_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every misspelling, in file and environment, is reported at once."""
    Path("beatline.toml").write_text("tokne = '1:a'\n[databse]\nurl = ''\n")
    monkeypatch.setenv("BEATLINE_API_ULR", "http://localhost")
    first, second, third = faults_of()
    assert "tokne" in first
    assert first.endswith("the nearest one is token.")
    assert second.endswith("the nearest one is database.")
    assert "BEATLINE_API_ULR" in third
    assert third.endswith("the nearest one is BEATLINE_API_URL.")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("token", "secret-without-number"),
        ("token", "12:three four"),
        ("token", "１２:abc"),
        ("api_url", "api.telegram.org"),
        ("api_url", "ftp://files.example"),
        ("api_url", "https://"),
        ("api_url", "http://[broken"),
        ("database", "beatline.db"),
        ("database", "sqlite://beatline.db"),
        ("database", "sqlite:///"),
        ("database", "mysql://root:hunter2@host/db"),
        ("database", "postgresql://"),
        ("bulk_per_second", "0"),
        ("bulk_per_second", "-1"),
        ("bulk_per_second", "nan"),
        ("bulk_per_second", "inf"),
        ("chat_per_second", "-0.1"),
        ("chat_per_second", "many"),
        ("page_command", "page --sms"),
        ("page_command", "./page"),
        ("page_command", "/opt/page 'hunter2"),
        ("page_command", "  "),
        ("page_command_seconds", "0.9"),
        ("page_command_seconds", "61"),
        ("log_format", "xml"),
    ],
)
def test_a_value_out_of_bounds_is_refused_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """The sentence names the setting and what it must be, in file and environment alike, and
    nothing else: the value may be a secret."""
    expected = f"must be {Settings.model_fields[name].description}."
    Path("beatline.toml").write_text(f'{name} = "{value}"\n')
    (in_file,) = faults_of()
    assert in_file == f"{name} in beatline.toml {expected}"
    monkeypatch.setenv(f"BEATLINE_{name.upper()}", value)
    (in_environment,) = faults_of()
    assert in_environment == f"BEATLINE_{name.upper()} {expected}"


@pytest.mark.parametrize(
    "database",
    [
        "sqlite:///station.db",
        "sqlite:////var/lib/beatline/station.db",
        "postgresql://beatline@db.example/beatline",
        "postgresql://postgres:@/postgres?host=/tmp/pg",
    ],
)
def test_databases_of_both_engines_are_taken(
    monkeypatch: pytest.MonkeyPatch, database: str
) -> None:
    """Relative and absolute files, and PostgreSQL by network or socket."""
    monkeypatch.setenv("BEATLINE_DATABASE", database)
    assert load_settings().database == database


def test_a_chat_pace_of_nothing_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """0 means: only Telegram's own refusals pace a chat."""
    monkeypatch.setenv("BEATLINE_CHAT_PER_SECOND", "0")
    assert load_settings().chat_per_second == 0


def test_the_command_that_pages_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words as a shell would see them, in file and environment alike; none of them is printed,
    since one may be a password. A list, or a character no program can be given, is refused."""
    Path("beatline.toml").write_text("page_command = '/opt/page --key \"hunter 2\"'\n")
    settings = load_settings()
    assert settings.page_command == ("/opt/page", "--key", "hunter 2")
    assert "hunter" not in repr(settings)
    monkeypatch.setenv("BEATLINE_PAGE_COMMAND", "/opt/other")
    assert load_settings().page_command == ("/opt/other",)
    monkeypatch.delenv("BEATLINE_PAGE_COMMAND")
    for value in ('["/opt/page"]', '"/opt/page \\u0000"'):
        Path("beatline.toml").write_text(f"page_command = {value}\n")
        (fault,) = faults_of()
        assert fault.startswith("page_command in beatline.toml must be a command line")


def test_an_address_may_end_in_a_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    """The method's address is <api_url>/bot<token>/<method>, with one slash."""
    monkeypatch.setenv("BEATLINE_API_URL", "http://localhost:8081/")
    assert load_settings().api_url == "http://localhost:8081"


def test_secrets_are_not_in_what_settings_print(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the token nor the database's password is in repr() or str()."""
    monkeypatch.setenv("BEATLINE_TOKEN", TOKEN)
    monkeypatch.setenv("BEATLINE_DATABASE", "postgresql://me:hunter2@host/db")
    settings = load_settings()
    assert settings.token_value == TOKEN
    for shown in (repr(settings), str(settings)):
        assert TOKEN not in shown
        assert "hunter2" not in shown


def test_whoever_needs_the_token_is_told_where_to_put_it() -> None:
    """`run` without a token ends with a sentence, not with a call to Telegram."""
    with pytest.raises(SettingsError, match="BEATLINE_TOKEN"):
        _ = load_settings().token_value


def test_settings_made_by_hand_do_not_meet_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The demo's sample station never lands in the database that the environment names."""
    monkeypatch.setenv("BEATLINE_DATABASE", "sqlite:///the-real-one.db")
    monkeypatch.setenv("BEATLINE_BULK_PER_SECOND", "3")
    settings = Settings(database="sqlite:///demo.db")
    assert (settings.database, settings.bulk_per_second) == ("sqlite:///demo.db", 27)
