"""Texts in pieces: the same as whole, nothing shown too early, and no more held than must be."""

from __future__ import annotations

import random
from itertools import chain

import pytest
from guard_samples import ASSIGNED, INJECTION, PERSONAL, SECRETS
from hypothesis import example, given, settings
from hypothesis import strategies as st

from motet.core.chat import (
    ChatEvent,
    Citation,
    Cited,
    Finished,
    ReasoningDelta,
    Seal,
    TextDelta,
    ToolCallDelta,
    Usage,
)
from motet.gateway.guards.answers import AnswerScreen
from motet.gateway.guards.rules import Rules
from motet.gateway.guards.screening import Screening, Side
from motet.models.assembly import assemble

ALL = Rules("redact", "redact", "redact")
HITS = [
    *chain(*PERSONAL.values(), *SECRETS.values(), *INJECTION.values()),
    *(before + value for before, value in ASSIGNED),
]
CONNECTING = (
    *(" ", "\n", "\\n", ".", ",", '"', "'", "(", ")", "-", "_", "@", ":", "=", "+", "/", "\\"),
    *("a", "Z", "1", "42", " the ", "和", "을", "\u200b", "sk-", "key", "ignore ", "DE89 "),
)
TEXTS = st.lists(st.sampled_from([*HITS, *CONNECTING]), min_size=1, max_size=7).map("".join)


def screened(side: Side, pieces: list[str], *, json: bool = False) -> str:
    watched = side.watched(json=json)
    return "".join(map(watched.feed, pieces)) + watched.finish()


def cut(text: str, places: list[int]) -> list[str]:
    ends = sorted({place % (len(text) + 1) for place in places})
    return [text[a:b] for a, b in zip([0, *ends], [*ends, len(text)], strict=True)]


@settings(max_examples=80, deadline=None)
@example(text="jo.doe+list@mail.example.com\u200b\u200c\u200d\u2060", start=0, places=[])
@given(text=TEXTS, start=st.integers(0, 30), places=st.lists(st.integers(0, 2000), max_size=12))
def test_pieces_are_screened_as_the_whole(text: str, start: int, places: list[int]) -> None:
    text = text[start:]
    whole, parts, single = (Screening(ALL).request for _ in range(3))
    said = screened(whole, [text])
    assert screened(parts, cut(text, places)) == said
    assert screened(single, list(text)) == said
    assert whole.counts == parts.counts == single.counts


@pytest.mark.parametrize("text", HITS)
def test_wherever_it_is_cut_in_two(text: str) -> None:
    framed = f"before {text} after"
    said = screened(Screening(ALL).request, [framed])
    for place in range(len(framed)):
        assert screened(Screening(ALL).request, [framed[:place], framed[place:]]) == said


@pytest.mark.parametrize("text", HITS)
def test_nothing_of_it_is_shown_before_it_is_decided(text: str) -> None:
    watched = Screening(Rules("block", "block", "block")).request.watched()
    shown = "".join(map(watched.feed, f"so: {text} after")) + watched.finish()
    assert watched.stopped
    assert shown == screened(Screening(ALL).request, [f"so: {text} after"]).partition("[")[0]


def test_plain_text_waits_for_little() -> None:
    watched = Screening(ALL).request.watched()
    text = "Plain words flow, one after the other; only the last word may wait. " * 5
    shown, worst = 0, 0
    for at, char in enumerate(text, 1):
        shown += len(watched.feed(char))
        worst = max(worst, at - shown)
    assert worst <= len(" other; only ")
    assert shown + len(watched.finish()) == len(text)


@pytest.mark.parametrize("hit", [*HITS, "a" * 5000, "1 " * 3000, "x=" * 3000, "A1 " * 2000])
def test_what_waits_is_bounded(hit: str) -> None:
    watched = Screening(ALL).request.watched()
    worst = shown = 0
    for fed, char in enumerate(hit, 1):
        shown += len(watched.feed(char))
        worst = max(worst, fed - shown)
    assert worst <= 512


