"""Without this module nobody could start, fill or question the office from a terminal.

Takes the command line apart. What a command needs is imported when it is called, because ``--help``
and a restart should be quick. A command returns its exit status; what it raises becomes a sentence
in `bot.command_line.faults`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from bot import __version__
from bot.command_line.faults import status_after

#: Where the demo and the simulator answer unless told otherwise.
DEFAULT_PORT = 8787

Config = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Settings file instead of ./beatline.toml."),
]
Port = Annotated[int, typer.Option(min=0, max=65535, help="Port on this machine; 0: any free one.")]
RosterFile = Annotated[Path, typer.Argument(metavar="FILE", help="A roster: TOML, UTF-8.")]

program = typer.Typer(
    name="beatline",
    help="Connects residents with the community police officer responsible for them.",
    epilog="Settings come from the environment (BEATLINE_TOKEN, …) or from beatline.toml.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help starts in half the time
)
roster = typer.Typer(
    help="Check, load or write the roster.",
    rich_markup_mode=None,
)
letters = typer.Typer(
    help="See and replay what could not be handled.",
    rich_markup_mode=None,
)
calendar = typer.Typer(
    help="Load holidays and make-up working days.",
    rich_markup_mode=None,
)
program.add_typer(roster, name="roster")
program.add_typer(calendar, name="calendar")
program.add_typer(letters, name="letters")


def run_program(arguments: Sequence[str]) -> int:
    """Do what the arguments say; the exit status: 0, 1 for failure, 2 for wrong use."""
    command = typer.main.get_command(program)
    return status_after(
        lambda: command.main(list(arguments), prog_name="beatline", standalone_mode=False)
    )


def _print_version(is_wanted: bool) -> None:
    if is_wanted:
        typer.echo(f"beatline {__version__}")
        raise typer.Exit


@program.callback()
def _beatline(
    context: typer.Context,
    config: Config = None,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Say it and stop."),
    ] = False,
) -> None:
    context.obj = config


@program.command()
def demo(port: Port = DEFAULT_PORT) -> int:
    """Try it: needs no account and no network.

    A simulated Telegram, the bot and a sample station in one process; serves a page with phones.
    """
    from bot.command_line import serving

    return serving.demo(port)


@program.command()
def run(context: typer.Context, config: Config = None) -> int:
    """Serve the station until Ctrl-C or SIGTERM.

    Fetches what people write from Telegram, handles it, answers. A second `run` on the same
    database waits until the first has ended.
    """
    from bot.command_line import serving

    return serving.run(config or context.obj)


@program.command()
def simulate(port: Port = DEFAULT_PORT) -> int:
    """Serve the simulated Telegram alone.

    Point BEATLINE_API_URL at it.
    """
    from bot.command_line import serving

    return serving.simulate(port)


@roster.command("check")
def roster_check(file: RosterFile) -> int:
    """Name every fault in a roster file.

    Each with file, table and key. Changes nothing.
    """
    from bot.command_line import rosters

    return rosters.check(file)


@roster.command("import")
def roster_import(context: typer.Context, file: RosterFile, config: Config = None) -> int:
    """Make a file the roster in force.

    With a fault in it nothing changes. A running bot sees it within a second.
    """
    from bot.command_line import rosters

    return rosters.load(config or context.obj, file)


@roster.command("export")
def roster_export(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="Where to write it; without: to the terminal."),
    ] = None,
    config: Config = None,
) -> int:
    """Write the roster in force, as import takes it."""
    from bot.command_line import rosters

    return rosters.write(config or context.obj, file)


@calendar.command("import")
def calendar_import(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="TOML: years = [2027] and [[day]] tables.")
    ],
    config: Config = None,
) -> int:
    """Put a table of special days in force.

    Its years replace what was known of them; any country. A running bot sees it at once.
    """
    from bot.command_line import calendars

    return calendars.load(config or context.obj, file)


@program.command()
def invite(
    context: typer.Context,
    code: Annotated[str, typer.Argument(metavar="CODE", help="An officer's code in the roster.")],
    config: Config = None,
) -> int:
    """Print a link by which one officer joins.

    It works once and expires.
    """
    from bot.command_line import rosters

    return rosters.invite(config or context.obj, code)


@letters.callback(invoke_without_command=True)
def _letters(context: typer.Context, config: Config = None) -> int | None:
    context.obj = config or context.obj
    if context.invoked_subcommand:
        return None
    from bot.command_line import letters as dead_letters

    return dead_letters.print_list(context.obj)


@letters.command("list")
def letters_list(context: typer.Context, config: Config = None) -> int:
    """List them, one line each."""
    from bot.command_line import letters as dead_letters

    return dead_letters.print_list(config or context.obj)


@letters.command("show")
def letters_show(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="ID", help="Its number in `letters list`.")],
    content: Annotated[
        bool, typer.Option("--content", help="Also what was written: personal data.")
    ] = False,
    config: Config = None,
) -> int:
    """Show one: kind, times, error and shape.

    What was written is personal data and stays hidden without --content.
    """
    from bot.command_line import letters as dead_letters

    return dead_letters.show(config or context.obj, number, with_content=content)


@letters.command("replay")
def letters_replay(
    context: typer.Context,
    numbers: Annotated[
        list[int] | None, typer.Argument(metavar="ID", help="Numbers in `letters list`.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All there are.")] = False,
    config: Config = None,
) -> int:
    """Queue them again, marked as delayed."""
    if bool(numbers) == everything:
        raise typer.BadParameter("name the letters to replay, or --all", param_hint="ID")
    from bot.command_line import letters as dead_letters

    return dead_letters.replay(config or context.obj, None if everything else numbers)


@program.command()
def doctor(context: typer.Context, config: Config = None) -> int:
    """Check everything the bot needs.

    One line each: ok, warn or FAIL. Exit status 1 if one fails.
    """
    from bot.command_line import doctor as consultation

    return consultation.examine(config or context.obj)


@program.command()
def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it.")],
    config: Config = None,
) -> int:
    """Write everything on file into one file.

    Consistent while the bot runs.
    """
    from bot.command_line import backups

    return backups.write(config or context.obj, file)


@program.command()
def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `backup` wrote.")],
    force: Annotated[
        bool, typer.Option("--force", help="Replace what is on file; it is gone afterwards.")
    ] = False,
    config: Config = None,
) -> int:
    """Put a backup in place.

    Refuses while something is on file, unless forced. Stop the bot first.
    """
    from bot.command_line import backups

    return backups.restore(config or context.obj, file, is_forced=force)
