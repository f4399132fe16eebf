"""How a command ends: one line for a person, an object for a machine, an exit code."""

from __future__ import annotations

import os

import click

from motet.core.errors import MotetError
from motet.core.json import JSON, dumps

INTERRUPTED = 130


def failed(error: MotetError, *, as_json: bool) -> int:
    """Report one of our errors, each problem of a declaration on a line of its own."""
    problems = getattr(error, "problems", (error,))
    for problem in problems:
        _say(str(problem))
    if as_json:
        detail = _object(error.code, error.message, error.where, error.hint)
        if len(problems) > 1:
            detail["problems"] = [
                {"message": each.message, "where": each.where, "hint": each.hint}
                for each in problems
            ]
        _print(detail)
    return error.exit_code


def misused(error: click.ClickException, *, as_json: bool) -> int:
    """Report a command line that click refused."""
    ctx = error.ctx if isinstance(error, click.UsageError) else None
    hint = f"see {ctx.command_path if ctx is not None else 'motet'} --help"
    message = error.format_message()
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        message = f"a command is missing: {_commands(error)}"
    message = " ".join(message.split()).rstrip(".")
    message = message[:1].lower() + message[1:]
    _say(f"{message} ({hint})")
    if as_json:
        _print(_object("usage", message, None, hint))
    return 2


def _commands(error: click.UsageError) -> str:
    ctx = error.ctx
    assert ctx is not None
    assert isinstance(ctx.command, click.Group)
    return ", ".join(ctx.command.list_commands(ctx))


def outside(error: OSError, *, as_json: bool) -> int:
    """Report what the operating system refused: a file, a folder, standard output."""
    reason = error.strerror or str(error)
    where = None if error.filename is None else os.fsdecode(error.filename)
    _say(f"{where}: {reason}" if where else f"cannot write the output: {reason}")
    if as_json and where:
        _print(_object("system", reason, where, None))
    return 3


def interrupted(*, as_json: bool) -> int:
    """Report that a person stopped the command."""
    _say("interrupted")
    if as_json:
        _print(_object("interrupted", "interrupted", None, None))
    return INTERRUPTED


def bug(error: Exception, *, as_json: bool) -> int:
    """Report what we did not foresee; with MOTET_DEBUG set, raise it."""
    if os.environ.get("MOTET_DEBUG"):
        raise error
    message = " ".join(f"{type(error).__name__}: {error}".split())
    hint = "MOTET_DEBUG=1 shows where"
    _say(f"bug: {message} ({hint})")
    if as_json:
        _print(_object("bug", message, None, hint))
    return 1


def _say(text: str) -> None:
    click.echo(f"motet: {' '.join(text.split())}", err=True)


def _object(code: str, message: str, where: str | None, hint: str | None) -> dict[str, JSON]:
    return {"code": code, "message": message, "where": where, "hint": hint}


def _print(detail: dict[str, JSON]) -> None:
    click.echo(dumps({"schema_version": 1, "error": detail}))