def test_outside_of_strings_json_stays_json() -> None:
    side = Screening(ALL).request
    text = '{"card": 4111111111111111, "mail": "say \\"hi\\" to a@b.example"}'
    said = screened(side, list(text), json=True)
    assert said == '{"card": "[CARD_1]", "mail": "say \\"hi\\" to [EMAIL_1]"}'


# An answer's events


def told(rules: Rules, events: list[ChatEvent]) -> list[ChatEvent]:
    screen = AnswerScreen(Screening(rules).side())
    return [passed for event in events for passed in screen.feed(event)]


END = Finished("stop", Usage(3, 4))


def events(rng: random.Random, parts: list[tuple[str, str]]) -> list[ChatEvent]:
    """Return events that say the parts, each in random pieces."""
    found: list[ChatEvent] = []
    for block, (kind, text) in enumerate(parts):
        if kind == "call":
            found.append(ToolCallDelta(block, f"id{block}", "tool", ""))
        for piece in cut(text, [rng.randrange(len(text) + 1) for _ in range(4)]):
            found.append(
                TextDelta(piece, block)
                if kind == "text"
                else ReasoningDelta(piece, block)
                if kind == "reasoning"
                else ToolCallDelta(block, None, None, piece)
            )
    return [*found, END]


@pytest.mark.parametrize("seed", range(40))
def test_answers_are_the_same_however_they_stream(seed: int) -> None:
    rng = random.Random(seed)
    hits = rng.sample(HITS, 4)
    parts = [
        ("reasoning", f"think of {hits[0]} first"),
        ("text", f"Write to {hits[1]} and {hits[1]}."),
        ("call", f'{{"to": "{hits[2]}"}}'.replace("\n", " ")),
        ("text", f"{hits[3]}"),
    ]
    for rules in (ALL, Rules("block", "redact", "flag"), Rules("flag", "flag", "flag")):
        whole = [assemble(told(rules, events(random.Random(9), parts)))]
        again = assemble(told(rules, events(rng, parts)))
        assert again == whole[0]


def test_what_is_only_noted_passes_as_it_comes() -> None:
    said: list[ChatEvent] = [TextDelta("a@b."), TextDelta("example"), END]
    screen = AnswerScreen(Screening(Rules(pii="flag")).side())
    assert [each for event in said for each in screen.feed(event)] == said
    assert screen.side.counts == {"email": 1}


def test_a_blocked_answer_ends_before_the_find() -> None:
    said = told(
        Rules(pii="block"),
        [TextDelta("Mail jo@ex"), TextDelta("ample.com now"), TextDelta(" more"), END],
    )
    assert said == [TextDelta("Mail "), Finished("content_filter", Usage(3, 4))]


def test_a_find_in_a_call_stops_too() -> None:
    said = told(
        Rules(secrets="block"),
        [ToolCallDelta(0, "c", "post", '{"k": "'), ToolCallDelta(0, None, None, SECRETS["jwt"][0]),
         TextDelta("sent"), END],
    )  # fmt: skip
    assert said[-1] == Finished("content_filter", Usage(3, 4))
    assert SECRETS["jwt"][0][:12] not in repr(said)
    assert TextDelta("sent") not in said


def test_citations_move_with_the_text() -> None:
    text = "Ask jo@example.com about tides. The sea rises."
    start = text.index("The")
    cited = Cited(Citation(quote="says jo@example.com", start=start, end=len(text)))
    said = told(ALL, [TextDelta(text), cited, END])
    answer = assemble(said)
    [part] = answer.parts
    place = next(each for each in said if isinstance(each, Cited)).citation
    assert answer.text[place.start : place.end] == "The sea rises."
    assert place.quote == "says [EMAIL_1]"
    assert part is not None


def test_a_changed_thought_loses_its_seal() -> None:
    seal = Seal("anthropic", "signed")
    changed = told(ALL, [ReasoningDelta("mail a@b.example "), ReasoningDelta("", seal=seal), END])
    assert all(getattr(each, "seal", None) is None for each in changed)
    same = told(ALL, [ReasoningDelta("all well "), ReasoningDelta("", seal=seal), END])
    assert ReasoningDelta("", seal=seal) in same
