"""Properties: what is written reads back the same, and no input ends in anything but our error."""

from pathlib import Path

import yaml
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from motet import spec
from motet.spec import types
from motet.spec.shapes import NAMED, ListOf, Member, Named, Object, OneOf

EXAMPLE = (Path(__file__).parent / "example.yaml").read_text("utf-8")

VALIDATOR = Draft202012Validator(spec.schema())
TRAPS = """no on 1e3 012 2024-01-01 null ~ true !t &a ${X} $${X} ' " % @ 0x1F = - ? << *a""".split()
prose = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30) | st.sampled_from(
    [*TRAPS, "", "a: b # c", "- x", "a\nb\n", " padded ", "{a: ${B}}", "\ttab"]
)
names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True).filter(
    lambda name: name != "auto"
)
paths = st.from_regex(r"[ -~é漢]{1,20}", fullmatch=True).filter(
    lambda text: text.strip() and "://" not in text
)
words = st.from_regex(r"[a-z_.:/${}-]{1,12}", fullmatch=True)
variables = st.from_regex(r"[A-Z_][A-Z0-9_]{0,10}", fullmatch=True)
secrets = variables.map(lambda name: spec.SecretRef(f"${{{name}}}"))
seconds = st.floats(1e-6, 3e9)
money = st.floats(0, 1e9)
counts = st.integers(1, 1000)
patterns = st.sampled_from(["*.write", "a.b", "[ab]*", "x?", "[!a].*", "*"])
urls = st.sampled_from(["http://127.0.0.1:9000/v1", "https://example.org/a?b=c#d", "http://[::1]/"])
codes = st.builds(
    types.Code, st.sampled_from(["tools.py", "a b/c.py", "../x.py"]), st.sampled_from(["f", "C.m"])
)


def maybe(strategy):
    return st.none() | strategy


def several(strategy, least=0):
    return st.lists(strategy, min_size=least, max_size=3, unique=True).map(tuple)


shapes = st.recursive(
    st.sampled_from([Named(name) for name in NAMED])
    | st.just(OneOf(("low", "high")))
    | st.just(OneOf(("no", "1", "x y"))),
    lambda inner: (
        st.builds(ListOf, inner)
        | st.lists(
            st.builds(Member, st.from_regex(r"[a-z_]{1,8}", fullmatch=True), inner, st.booleans()),
            min_size=1,
            max_size=3,
            unique_by=lambda member: member.name,
        ).map(lambda members: Object(tuple(members)))
    ),
    max_leaves=6,
)
prices = st.builds(types.Price, money, money, maybe(money), money)
models = st.builds(
    types.Model,
    st.sampled_from(["openai/gpt-5", "ollama/qwen3:4b", "anthropic/claude", "vllm/a/b"]),
    alias=maybe(names),
    base_url=maybe(urls),
    key=maybe(secrets),
    price=maybe(prices),
    local=st.sampled_from([None, False]),
    context=maybe(counts),
    timeout=maybe(seconds),
    concurrency=maybe(counts),
)
policy = {
    "local": st.booleans(),
    "publish": st.booleans(),
    "derived": st.sampled_from(["everyone", "owner", "nobody"]),
    "expires": maybe(seconds),
}
sources = (
    st.builds(types.Source, path=paths, exclude=several(paths), **policy)
    | st.builds(types.Source, url=urls, **policy)
    | st.builds(types.Source, table=st.just("./a b.csv"), name=maybe(names), **policy)
    | st.builds(
        types.Source,
        database=st.sampled_from(
            [spec.SecretRef("postgresql://me:${PG}@host/db"), spec.SecretRef("./x.db")]
        ),
        only=several(words),
        **policy,
    )
)
env = st.dictionaries(variables, secrets | st.just(spec.SecretRef("debug")), max_size=2).map(
    lambda items: tuple(items.items())
)
servers = (
    st.builds(types.Mcp, command=several(prose, 1).filter(lambda line: line[0]), env=env)
    | st.builds(types.Mcp, url=urls, headers=env)
    | st.builds(types.Mcp, registry=st.just("io.github.owner/server"), env=env)
)
usage = {"alias": maybe(names), "timeout": maybe(seconds), "concurrency": maybe(counts)}
effects = maybe(st.sampled_from(["pure", "read", "idempotent", "once"]))
tools = (
    st.builds(types.Tool, mcp=servers, effect=effects, only=several(patterns), **usage)
    | st.builds(types.Tool, python=codes, effect=effects, **usage)
    | st.builds(types.Tool, sandbox=st.sampled_from(["python", "javascript", "shell"]), **usage)
    | st.builds(types.Tool, expert=names, **usage)
    | st.builds(types.Tool, system=names, **usage)
)
skills = st.builds(
    types.Skill,
    name=st.from_regex(r"[a-z][a-z_-]{0,10}", fullmatch=True).filter(lambda name: name != "answer"),
    output=shapes,
    about=prose,
    input=shapes,
)
budgets = st.builds(types.Budget, maybe(money), maybe(counts), maybe(seconds), maybe(counts))
declarations = st.builds(
    types.Declaration,
    system=names,
    about=prose,
    models=st.just(types.DEFAULT_MODELS)
    | st.lists(models, min_size=1, max_size=3, unique_by=lambda model: model.name).map(tuple),
    knowledge=st.lists(sources, max_size=3, unique_by=lambda source: source.location).map(tuple),
    tools=st.lists(tools, max_size=3, unique_by=lambda tool: tool.alias).map(tuple),
    memory=st.sampled_from(["none", "session", "user"]),
    skills=st.lists(skills, max_size=2, unique_by=lambda skill: skill.name).map(tuple),
    objective=st.builds(
        types.Objective, maybe(st.floats(0, 1)), maybe(seconds), maybe(st.floats(0, 1))
    ),
    prefer=st.permutations(types.DEFAULT_PREFER).map(tuple),
    guard=st.builds(
        types.Guard,
        st.sampled_from(["required", "optional", "none"]),
        several(patterns),
        maybe(budgets),
    ),
    think=maybe(st.builds(types.Think, counts, st.sampled_from(["vote", "best", "judge"]))),
    pin=st.lists(
        st.builds(types.Pin, st.sampled_from(["retrieve", "generate", "faq.cite"]), words),
        max_size=2,
        unique_by=lambda pin: pin.operator,
    ).map(tuple),
    evaluation=several(paths),
    operators=several(codes | st.just(types.Code("ops.py"))),
)


