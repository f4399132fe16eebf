"""Every mistake an author can make, with the exact place, path, words and nearest name."""

from pathlib import Path

import pytest

from motet import spec


def mistakes():
    """Read the table: blocks of YAML, each followed by `=>` lines with its problems."""
    blocks = (Path(__file__).parent / "mistakes.txt").read_text("utf-8").split("\n\n")
    for block in blocks:
        lines = block.splitlines()
        text = "\n".join(line for line in lines if not line.startswith("=> "))
        yield text, [line[3:] for line in lines if line.startswith("=> ")]


MISTAKES = list(mistakes())


@pytest.mark.parametrize(("text", "problems"), MISTAKES, ids=[text for text, _ in MISTAKES])
def test_a_mistake_is_told_with_its_place(text, problems):
    with pytest.raises(spec.InvalidDeclaration) as caught:
        spec.parse(text, file="motet.yaml", environ={})
    assert [str(problem) for problem in caught.value.problems] == problems
    assert str(caught.value).startswith(problems[0])
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_problem_holds_its_parts():
    with pytest.raises(spec.InvalidDeclaration) as caught:
        spec.parse("system: x\nmodels:\n  - {use: opnai/gpt-5}\n", file="a/motet.yaml")
    (problem,) = caught.value.problems
    assert (problem.file, problem.line, problem.column) == ("a/motet.yaml", 3, 11)
    assert problem.path == "models[0].use"
    assert problem.expected.startswith("a provider among expert, system, openai, ")
    assert problem.got == '"opnai"'
    assert problem.nearest == "openai/gpt-5"
    assert caught.value.where == "a/motet.yaml:3:11"


def test_the_table_is_long_enough():
    assert len(MISTAKES) >= 40


def test_all_mistakes_of_a_file_are_told_together():
    text = """\
system: my system
models:
  - gpt-5
  - {use: openai/gpt-5, prise: {input: 1}, timeout: soon}
memory: sesion
skills: {faq: {output: [{question: strin}]}}
objective: {quality: 2}
guard: {budget: 0.1, cite: no}
knowledge: [./a, {table: b.docx}]
"""
    with pytest.raises(spec.InvalidDeclaration) as caught:
        spec.parse(text, file="motet.yaml", environ={})
    assert [problem.path for problem in caught.value.problems] == [
        "system",
        "models[0]",
        "models[1].prise",
        "models[1].timeout",
        "memory",
        "skills.faq.output[0].question",
        "objective.quality",
        "guard.cite",
        "knowledge[1].table",
    ]
    assert str(caught.value).endswith("[and 8 more problems]")


def test_rules_speak_although_other_fields_are_wrong():
    text = "system: a b\nmodels: [openai/m, openai/m]\nmemory: sesion\n"
    with pytest.raises(spec.InvalidDeclaration) as caught:
        spec.parse(text, environ={})
    assert [problem.path for problem in caught.value.problems] == ["system", "memory"]


def test_python_objects_have_the_same_validator_with_paths_for_places():
    with pytest.raises(spec.InvalidDeclaration) as caught:
        spec.declare("x", models=["expert/reader", {"use": "gpt-5"}], memory=True)
    assert [str(problem) for problem in caught.value.problems] == [
        'models[1].use: expected a model as provider/name, got "gpt-5"',
        "memory: expected none, session or user, got true",
    ]
