"""`motet init`."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import click

from motet.cli.options import json_option, print_json
from motet.core.errors import StoreError, UsageError

SAMPLES = ("handbook.md", "machines.csv", "notice.txt")


@click.command(epilog="Example: motet init workshop")
@click.argument("folder", default=".", metavar="[DIR]", type=click.Path(path_type=Path))
@click.option("--name", help="The system's name; default: the folder's.")
@json_option
def command(folder: Path, name: str | None, as_json: bool) -> None:
    """Write a starter declaration and sample documents.

    They go into DIR. Nothing that exists is overwritten.
    """
    from motet.spec import FILE_NAME, starter, suggest_name

    declaration = folder / FILE_NAME
    if declaration.exists():
        raise UsageError(
            "there is a declaration already", where=str(declaration), hint="nothing was changed"
        )
    text = starter(name or suggest_name(folder.absolute().name) or "workshop")
    written = []
    try:
        documents = folder / "documents"
        if not documents.exists():
            documents.mkdir(parents=True)
            written = [documents / sample for sample in SAMPLES]
            for path in written:
                path.write_bytes(files("motet.cli").joinpath("samples", path.name).read_bytes())
        declaration.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StoreError(f"cannot write: {error.strerror}", where=str(error.filename)) from error
    created = [str(path) for path in (declaration, *written)]
    if as_json:
        print_json({"created": created})
        return
    for each in created:
        click.echo(f"wrote {each}")
    where = "" if folder == Path() else f"cd {folder} && "
    click.echo(f'Next: {where}motet ask "How much is a membership?"')
