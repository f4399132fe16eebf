"""Moderation of texts and pictures."""

from __future__ import annotations

import json
from typing import Any

import pytest

from motet.core.chat import Usage
from motet.core.errors import ProviderError
from motet.models.dialects.dialect import BadRequest
from motet.models.modalities import moderations
from motet.models.modalities.exchange import Spent
from motet.models.modalities.moderations import ModerationRequest


def test_requests() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {"url": "u"}}]
    for given in ("a", ["a", "b"], parts):
        model, request = moderations.read_request({"input": given, "x": 1})
        assert model == "omni-moderation-latest"
        sent = moderations.written(request, model, "openai", "https://api.openai.com/v1")
        assert sent.url == "https://api.openai.com/v1/moderations"
        assert json.loads(sent.body) == {"model": model, "input": given, "x": 1}


@pytest.mark.parametrize("given", [None, [], 1, [1], ["a", {"type": "text"}], {"a": 1}])
def test_wrong_requests_are_named(given: Any) -> None:
    with pytest.raises(BadRequest) as caught:
        moderations.read_request({"input": given})
    assert caught.value.param == "input"


def test_answers_keep_what_openai_says() -> None:
    result = {
        "flagged": True,
        "categories": {"violence": True, "hate/threatening": False},
        "category_scores": {"violence": 0.86, "hate/threatening": 0.1},
        "category_applied_input_types": {"violence": ["text"]},
    }
    body = {"id": "modr-1", "model": "omni-moderation-2024-09-26", "results": [result]}
    answer = moderations.read(json.dumps(body).encode(), where="openai/m")
    (one,) = answer.judgements
    assert one.flagged and one.scores["violence"] == 0.86
    assert answer.spent == Spent()
    assert moderations.written_answer(answer, "m", id="ours") == body


def test_mistrals_answers_are_flagged_by_their_categories() -> None:
    body = {
        "results": [
            {"categories": {"pii": True}, "category_scores": {"pii": 0.9}},
            {"categories": {"pii": False}, "category_scores": {"pii": 0.1}},
        ],
        "usage": {"prompt_tokens": 7, "total_tokens": 7},
    }
    answer = moderations.read(json.dumps(body).encode(), where="mistral/m")
    assert [one.flagged for one in answer.judgements] == [True, False]
    assert answer.spent == Spent(Usage(input_tokens=7))
    told = moderations.written_answer(answer, "m", id="ours")
    assert (told["id"], told["model"]) == ("ours", "m")


def test_answers_that_are_none() -> None:
    for body in (b"{}", b"[1]", b"no", b'{"results":[]}'):
        with pytest.raises(ProviderError, match="holds no moderation"):
            moderations.read(body, where="openai/m")


def test_the_most_that_is_used() -> None:
    assert moderations.most(ModerationRequest("abc")) == Spent(Usage(input_tokens=5))
