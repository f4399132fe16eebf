"""The one table of a declaration's fields: it drives reading, writing, the schema and the docs."""

from __future__ import annotations

from dataclasses import replace

from motet.core.json import JSON
from motet.spec import rules, texts
from motet.spec.kinds import Choice, Duration, Flag, Number, Text, Whole
from motet.spec.nodes import Node, Scalar, Value
from motet.spec.references import SecretRef
from motet.spec.shape_kind import ShapeKind
from motet.spec.shapes import TEXT
from motet.spec.sites import Site
from motet.spec.structures import Entries, Field, ManyOf, Record, Rule, Short
from motet.spec.types import (
    DEFAULT_MODELS,
    DEFAULT_PREFER,
    Budget,
    Declaration,
    Fallback,
    Fit,
    Gateway,
    Goal,
    Guard,
    Mcp,
    Model,
    Objective,
    Pin,
    Price,
    Screen,
    Skill,
    Source,
    Think,
    Tool,
)

QUALITY = Number("a number from 0 to 1", high=1.0)
COST = Number("an amount in USD, 0 or more")
RATE = Number("USD per million tokens, 0 or more")
PARALLEL = Whole(1, 10_000)
SCREEN: Choice[Screen] = Choice(("off", "flag", "redact", "block"))
FIT: Choice[Fit] = Choice(("off", "flag", "block"))


def _alone(key: str) -> Short:
    """Let text or a number stand for a key."""

    def choose(node: Node) -> str | None:
        plain = isinstance(node, Scalar) or (
            isinstance(node, Value) and isinstance(node.value, int | float | None)
        )
        return key if plain else None

    return Short((key,), choose)


def _source(node: Node) -> str | None:
    if not isinstance(node, Scalar):
        return None
    return "url" if node.text.lower().startswith(("http://", "https://")) else "path"


def _itself(value: object) -> object:
    return value


GOAL: Choice[Goal] = Choice(DEFAULT_PREFER)
GOALS: ManyOf[Goal] = ManyOf(GOAL, same=_itself, least=1)


class Order:
    """Goals in the order they are preferred; what is left out follows in the usual order."""

    expected = GOALS.expected

    def read(self, site: Site) -> tuple[Goal, ...]:
        """Read the goals and complete them."""
        first = GOALS.read(site)
        return first + tuple(goal for goal in DEFAULT_PREFER if goal not in first)

    def write(self, value: tuple[Goal, ...]) -> JSON:
        """Write all goals."""
        return GOALS.write(value)

    def schema(self) -> dict[str, JSON]:
        """A goal or a list of goals."""
        return GOALS.schema()


def _pair(name: str, value: SecretRef) -> tuple[str, SecretRef]:
    return name, value


def _itself_pair(pair: tuple[str, SecretRef]) -> tuple[str, SecretRef]:
    return pair


def _pairs(name: Text, expected: str) -> Entries[tuple[str, SecretRef], SecretRef]:
    return Entries(name, texts.GUARDED, _pair, _itself_pair, expected)


PRICE = Record(
    "price",
    Price,
    "What a model costs, in USD per million tokens; it overrides the catalogue.",
    (
        Field("input", RATE, "USD per million input tokens.", 0.0),
        Field("output", RATE, "USD per million output tokens.", 0.0),
        Field("cached", RATE, "USD per million input tokens read from the provider's cache.", None),
        Field("call", COST, "USD per request, whatever its length.", 0.0),
    ),
    expected="a mapping with input, output, cached or call",
)

