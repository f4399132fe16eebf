"""`motet runs export`."""

from __future__ import annotations

import click

from motet.cli.homes import runs_of, secrets_of
from motet.cli.options import json_option, print_json, system_option
from motet.core.json import dumps


@click.command(epilog="Example: motet runs export run_0193... --to http://127.0.0.1:4318")
@click.argument("runs", nargs=-1, required=True, metavar="RUN...")
@click.option("--otlp", is_flag=True, default=True, help="As OpenTelemetry spans, the default.")
@click.option("--to", "address", metavar="URL", help="Send them to a collector (OTLP/HTTP).")
@system_option
@json_option
def export(
    runs: tuple[str, ...], otlp: bool, address: str | None, system: str | None, as_json: bool
) -> None:
    """Export runs as OpenTelemetry.

    Printed as OTLP/JSON, or sent to a collector: without a path, URL is its base and
    /v1/traces is added. Headers come from OTEL_EXPORTER_OTLP_HEADERS. Questions, values and
    secrets are not exported.
    """
    from motet.core import blocking
    from motet.runtime.collector import Collector
    from motet.runtime.otlp import export as exported

    with runs_of(system) as here:
        records = [here.journal.get(run) for run in dict.fromkeys(runs)]
    secrets = secrets_of(system)
    if address is None:
        click.echo(dumps(exported(records, secrets), indent=2))
        return
    collector = Collector(address, secrets=secrets)
    spans = blocking.run(lambda: collector.send(records))
    if as_json:
        print_json({"runs": [each.id for each in records], "spans": spans, "to": collector.where})
    else:
        click.echo(f"Sent {spans} spans to {collector.where}.")
