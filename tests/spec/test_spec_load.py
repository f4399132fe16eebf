"""Reading declarations from files, text and Python, and writing them back."""

from pathlib import Path

import pytest

from motet import spec
from motet.core.errors import DeclarationError
from motet.spec import types
from motet.spec.shapes import ListOf, Member, Named, Object

EXAMPLE = Path(__file__).parent / "example.yaml"


def problem(text, **options):
    """Return the only problem of a text."""
    with pytest.raises(spec.InvalidDeclaration) as caught:
        spec.parse(text, **options)
    (found,) = caught.value.problems
    return found


def test_the_example_of_the_design_says_what_it_says():
    made = spec.load(EXAMPLE)
    assert made.system == "contracts"
    assert [model.name for model in made.models] == [
        "expert/reader",
        "openai/gpt-5-mini",
        "ollama/qwen3:4b",
        "fast",
    ]
    fast = made.models[3]
    assert (fast.provider, fast.model) == ("openai", "gpt-5-mini")
    assert fast.base_url == "http://127.0.0.1:9000/v1"
    assert fast.key == spec.SecretRef("${MY_KEY}")
    assert [model.is_local for model in made.models] == [True, False, True, True]
    assert made.knowledge == (types.Source(path="./contracts"), types.Source(table="./parts.csv"))
    assert made.tools[0].mcp == types.Mcp(
        command=("npx", "-y", "@modelcontextprotocol/server-everything", "stdio")
    )
    assert made.tools[1].python == types.Code("tools.py", "convert_currency")
    assert made.tools[2].sandbox == "python"
    assert made.memory == "user"
    pair = Object((Member("question", Named("string")), Member("answer", Named("text"))))
    assert made.skill("faq") == types.Skill(
        name="faq", about="Questions a customer asks", output=ListOf(pair)
    )
    assert made.objective == types.Objective(0.9, 2.0, 0.01)
    assert made.prefer == ("quality", "latency", "cost")
    assert made.guard == types.Guard("required", ("*.write", "*.delete"), types.Budget(0.05))
    assert made.evaluation == ("./evals/*.jsonl",)
    assert made.root == EXAMPLE.parent


def test_the_example_reads_back_from_what_is_dumped():
    made = spec.load(EXAMPLE)
    text = spec.dump(made)
    assert spec.parse(text) == made
    assert "key: ${MY_KEY}" in text


def test_only_the_system_is_required():
    made = spec.parse("system: x")
    assert made == types.Declaration("x") == spec.declare("x")
    assert made.models == (types.Model("expert/reader"),)
    assert spec.dump(made) == "system: x\n"


def test_a_folder_means_its_motet_yaml(tmp_path):
    (tmp_path / "motet.yaml").write_text("system: x\n")
    assert spec.load(tmp_path).file == tmp_path / "motet.yaml"


def test_find_looks_upwards(tmp_path):
    (tmp_path / "motet.yaml").write_text("system: x\n")
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert spec.find(tmp_path / "a" / "b") == tmp_path / "motet.yaml"


def test_find_says_that_there_is_none(tmp_path):
    with pytest.raises(DeclarationError, match=r"there is no motet.yaml here or above"):
        spec.find(tmp_path)


@pytest.mark.parametrize("name", ["missing", "missing/motet.yaml", "nul\0"])
def test_a_file_that_is_not_there_is_an_error(tmp_path, name):
    with pytest.raises(DeclarationError) as caught:
        spec.load(f"{tmp_path}/{name}")
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("data", "got"),
    [
        (b"", "an empty file"),
        (b"system: x\xff\n", "byte 0xff"),
        (b"\x89PNG\r\n\x1a\n\x00", "byte 0x89"),
        (b"system: \x00x\n", "the character U+0000"),
        (b"\xff\xfes\x00y\x00", "byte 0xff"),
        (b"a: " + b"[" * 5000, "deeper nesting"),
        (b"a: " + b"[" * 100 + b"]" * 100, "deeper nesting"),
        (b"&a [*a]", "deeper nesting"),
        (b'a: "\\UFFFFFFFF"', "an escape that is no character"),
        (b"system: x\n#" + b"-" * 1_000_000, "1,000,011"),
    ],
)
def test_a_file_that_is_no_declaration_is_one_line(data, got):
    found = problem(data, file="motet.yaml")
    assert found.got == got
    assert "\n" not in str(found)


@pytest.mark.parametrize(
    "text", ['"\\uD800": x\nsystem: x', 'system: "\\uD800"', 'about: "\\0"\nsystem: x']
)
def test_characters_that_cannot_be_written_are_told(text):
    str(problem(text)).encode("utf-8")


def test_aliases_that_multiply_are_refused():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    assert problem("\n".join(lines)).got == "more after aliases"


def test_anchors_aliases_and_merges_work():
    made = spec.parse("""
system: x
models:
  - &base {use: openai/a, timeout: 5s, concurrency: 3}
  - {<<: *base, use: openai/b, timeout: 7s}
evaluation: &e [./a.jsonl]
""")
    assert made.models[1] == types.Model("openai/b", timeout=7.0, concurrency=3)


def test_a_byte_order_mark_and_windows_lines_are_read():
    found = problem(b"\xef\xbb\xbfsystem: x\r\nabout: hi\r\nmemory: sesion\r\n")
    assert (found.line, found.column) == (3, 9)
    assert spec.parse(b"\xef\xbb\xbfsystem: x\r\n").system == "x"


