"""Arguments with places whose values come later."""

from __future__ import annotations

from motet.tools.compatibility import Hole
from motet.tools.validation import problems

UNIQUE = {"type": "array", "uniqueItems": True, "items": {"type": "integer"}}


def test_whether_items_repeat_waits_for_those_that_are_not_known_yet() -> None:
    hole = Hole({"type": "integer"}, "a")
    assert list(problems(UNIQUE, [1, hole, hole])) == []
    assert [str(each) for each in problems(UNIQUE, [1, 1])] == [
        "the whole: expected each item once, got the same item twice"
    ]