def affordable(declaration):
    """Whether the budget covers the objective, as the rules want it."""
    budget, goal = declaration.guard.budget or types.Budget(), declaration.objective
    money_fits = None in (budget.cost, goal.cost) or budget.cost >= goal.cost
    return money_fits and (None in (budget.time, goal.latency) or budget.time >= goal.latency)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(declarations)
def test_what_is_dumped_reads_back_the_same_and_fits_the_schema(declaration):
    assume(affordable(declaration))
    assume(declaration.system not in {model.name for model in declaration.models})
    text = spec.dump(declaration)
    assert spec.parse(text, environ={}) == declaration, text
    VALIDATOR.validate(yaml.safe_load(text))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(sources, max_size=2, unique_by=lambda source: source.location), tools, skills)
def test_objects_of_ours_are_declared_as_they_are(knowledge, tool, skill):
    pin = types.Pin("retrieve", "hybrid")
    made = spec.declare("x", knowledge=knowledge, tools=[tool], skills=[skill], pin=[pin])
    assert made.knowledge == tuple(knowledge)
    assert (made.tools, made.skills, made.pin) == ((tool,), (skill,), (pin,))


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=200) | st.binary(max_size=200))
@example("&a [*a]")
@example("a: &a [*a]")
@example("? ")
@example("<<: 1\nsystem: x")
@example('"a\\nb": 1')
@example("a: !a%0Ab c")
@example("system: ${a\nb")
@example("\x00")
@example("system: x\n...\n---\n")
def test_any_input_is_a_declaration_or_our_error(text):
    try:
        spec.parse(text, file="motet.yaml", environ={})
    except spec.InvalidDeclaration as error:
        assert "\n" not in str(error)


@settings(max_examples=80, deadline=None)
@given(st.integers(0, len(EXAMPLE)), st.integers(0, 20), st.text(max_size=6))
def test_a_damaged_example_is_a_declaration_or_our_error(start, length, insert):
    text = EXAMPLE[:start] + insert + EXAMPLE[start + length :]
    try:
        spec.parse(text, file="motet.yaml", environ={})
    except spec.InvalidDeclaration as error:
        assert all("\n" not in str(problem) for problem in error.problems)