MODEL = Record(
    "model",
    Model,
    "A model that may think: provider/name, or a mapping when more must be said.",
    (
        Field("use", texts.MODEL_NAME, "The model, as provider/name."),
        Field("as", texts.LABEL, "The name it goes by here.", None, attribute="alias"),
        Field("base_url", texts.URL, "Address of a server that speaks the protocol.", None),
        Field(
            "dialect",
            Choice(("openai", "responses", "anthropic", "gemini")),
            "The protocol that base_url speaks; else the provider's own, or openai.",
            None,
        ),
        Field("key", texts.KEY, "The key, as ${NAME}; resolved only when it is used.", None),
        Field("price", PRICE, "Overrides the catalogue's price.", None),
        Field("local", Flag(), "Whether requests stay here; else told by the address.", None),
        Field("context", Whole(1, 100_000_000), "Longest input and output, in tokens.", None),
        Field("timeout", Duration(), "Longest wait for an answer.", None),
        Field("concurrency", PARALLEL, "Most requests at a time.", None),
    ),
    expected="a model as provider/name, or a mapping with use",
    rules=(
        Rule(("use", "base_url"), rules.provider_known),
        Rule(("use",), rules.built_in_has_no_address),
        Rule(("use", "base_url", "local"), rules.local_stays_here),
    ),
    short=_alone("use"),
)

SOURCE = Record(
    "source",
    Source,
    "Where knowledge comes from: a path, glob or address, or a mapping when more must be said.",
    (
        Field("path", texts.PATH, "A file, folder or glob, relative to the declaration.", None),
        Field("url", texts.URL, "A page on the web.", None),
        Field("table", texts.TABLE_PATH, "A file of rows, which stay rows.", None),
        Field("database", texts.DATABASE, "A SQLite file or postgresql://…, read live.", None),
        Field("name", texts.LABEL, "The name of the table.", None),
        Field("exclude", ManyOf(texts.PATH), "Globs of files to leave out.", ()),
        Field("only", ManyOf(texts.WORD), "The tables of a database to read.", ()),
        Field("local", Flag(), "Whether its content must stay on this machine.", False),
        Field("publish", Flag(), "Whether its content may be published.", True),
        Field(
            "derived",
            Choice(("everyone", "owner", "nobody")),
            "Who sees what is derived from it.",
            "everyone",
        ),
        Field("expires", Duration(), "How long it is kept after it was read.", None),
    ),
    expected="a path or an address, or a mapping with one of path, url, table, database",
    rules=(Rule(("path", "table", "database"), rules.source_options_fit),),
    short=Short(("path", "url"), _source),
    one_of=("path", "url", "table", "database"),
)

MCP = Record(
    "mcp",
    Mcp,
    "An MCP server: a name in the registry, a command or an address.",
    (
        Field("command", texts.Command(), "Command that speaks MCP on its standard streams.", ()),
        Field("url", texts.URL, "Address of a server.", None),
        Field("registry", texts.REGISTRY, "Name in the MCP registry.", None),
        Field("env", _pairs(texts.VARIABLE, "a mapping of variables"), "Its environment.", ()),
        Field("headers", _pairs(texts.HEADER, "a mapping of headers"), "Headers to send.", ()),
    ),
    expected="a name in the registry, {command: …} or {url: …}",
    rules=(Rule(("command", "url", "registry"), rules.mcp_options_fit),),
    short=_alone("registry"),
    one_of=("command", "url", "registry"),
)

TOOL = Record(
    "tool",
    Tool,
    "Something a plan may call: an MCP server, a function, a sandbox, an expert or a system.",
    (
        Field("mcp", MCP, "An MCP server.", None),
        Field("python", texts.CodePlace(), "A function in a file beside the declaration.", None),
        Field("sandbox", Choice(("python", "javascript", "shell")), "A place to run code.", None),
        Field("expert", texts.LABEL, "A built-in expert.", None),
        Field("system", texts.LABEL, "Another system.", None),
        Field("as", texts.LABEL, "The name it goes by here.", None, attribute="alias"),
        Field(
            "effect",
            Choice(("pure", "read", "idempotent", "once")),
            "What calling it changes; else as the tool says.",
            None,
        ),
        Field("only", ManyOf(texts.TOOL_PATTERN), "Patterns of a server's tools to offer.", ()),
        Field("timeout", Duration(), "Longest wait for a result.", None),
        Field("concurrency", PARALLEL, "Most calls at a time.", None),
    ),
    expected="a mapping with one of mcp, python, sandbox, expert, system",
    rules=(Rule(("mcp", "python"), rules.tool_options_fit),),
    one_of=("mcp", "python", "sandbox", "expert", "system"),
)

