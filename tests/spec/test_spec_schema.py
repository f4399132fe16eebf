"""The JSON Schema agrees with what is read, and the reference names every field."""

from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from motet import spec
from motet.spec.fields import RECORDS
from motet.spec.reference import reference
from motet.spec.shapes import NAMED, ListOf, Member, Named, Object, OneOf, json_schema, notation

ROOT = Path(__file__).parents[2]
EXAMPLE = (Path(__file__).parent / "example.yaml").read_text("utf-8")
VALIDATOR = Draft202012Validator(spec.schema())


def test_the_schema_is_valid():
    Draft202012Validator.check_schema(spec.schema())


def test_the_example_fits_the_schema():
    text = EXAMPLE.replace("${MY_KEY}", '"${MY_KEY}"')
    VALIDATOR.validate(yaml.safe_load(text))


def test_every_field_is_described():
    schema = spec.schema()
    for record in RECORDS:
        assert record.about
        for field in record.fields:
            assert field.about.endswith("."), field.key
    assert all("description" in part for part in schema["properties"].values())


@pytest.mark.parametrize(
    "text",
    [
        "about: x",
        "system: a b",
        "system: x\nmodles: []",
        "system: x\nmodels: []",
        "system: x\nmodels: [gpt]",
        "system: x\nmodels: [{use: openai/m, key: abc}]",
        "system: x\ntools: [{sandbox: python, python: a.py:f}]",
        "system: x\ntools: [{}]",
        "system: x\nobjective: {quality: 2}",
        "system: x\nobjective: {latency: 2}",
        "system: x\nskills: {faq: {}}",
        "system: x\nskills: {faq: {output: strng}}",
        "system: x\nguard: {cite: maybe}",
        "system: x\nprefer: [speed]",
        "system: x\nknowledge: [{path: ./a, table: ./b.csv}]",
    ],
)
def test_the_schema_refuses_what_is_refused(text):
    assert not VALIDATOR.is_valid(yaml.safe_load(text))
    with pytest.raises(spec.InvalidDeclaration):
        spec.parse(text, environ={})


def test_the_schema_admits_references_to_the_environment():
    text = 'system: "${A}"\nobjective: {quality: "${Q}"}\nguard: {local: "${L}", cite: "${C}"}'
    VALIDATOR.validate(yaml.safe_load(text))


def test_the_reference_holds_every_field_as_the_table_says():
    document = (ROOT / "docs" / "declaration.md").read_text("utf-8")
    assert reference() in document, "run `python -m motet.spec.reference docs/declaration.md`"


def test_every_yaml_example_of_the_document_is_a_declaration():
    document = (ROOT / "docs" / "declaration.md").read_text("utf-8")
    blocks = [part.split("```")[0] for part in document.split("```yaml\n")[1:]]
    assert blocks
    for block in blocks:
        spec.parse(block, environ={"PLACE": "x"})


SHAPE = Object(
    (
        Member("title", Named("string")),
        Member("tags", ListOf(Named("text")), optional=True),
        Member("risk", OneOf(("low", "high"))),
    )
)


def test_a_shape_has_a_json_schema():
    validator = Draft202012Validator(json_schema(ListOf(SHAPE)))
    validator.validate([{"title": "a", "risk": "low"}, {"title": "b", "risk": "high", "tags": []}])
    assert not validator.is_valid([{"title": "a"}])
    assert not validator.is_valid([{"title": "a", "risk": "mid"}])
    assert not validator.is_valid([{"title": "a", "risk": "low", "more": 1}])


def test_a_shape_has_a_notation():
    assert notation(SHAPE) == {
        "title": "string",
        "optional tags": ["text"],
        "risk": "low | high",
    }


@pytest.mark.parametrize("name", NAMED)
def test_every_named_type_is_a_json_schema(name):
    Draft202012Validator.check_schema(json_schema(Named(name)))
