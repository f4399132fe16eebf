"""The simulator speaks the protocol: the official SDK understands all it says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import openai
import pytest
from chat_scripts import UNKNOWN, Call, Reply, inventing, quoting, read_prompt
from chat_server import ChatServer
from openai import OpenAI
from openai.types.chat import ChatCompletionMessageParam

HELLO: list[ChatCompletionMessageParam] = [{"role": "user", "content": "one two three"}]
TOOLS: Any = [
    {
        "type": "function",
        "function": {
            "name": "price",
            "parameters": {
                "type": "object",
                "properties": {"part": {"type": "string"}, "count": {"type": "integer"}},
                "required": ["part", "count"],
            },
        },
    }
]


@pytest.fixture
def client(chat_server: ChatServer) -> Iterator[OpenAI]:
    with OpenAI(base_url=chat_server.base_url, api_key="any", max_retries=0, timeout=5) as client:
        yield client


def test_lists_models(client: OpenAI) -> None:
    assert {"quoting", "inventing", "calling", "echo"} <= {
        model.id for model in client.models.list()
    }
    assert client.models.retrieve("echo").owned_by == "simulator"


def test_a_whole_answer(client: OpenAI) -> None:
    answer = client.chat.completions.create(model="echo", messages=HELLO)
    assert answer.choices[0].message.content == "one two three"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (9, 3)


def test_a_streamed_answer_assembles_to_the_whole(client: OpenAI) -> None:
    whole = client.chat.completions.create(model="calling", messages=HELLO, tools=TOOLS)
    with client.chat.completions.stream(
        model="calling", messages=HELLO, tools=TOOLS, stream_options={"include_usage": True}
    ) as stream:
        streamed = stream.get_final_completion()
    assert streamed.usage == whole.usage
    assert streamed.choices[0].finish_reason == whole.choices[0].finish_reason == "tool_calls"
    calls = streamed.choices[0].message.tool_calls, whole.choices[0].message.tool_calls
    ours, theirs = ([call.to_dict()["function"] for call in group or ()] for group in calls)
    assert [one["arguments"] for one in ours] == [one["arguments"] for one in theirs]  # type: ignore[index]
    assert theirs[0]["name"] == "price"  # type: ignore[index]


def test_usage_is_sent_only_when_asked(client: OpenAI) -> None:
    chunks = list(client.chat.completions.create(model="echo", messages=HELLO, stream=True))
    assert all(chunk.usage is None and chunk.choices for chunk in chunks)
    assert chunks[0].choices[0].delta.role == "assistant"


def test_choices_stop_and_limits(client: OpenAI) -> None:
    answer = client.chat.completions.create(
        model="echo", messages=HELLO, n=2, stop=[" three"], max_completion_tokens=1
    )
    assert [choice.message.content for choice in answer.choices] == ["one", "one"]
    assert answer.choices[0].finish_reason == "length"


def test_tool_choice(client: OpenAI) -> None:
    def ask(choice: Any) -> Any:
        answer = client.chat.completions.create(
            model="echo", messages=HELLO, tools=TOOLS, tool_choice=choice
        )
        return answer.choices[0]

    assert ask("none").message.tool_calls is None
    assert ask("required").finish_reason == "tool_calls"
    named = ask({"type": "function", "function": {"name": "price"}})
    assert named.message.tool_calls[0].function.arguments == '{"part": "example", "count": 1}'


def test_structured_output(client: OpenAI) -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    answer = client.chat.completions.create(
        model="echo",
        messages=HELLO,
        response_format={"type": "json_schema", "json_schema": {"name": "x", "schema": schema}},
    )
    assert answer.choices[0].message.content == '{"n": 1}'


@pytest.mark.parametrize(
    ("fields", "param", "says"),
    [
        ({"messages": []}, "messages", "empty array"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "messages[0].role", "'robot'"),
        ({"messages": [{"role": "user"}]}, "messages[0].content", "got null"),
        (
            {"messages": [{"role": "user", "content": 7}]},
            "messages[0].content",
            "expected a string",
        ),
        (
            {"messages": [{"role": "tool", "content": "x", "tool_call_id": "c"}]},
            "messages[0].role",
            "must be a response to a preceeding message with 'tool_calls'",
        ),
        (
            {
                "messages": [
                    {
                        "role": "assistant",
                        "tool_calls": [
                            {
                                "id": "c9",
                                "type": "function",
                                "function": {"name": "f", "arguments": ""},
                            }
                        ],
                    },
                    *HELLO,
                ]
            },
            "messages[1].role",
            "did not have response messages: c9",
        ),
        ({"temperature": 3}, "temperature", "Expected a value <= 2"),
        ({"max_tokens": 0}, "max_tokens", "Expected a value >= 1"),
        ({"tools": []}, "tools", "empty array"),
        ({"tool_choice": "auto"}, "tool_choice", "only allowed when 'tools'"),
        (
            {"tools": [{"type": "function", "function": {"name": "a b"}}]},
            "tools[0].function.name",
            "does not match pattern",
        ),
        ({"stream_options": {"include_usage": True}}, "stream_options", "only allowed when"),
        ({"extra_body": {"colour": "red"}}, "colour", "Unrecognized request argument"),
    ],
)
def test_refuses_as_openai_does(
    client: OpenAI, fields: dict[str, Any], param: str, says: str
) -> None:
    with pytest.raises(openai.BadRequestError, match=r"400") as caught:
        client.chat.completions.create(**{"model": "echo", "messages": HELLO} | fields)
    assert caught.value.param == param
    assert caught.value.type == "invalid_request_error"
    assert says in caught.value.message


def test_unknown_models_and_addresses(client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(model="gpt-99", messages=HELLO)
    assert caught.value.code == "model_not_found"
    with pytest.raises(openai.NotFoundError, match="Invalid URL"):
        client.files.list()


def test_keys_are_checked() -> None:
    with ChatServer("right") as server:
        with OpenAI(base_url=server.base_url, api_key="right") as client:
            client.models.list()
        with (
            OpenAI(base_url=server.base_url, api_key="wrong-key") as client,
            pytest.raises(openai.AuthenticationError) as caught,
        ):
            client.models.list()
    assert caught.value.code == "invalid_api_key"


@pytest.mark.parametrize(
    ("model", "error"),
    [
        ("rate-limited", openai.RateLimitError),
        ("failing", openai.InternalServerError),
        ("bad-gateway", openai.InternalServerError),
        ("erring", openai.APIError),
    ],
)
def test_faults(client: OpenAI, model: str, error: type[openai.APIError]) -> None:
    with pytest.raises(error):
        list(client.chat.completions.create(model=model, messages=HELLO, stream=True))


def test_hanging(client: OpenAI) -> None:
    with pytest.raises(openai.APITimeoutError):
        client.with_options(timeout=0.3).chat.completions.create(model="hanging", messages=HELLO)


def test_scripts_are_models(chat_server: ChatServer, client: OpenAI) -> None:
    name = chat_server.add_script(lambda messages, tools: f"{len(messages)} of {len(tools)}")
    answer = client.chat.completions.create(model=name, messages=HELLO, tools=TOOLS)
    assert answer.choices[0].message.content == "1 of 1"


PROMPT = """Answer from the passages and cite them.