SKILL = Record(
    "skill",
    Skill,
    "One thing the system can produce; also an MCP tool and an endpoint.",
    (
        Field("output", ShapeKind(), "What comes out, as a type."),
        Field("about", Text(), "What it is for.", ""),
        Field("input", ShapeKind(), "What goes in, as a type.", TEXT),
    ),
    expected="a mapping with output",
)

OBJECTIVE = Record(
    "objective",
    Objective,
    "What every answer must keep to: constraints, not weights.",
    (
        Field("quality", QUALITY, "Least quality, as evaluations measure it.", None),
        Field("latency", Duration(), "Longest time to the answer.", None),
        Field("cost", COST, "Most USD per request.", None),
    ),
    expected="a mapping with quality, latency or cost",
)

BUDGET = Record(
    "budget",
    Budget,
    "What one run may spend at most: USD alone, or a mapping.",
    (
        Field("cost", COST, "USD.", None),
        Field("tokens", Whole(1, 10**12), "Tokens, in and out.", None),
        Field("time", Duration(), "Time from start to end.", None),
        Field("calls", Whole(1, 10**9), "Calls of models and tools.", None),
    ),
    expected="an amount in USD, or a mapping with cost, tokens, time or calls",
    short=_alone("cost"),
)

GUARD = Record(
    "guard",
    Guard,
    "What every run must keep to.",
    (
        Field(
            "cite",
            Choice(("required", "optional", "none")),
            "Whether answers cite: required withholds what no source supports.",
            "optional",
        ),
        Field(
            "approve", ManyOf(texts.TOOL_PATTERN), "Patterns of tools that a human must allow.", ()
        ),
        Field("budget", BUDGET, "What one run may spend at most.", None),
        Field("local", Flag(), "Whether everything must stay on this machine.", False),
        Field("pii", SCREEN, "What happens to personal data on its way in and out.", "off"),
        Field("secrets", SCREEN, "What happens to keys and passwords, likewise.", "off"),
        Field("injection", SCREEN, "What happens to texts that give orders, likewise.", "off"),
        Field("schema", FIT, "What happens to answers that miss the schema asked for.", "off"),
    ),
    expected="a mapping with cite, approve, budget, local, pii, secrets, injection or schema",
)


def _fallback(model: str, others: tuple[str, ...]) -> Fallback:
    return Fallback(model, others)


def _fallback_entry(found: Fallback) -> tuple[str, tuple[str, ...]]:
    return found.model, found.others


NAMES = ManyOf(texts.WORD, same=_itself)

GATEWAY = Record(
    "gateway",
    Gateway,
    "How the declared models are served by their own names: true, or a mapping.",
    (
        Field("models", NAMES, "Names or patterns of the models served; else all.", ()),
        Field("auto", NAMES, "Those that `auto` chooses among; else all served.", ()),
        Field(
            "fallback",
            Entries(
                texts.WORD,
                ManyOf(texts.WORD, same=_itself, least=1),
                _fallback,
                _fallback_entry,
                "a mapping of models to those that stand in for them",
                Fallback,
            ),
            "Who answers where a model cannot, as model: others.",
            (),
        ),
        Field("cache", Duration(), "How long an answer serves equal requests; else never.", None),
        Field(
            "output",
            Whole(1, 10_000_000),
            "Bound of an answer's tokens where a budget needs one and the request has none.",
            4096,
        ),
        Field("retries", Whole(0, 10), "How often a failed request is tried again.", 2),
        Field("hedge", Duration(), "When a second model is asked beside a slow one.", None),
    ),
    expected="true, or a mapping",
)

THINK = Record(
    "think",
    Think,
    "Deep thinking as a budget: a number of attempts, or a mapping.",
    (
        Field("attempts", Whole(1, 1000), "Attempts at an answer.", 1),
        Field("aggregate", Choice(("vote", "best", "judge")), "How they become one.", "vote"),
        Field("verify", texts.WORD, "The declared model that verifies or judges.", None),
    ),
    expected="a number of attempts, or a mapping with attempts, aggregate or verify",
    short=_alone("attempts"),
)


