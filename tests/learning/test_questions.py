"""Reading test sets."""

from __future__ import annotations

from pathlib import Path

import pytest

from motet.core.errors import UsageError
from motet.learning.questions import Question, read


def written(path: Path, *lines: str) -> Path:
    file = path / "set.jsonl"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def test_answers_may_be_one_several_or_none(tmp_path):
    file = written(
        tmp_path,
        '{"question": "a?", "answer": "x"}',
        '{"question": "b?", "answer": ["x", "y"], "domain": "law", "kind": "other"}',
        "",
        '{"question": "c?", "answers": null, "context": "c"}',
        '{"question": "d?", "answers": [1969]}',
    )
    assert read(file).questions == (
        Question("a?", ("x",)),
        Question("b?", ("x", "y"), "law"),
        Question("c?", (), context="c"),
        Question("d?", ("1969",)),
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "no JSON"),
        ("[]", "expected an object"),
        ('{"answer": "x"}', "`question` must be a text"),
        ('{"question": " ", "answer": "x"}', "`question` must be a text"),
        ('{"question": "a?"}', "`answer` is missing"),
        ('{"question": "a?", "answer": {"x": 1}}', "a text, a list of texts or null"),
        ('{"question": "a?", "answer": [null]}', "a text, a list of texts or null"),
        ('{"question": "a?", "answer": "x", "domain": 3}', "`domain` must be a text"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path, line, said):
    file = written(tmp_path, '{"question": "a?", "answer": "x"}', line)
    with pytest.raises(UsageError, match=said) as caught:
        read(file)
    assert caught.value.where == f"{file}:2"


def test_an_empty_or_missing_file_is_refused(tmp_path):
    with pytest.raises(UsageError, match="empty"):
        read(written(tmp_path))
    with pytest.raises(UsageError, match="no such file"):
        read(tmp_path / "none.jsonl")
    (tmp_path / "latin.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="UTF-8"):
        read(tmp_path / "latin.jsonl")


def test_the_digest_tells_sets_apart(tmp_path):
    one = read(written(tmp_path, '{"question": "a?", "answer": "x"}'))
    two = read(written(tmp_path, '{"question": "a?", "answer": "y"}'))
    more = read(written(tmp_path, *['{"question": "a?", "answer": "x"}'] * 2))
    assert len({one.digest, two.digest, more.digest}) == 3
    assert more.first(1).digest == one.digest
    assert more.first(None) is more