[1] warranty.txt, page 2
The frame is covered for five years. Textiles are covered for two years.
[2] The hinge B-12 is made by Nordbeslag
and costs 4 €.
[3] 保修期为两年。合页由布鲁姆制造。

Question: """


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Who makes the hinge B-12?", "The hinge B-12 is made by Nordbeslag [2]"),
        ("How long are textiles covered?", "Textiles are covered for two years. [1]"),
        ("合页由谁制造？", "合页由布鲁姆制造。 [3]"),
        ("Which colour has the moon of Jupiter?", UNKNOWN),
    ],
)
def test_quoting_answers_from_the_passages(question: str, answer: str) -> None:
    assert quoting([{"role": "user", "content": PROMPT + question}], []) == Reply(answer)


def test_quoting_finds_the_question_in_a_turn_of_its_own() -> None:
    messages = [
        {"role": "system", "content": PROMPT.removesuffix("Question: ")},
        {"role": "user", "content": [{"type": "text", "text": "How long is the frame covered?"}]},
    ]
    assert quoting(messages, []).text == "The frame is covered for five years. [1]"


def test_quoting_is_silent_as_the_prompt_asks() -> None:
    rules = "If the sources do not say, reply with NOT_THERE and nothing else."
    question = f"{PROMPT}Which colour has the moon of Jupiter?"
    messages = [{"role": "system", "content": rules}, {"role": "user", "content": question}]
    assert quoting(messages, []).text == "NOT_THERE"


def test_inventing_quotes_nothing_that_is_there() -> None:
    passages, _ = read_prompt([{"role": "user", "content": PROMPT + "Who?"}])
    assert [number for number, _ in passages] == [1, 2, 3]
    text = inventing([{"role": "user", "content": PROMPT + "Who?"}], []).text
    assert "[1]" in text
    assert "[93][0]" in text
    assert not any(quote in PROMPT for quote in text.split('"')[1::2])


def test_calls_are_the_scripts_own(chat_server: ChatServer, client: OpenAI) -> None:
    reply = Reply(calls=(Call("a", "{"), Call("b", "{}", "mine")))
    name = chat_server.add_script(lambda messages, tools: reply)
    answer = client.chat.completions.create(model=name, messages=HELLO, tools=TOOLS)
    calls = answer.choices[0].message.tool_calls or []
    assert [call.id for call in calls][1] == "mine"
    one = client.chat.completions.create(
        model=name, messages=HELLO, tools=TOOLS, parallel_tool_calls=False
    )
    assert len(one.choices[0].message.tool_calls or ()) == 1