@pytest.mark.parametrize("text", "no on 1e3 012 2024-01-01 0x1F 1_000 = y".split())
def test_words_that_yaml_takes_for_something_else_stay_text(text):
    made = spec.parse(f"system: x\nabout: {text}\nknowledge: [{text}]\n")
    assert (made.about, made.knowledge[0].path) == (text, text)


def test_one_item_may_stand_for_a_list():
    made = spec.parse("system: x\nmodels: openai/m\nknowledge: ./a\nprefer: cost\n")
    assert made.models == (types.Model("openai/m"),)
    assert made.knowledge == (types.Source(path="./a"),)
    assert made.prefer == ("cost", "quality", "latency")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("500ms", 0.5), ("2s", 2), ("1.5 s", 1.5), ("1m", 60), ("2h", 7200), ("1d", 86400)],
)
def test_durations_are_seconds(text, seconds):
    assert spec.parse(f"system: x\nobjective: {{latency: {text}}}").objective.latency == seconds


def test_values_come_from_the_environment():
    text = """
system: ${NAME}
about: costs $${PRICE} in ${PLACE:-Basel, CH}
models: [{use: my/m, base_url: ${URL}, price: {input: ${IN}}, local: "${LOCAL:-true}"}]
objective: {quality: ${Q:-0.5}}
"""
    environ = {"NAME": "shop", "URL": "http://[::1]:9/v1", "IN": "0.25"}
    made = spec.parse(text, environ=environ)
    assert made.system == "shop"
    assert made.about == "costs ${PRICE} in Basel, CH"
    assert made.models[0].base_url == "http://[::1]:9/v1"
    assert made.models[0].price == types.Price(input=0.25)
    assert made.models[0].local is True
    assert made.objective.quality == 0.5
    assert spec.parse(spec.dump(made), environ={}) == made


def test_a_variable_of_the_wrong_kind_is_told_with_its_value():
    found = problem("system: x\nobjective: {quality: ${Q}}", environ={"Q": "high"})
    assert (found.path, found.got) == ("objective.quality", '"high"')


def test_secrets_stay_references_until_they_are_used(monkeypatch):
    text = """
system: x
models: [{use: openai/m, key: ${KEY}}]
knowledge: [{database: "postgresql://me:${PG}@db/shop"}]
tools: [{mcp: {url: "https://h/mcp", headers: {Authorization: "Bearer ${TOKEN}"}}}]
"""
    environ = {"KEY": "canary-1", "PG": "canary-2", "TOKEN": "canary-3"}
    made = spec.parse(text, file="motet.yaml", environ=environ)
    assert "canary" not in spec.dump(made) + repr(made)
    server = made.tools[0].mcp
    assert server is not None
    secrets = [made.models[0].key, made.knowledge[0].database, server.headers[0][1]]
    assert [secret.resolve(environ) for secret in secrets if secret] == [
        "canary-1",
        "postgresql://me:canary-2@db/shop",
        "Bearer canary-3",
    ]
    monkeypatch.delenv("KEY", raising=False)
    key = made.models[0].key
    assert key is not None and key.names == ("KEY",)
    with pytest.raises(DeclarationError, match=r"motet.yaml:3:31: .*variable KEY to be set"):
        key.resolve()


@pytest.mark.parametrize("key", ["sk-0123456789abcdef0123456789", "hunter2"])
def test_a_literal_secret_is_refused_and_never_shown(key):
    found = problem(f"system: x\nmodels: [{{use: openai/m, key: {key}}}]")
    assert key not in str(found)


def test_python_objects_declare_the_same():
    made = spec.declare(
        "contracts",
        models=["expert/reader", types.Model("openai/m", key=spec.SecretRef("${K}"), timeout=2.0)],
        knowledge=[Path("contracts"), types.Source(table="parts.csv")],
        tools=[{"python": types.Code("tools.py", "f")}],
        skills={"faq": {"output": ListOf(Named("text"))}},
        objective=types.Objective(latency=2.0),
        guard={"budget": 1},
        memory=None,
    )
    assert made == spec.parse("""
system: contracts
models: [expert/reader, {use: openai/m, key: ${K}, timeout: 2s}]
knowledge: [contracts, {table: parts.csv}]
tools: [{python: tools.py:f}]
skills: {faq: {output: [text]}}
objective: {latency: 2s}
guard: {budget: 1}
""")


def test_objects_of_ours_are_checked_too():
    with pytest.raises(spec.InvalidDeclaration) as caught:
        spec.declare(
            "x",
            models=[types.Model("gpt-5"), types.Model(use=5)],  # type: ignore[arg-type]
            objective=types.Objective(quality=float("nan"), latency=-1.0),
            about=object(),
        )
    assert [problem.path for problem in caught.value.problems] == [
        "models[0]",
        "models[1]",
        "objective.quality",
        "objective.latency",
        "about",
    ]


def test_the_starter_is_a_declaration(tmp_path):
    made = spec.parse(spec.starter("null"))
    assert made.system == "null"
    assert made.guard.cite == "required"
    with pytest.raises(spec.InvalidDeclaration):
        spec.starter("my system")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("My Kitchen!", "My-Kitchen"),
        ("..", None),
        ("漢字", None),
        ("a/b", "a-b"),
        ("auto", "auto-system"),
    ],
)
def test_a_name_is_suggested(text, name):
    assert spec.suggest_name(text) == name
    if name:
        assert spec.declare(name).system == name
