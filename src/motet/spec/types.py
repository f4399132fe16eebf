"""What a declaration says, as typed and frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from motet.spec.references import SecretRef
from motet.spec.shapes import TEXT, Shape

Scope = Literal["none", "session", "user"]
Goal = Literal["quality", "latency", "cost"]
Cite = Literal["required", "optional", "none"]
Effect = Literal["pure", "read", "idempotent", "once"]
Language = Literal["python", "javascript", "shell"]
Aggregate = Literal["vote", "best", "judge"]
Audience = Literal["everyone", "owner", "nobody"]
Dialect = Literal["openai", "responses", "anthropic", "gemini"]
Screen = Literal["off", "flag", "redact", "block"]
Fit = Literal["off", "flag", "block"]

HERE = frozenset({"expert", "system"})
LOCAL_PROVIDERS = frozenset(
    {"expert", "llama", "ollama", "vllm", "sglang", "llamacpp", "lmstudio", "tei"}
)


@dataclass(frozen=True, slots=True)
class Price:
    """What a model costs, in USD per million tokens; `call` is USD per request."""

    input: float = 0.0
    output: float = 0.0
    cached: float | None = None
    call: float = 0.0


@dataclass(frozen=True, slots=True)
class Model:
    """A model that may think. `use` is `provider/name`; durations are in seconds."""

    use: str
    alias: str | None = None
    base_url: str | None = None
    dialect: Dialect | None = None
    key: SecretRef | None = None
    price: Price | None = None
    local: bool | None = None
    context: int | None = None
    timeout: float | None = None
    concurrency: int | None = None

    @property
    def name(self) -> str:
        """The name that plans, pins and requests know it by."""
        return self.alias or self.use

    @property
    def provider(self) -> str:
        """The part of `use` before the first slash."""
        return self.use.partition("/")[0]

    @property
    def model(self) -> str:
        """The part of `use` after the first slash: the provider's own name of the model."""
        return self.use.partition("/")[2]

    @property
    def is_local(self) -> bool:
        """Whether requests to it stay on this machine: as declared, else by address."""
        if self.local is not None:
            return self.local
        if self.base_url is not None:
            return is_loopback(self.base_url)
        return self.provider in LOCAL_PROVIDERS


@dataclass(frozen=True, slots=True)
class Source:
    """Where knowledge comes from: exactly one of `path`, `url`, `table` and `database`.

    Paths are relative to the declaration; `path` may be a file, a folder or a glob. `local`,
    `publish`, `derived` and `expires` (seconds) are its policy.
    """

    path: str | None = None
    url: str | None = None
    table: str | None = None
    database: SecretRef | None = None
    name: str | None = None
    exclude: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    local: bool = False
    publish: bool = True
    derived: Audience = "everyone"
    expires: float | None = None

    @property
    def location(self) -> str:
        """The path, address or reference as declared, with secrets unresolved."""
        if self.database is not None:
            return self.database.text
        return self.path or self.url or self.table or ""


@dataclass(frozen=True, slots=True)
class Mcp:
    """An MCP server: exactly one of a command, an address and a name in the registry."""

    command: tuple[str, ...] = ()
    url: str | None = None
    registry: str | None = None
    env: tuple[tuple[str, SecretRef], ...] = ()
    headers: tuple[tuple[str, SecretRef], ...] = ()


@dataclass(frozen=True, slots=True)
class Code:
    """Python code: a file relative to the declaration and a name in it (None: all of it)."""

    file: str
    name: str | None = None

    def __str__(self) -> str:
        return f"{self.file}:{self.name}" if self.name else self.file


@dataclass(frozen=True, slots=True)
class Tool:
    """Something callable: exactly one of `mcp`, `python`, `sandbox`, `expert` and `system`."""

    mcp: Mcp | None = None
    python: Code | None = None
    sandbox: Language | None = None
    expert: str | None = None
    system: str | None = None
    alias: str | None = None
    effect: Effect | None = None
    only: tuple[str, ...] = ()
    timeout: float | None = None
    concurrency: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """One thing the system can produce, with typed input and output."""

    name: str = ""
    output: Shape
    about: str = ""
    input: Shape = TEXT


@dataclass(frozen=True, slots=True)
class Objective:
    """Constraints: quality from 0 to 1, latency in seconds, cost in USD per request."""

    quality: float | None = None
    latency: float | None = None
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """What one run may spend at most: USD, tokens, seconds, calls of models and tools."""

    cost: float | None = None
    tokens: int | None = None
    time: float | None = None
    calls: int | None = None


@dataclass(frozen=True, slots=True)
class Guard:
    """What every run must keep to; `approve` holds patterns of tools a human must allow."""

    cite: Cite = "optional"
    approve: tuple[str, ...] = ()
    budget: Budget | None = None
    local: bool = False
    pii: Screen = "off"
    secrets: Screen = "off"
    injection: Screen = "off"
    schema: Fit = "off"


@dataclass(frozen=True, slots=True)
class Fallback:
    """Who answers, in this order, where a served model cannot."""

    model: str
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gateway:
    """How the declared models are served by their own names, to whoever may use them.

    Names are declared names or patterns of them; `cache` is in seconds, None keeps nothing.
    `output` bounds the tokens of answers whose request sets no bound, where a budget needs
    one.
    """

    models: tuple[str, ...] = ()
    auto: tuple[str, ...] = ()
    fallback: tuple[Fallback, ...] = ()
    cache: float | None = None
    output: int = 4096
    retries: int = 2
    hedge: float | None = None


@dataclass(frozen=True, slots=True)
class Think:
    """Deep thinking as a budget: attempts, how they become one, and the model that verifies."""

    attempts: int = 1
    aggregate: Aggregate = "vote"
    verify: str | None = None


@dataclass(frozen=True, slots=True)
class Pin:
    """A choice taken out of the planner's hands: this operator runs as this alternative."""

    operator: str
    choice: str


DEFAULT_MODELS = (Model("expert/reader"),)
DEFAULT_PREFER: tuple[Goal, ...] = ("quality", "latency", "cost")


@dataclass(frozen=True, slots=True)
class Declaration:
    """A whole system. `file` is where it was read from, None when built in Python."""

    system: str
    about: str = ""
    models: tuple[Model, ...] = DEFAULT_MODELS
    knowledge: tuple[Source, ...] = ()
    tools: tuple[Tool, ...] = ()
    memory: Scope = "none"
    skills: tuple[Skill, ...] = ()
    objective: Objective = Objective()
    prefer: tuple[Goal, ...] = DEFAULT_PREFER
    guard: Guard = Guard()
    think: Think | None = None
    pin: tuple[Pin, ...] = ()
    evaluation: tuple[str, ...] = ()
    operators: tuple[Code, ...] = ()
    gateway: Gateway | None = None
    file: Path | None = field(default=None, compare=False)

    @property
    def root(self) -> Path:
        """The folder that relative paths start from."""
        return self.file.absolute().parent if self.file else Path.cwd()

    def pinned(self, operator: str) -> str | None:
        """Return the alternative an operator is pinned to."""
        return next((pin.choice for pin in self.pin if pin.operator == operator), None)

    def skill(self, name: str) -> Skill | None:
        """Return the skill with this name."""
        return next((skill for skill in self.skills if skill.name == name), None)


def is_loopback(url: str) -> bool:
    """Whether an address is on this machine, by its literal host."""
    from ipaddress import ip_address
    from urllib.parse import urlsplit

    try:
        host = (urlsplit(url).hostname or "").lower()
        return host == "localhost" or host.endswith(".localhost") or ip_address(host).is_loopback
    except ValueError:
        return False
