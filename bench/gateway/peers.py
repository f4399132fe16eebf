"""The gateways that are compared, each configured to do what the others do, where it can.

All keep connections alive on both sides, retry nothing, log no requests, and check a key. What
each one records of a request is said in `Peer.keeps`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from processes import Running, free_port

OWNER = "bench-owner-key"
INPUT_PRICE, OUTPUT_PRICE = 1.0, 2.0
"""USD per million tokens of the simulated model, in every gateway that counts costs."""


@dataclass(frozen=True)
class Setting:
    """Where a gateway runs: an empty folder, the simulator's port, so many workers."""

    folder: Path
    upstream: int
    workers: int = 1


@dataclass(frozen=True)
class Started:
    """A gateway's process, and the headers a client sends to it."""

    running: Running
    headers: Mapping[str, str]

    @property
    def lines(self) -> str:
        """The headers as lines."""
        return "\n".join(f"{name}: {value}" for name, value in self.headers.items())


@dataclass(frozen=True)
class Peer:
    """A gateway; `find` gives what it is started from, None where it is not installed."""

    name: str
    keeps: str
    find: Callable[[], Path | None]
    start: Callable[[Path, Setting], Started]
    workers: bool = True
    """Whether it can run several worker processes."""


def _clean(**more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return {**kept, **more}


def _named(variable: str) -> Callable[[], Path | None]:
    def find() -> Path | None:
        found = os.environ.get(variable)
        return Path(found) if found else None

    return find


def _bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


# Motet


def _find_motet() -> Path | None:
    found = Path(sys.executable).with_name("motet")
    return found if found.exists() else None


def _motet(command: Path, setting: Setting) -> Started:
    running = motet(command, setting)
    return Started(running, _bearer(make_key(setting.folder)))


def motet(command: Path, setting: Setting) -> Running:
    """Return Motet's gateway, whose declaration is in the folder from now on."""
    folder, port = setting.folder, free_port()
    models = "\n".join(
        f"  - {{use: openai/{name}, as: {name}, key: '${{UPSTREAM_KEY}}',"
        f" base_url: 'http://127.0.0.1:{setting.upstream}/v1',"
        f" price: {{input: {INPUT_PRICE}, output: {OUTPUT_PRICE}}}}}"
        for name in MODELS
    )
    text = f"system: bench\nmodels:\n{models}\ngateway: {{retries: 0}}\n"
    (folder / "motet.yaml").write_text(text)
    arguments = ("gateway", str(folder / "motet.yaml"), "--port", str(port))
    workers = ("--workers", str(setting.workers)) if setting.workers > 1 else ()
    env = _clean(MOTET_API_KEY=OWNER, MOTET_HOME=str(folder), UPSTREAM_KEY="sk-upstream")
    return Running((str(command), *arguments, *workers), port, folder / "log", env=env)


def make_key(folder: Path, budget_usd: float = 1_000_000.0) -> str:
    """Make a key with a hard budget in the ledger of a folder's system; return its secret."""
    command = _find_motet()
    assert command is not None
    options = ("--budget", str(budget_usd), "--json", "-s", str(folder / "motet.yaml"))
    done = subprocess.run(
        (str(command), "keys", "create", "bench", *options),
        env=_clean(MOTET_HOME=str(folder), UPSTREAM_KEY="sk-upstream"),
        capture_output=True,
        text=True,
        check=True,
    )
    secret: str = json.loads(done.stdout)["key"]
    return secret


# LiteLLM

_LITELLM = """\
model_list:
  - model_name: "sim*"
    litellm_params:
      model: "openai/sim*"
      api_base: http://127.0.0.1:{upstream}/v1
      api_key: sk-upstream
      input_cost_per_token: {input}
      output_cost_per_token: {output}
litellm_settings: {{num_retries: 0, request_timeout: 600}}
general_settings: {{master_key: {key}}}
"""


def _litellm(command: Path, setting: Setting) -> Started:
    folder, port = setting.folder, free_port()
    config = folder / "litellm.yaml"
    config.write_text(
        _LITELLM.format(
            upstream=setting.upstream,
            key="sk-bench",
            input=INPUT_PRICE / 1e6,
            output=OUTPUT_PRICE / 1e6,
        )
    )
    env = _clean(
        HOME=str(folder),
        LITELLM_LOCAL_MODEL_COST_MAP="True",
        LITELLM_LOG="ERROR",
        LITELLM_MODE="PRODUCTION",
    )
    address = ("--host", "127.0.0.1", "--port", str(port))
    more = ("--num_workers", str(setting.workers), "--telemetry", "False")
    arguments = (str(command), "--config", str(config), *address, *more)
    return Started(
        Running(arguments, port, folder / "log", at=folder, env=env), _bearer("sk-bench")
    )


# vllm-router


def _router(command: Path, setting: Setting) -> Started:
    port = free_port()
    upstream = f"http://127.0.0.1:{setting.upstream}"
    address = ("--host", "127.0.0.1", "--port", str(port), "--worker-urls", upstream)
    quiet = ("--policy", "round_robin", "--log-level", "error", "--disable-retries")
    key = ("--api-key", "sk-bench")
    metrics = ("--prometheus-port", str(free_port()))
    arguments = (str(command), *address, *quiet, *key, *metrics)
    running = Running(arguments, port, setting.folder / "log", env=_clean())
    return Started(running, _bearer("sk-bench"))


# Portkey's gateway


def _portkey(folder: Path, setting: Setting) -> Started:
    port = free_port()
    script = folder / "node_modules/@portkey-ai/gateway/build/start-server.js"
    arguments = ("node", str(script), f"--port={port}", "--headless")
    headers = {
        **_bearer("sk-upstream"),
        "x-portkey-provider": "openai",
        "x-portkey-custom-host": f"http://127.0.0.1:{setting.upstream}/v1",
    }
    env = _clean(NODE_ENV="production")
    running = Running(arguments, port, setting.folder / "log", at=script.parent.parent, env=env)
    return Started(running, headers)


MODELS = ("sim", "sim-e100-r50", "sim-500", "sim-die3", "sim-e20-r50")
"""Names of the simulated models that are asked for."""

PEERS = (
    Peer("motet", "key, hard budget, ledger in SQLite, cost, trace", _find_motet, _motet),
    Peer(
        "vllm-router",
        "key, metrics; no costs, budgets or ledger",
        _named("BENCH_VLLM_ROUTER"),
        _router,
        workers=False,
    ),
    Peer(
        "litellm",
        "master key, cost of each request in a header; virtual keys, budgets and spend logs need"
        " its PostgreSQL schema (prisma), so they are off",
        _named("BENCH_LITELLM"),
        _litellm,
    ),
    Peer(
        "portkey",
        "neither keys nor costs; settings in headers",
        _named("BENCH_PORTKEY"),
        _portkey,
        workers=False,
    ),
)