class Served:
    """Whether the models are served: true stands for the usual way, false for not at all."""

    expected = GATEWAY.expected

    def read(self, site: Site) -> Gateway | None:
        """Read a flag or a mapping."""
        if isinstance(site.node, Scalar) or (
            isinstance(site.node, Value) and isinstance(site.node.value, bool)
        ):
            return Gateway() if Flag(self.expected).read(site) else None
        return GATEWAY.read(site)

    def write(self, value: Gateway | None) -> JSON:
        """Write true where nothing more is said."""
        if value is None:
            return False
        return True if value == Gateway() else GATEWAY.write(value)

    def schema(self) -> dict[str, JSON]:
        """A flag or the mapping."""
        return {"anyOf": [Flag().schema(), GATEWAY.schema()]}


def _named(name: str, skill: Skill) -> Skill:
    return replace(skill, name=name)


def _skill_entry(skill: Skill) -> tuple[str, Skill]:
    return skill.name, skill


def _pin_entry(pin: Pin) -> tuple[str, str]:
    return pin.operator, pin.choice


def _location(source: Source) -> object:
    return source.location


DECLARATION = Record(
    "declaration",
    Declaration,
    "A compound AI system: what it is, never how it works.",
    (
        Field("system", texts.SYSTEM_NAME, "The model name it is served as."),
        Field("about", Text(), "What it does, in a sentence.", ""),
        Field("models", ManyOf(MODEL, least=1), "What may think, in any order.", DEFAULT_MODELS),
        Field("knowledge", ManyOf(SOURCE, same=_location), "What it knows.", ()),
        Field("tools", ManyOf(TOOL, same=_itself), "What it may call.", ()),
        Field("memory", Choice(("none", "session", "user")), "What it remembers, by whom.", "none"),
        Field(
            "skills",
            Entries(
                texts.SKILL_NAME, SKILL, _named, _skill_entry, "a mapping of skills by name", Skill
            ),
            "What it can produce beside answers.",
            (),
        ),
        Field("objective", OBJECTIVE, "Constraints that a plan must keep to.", Objective()),
        Field(
            "prefer", Order(), "What to optimise among the plans that keep to them.", DEFAULT_PREFER
        ),
        Field("guard", GUARD, "What every run must keep to.", Guard()),
        Field("think", THINK, "How much deep thinking an answer may take.", None),
        Field(
            "pin",
            Entries(
                texts.OPERATOR,
                texts.ALTERNATIVE,
                Pin,
                _pin_entry,
                "a mapping of operators to names",
                Pin,
            ),
            "Choices taken out of the planner's hands, as operator: alternative.",
            (),
        ),
        Field("evaluation", ManyOf(texts.PATH, same=_itself), "Globs of evaluation sets.", ()),
        Field(
            "operators",
            ManyOf(texts.CodePlace(whole=True), same=_itself),
            "Operators and workflows of your own.",
            (),
        ),
        Field("gateway", Served(), "Whether and how the models are served by name too.", None),
    ),
    expected="a mapping with at least `system: NAME`",
    rules=(
        Rule(("system", "models"), rules.model_names_differ),
        Rule(("tools",), rules.tool_names_differ),
        Rule(("models", "guard"), rules.local_has_a_model),
        Rule(("guard", "objective"), rules.budget_covers_cost),
        Rule(("guard", "objective"), rules.budget_covers_latency),
        Rule(("models", "think"), rules.verifier_is_declared),
        Rule(("models", "gateway"), rules.served_are_declared),
    ),
)

RECORDS = (
    DECLARATION,
    MODEL,
    PRICE,
    SOURCE,
    TOOL,
    MCP,
    SKILL,
    OBJECTIVE,
    GUARD,
    BUDGET,
    THINK,
    GATEWAY,
)
