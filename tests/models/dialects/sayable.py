"""Which dialect can say which feature; what one cannot, it must name."""

from __future__ import annotations

from collections.abc import Mapping


def _read(table: str) -> Mapping[str, frozenset[str]]:
    rows = (line.partition("|") for line in table.strip().splitlines())
    return {name.strip(): frozenset(dialects.split()) for name, _, dialects in rows}


ASKED_BY = _read("""
picture by address      | openai responses anthropic gemini extended
picture in detail       | openai responses extended
picture as a file       | anthropic
cached picture          | anthropic extended
sound                   | openai responses gemini extended
document                | openai responses anthropic gemini extended
document with a title   | openai responses anthropic extended
document by address     | responses anthropic gemini extended
document as a file      | openai responses extended
document with context   | anthropic
cached document         | anthropic extended
cached text             | anthropic extended
cached message          | anthropic extended
cached tool             | anthropic extended
cached call             | anthropic extended
strict tool             | openai responses anthropic gemini extended
loose tool              | openai responses anthropic gemini extended
tool without parameters | openai responses anthropic gemini extended
tool of Anthropic       | anthropic
tool of OpenAI          | openai extended
tool of Responses       | responses
tool of Gemini          | gemini
forced tool             | openai responses anthropic gemini extended
one call at a time      | openai responses anthropic extended
failed result           | anthropic gemini
picture as result       | responses anthropic gemini extended
name                    | openai extended
thought without seal    | gemini extended
thought of Anthropic    | anthropic extended
thought of Responses    | responses extended
thought of Gemini       | gemini extended
hidden thought          | anthropic extended
sealed call             | gemini extended
sealed text             | gemini extended
cited text              | responses
earlier sound           | openai extended
earlier picture         | anthropic gemini
call before text        | responses anthropic gemini
two texts               | openai responses anthropic gemini extended
developer               | openai responses anthropic gemini extended
late system             | openai responses extended
top_k                   | anthropic gemini extended
hot                     | openai responses gemini extended
stop                    | openai anthropic gemini extended
seed                    | openai gemini extended
presence_penalty        | openai gemini extended
frequency_penalty       | openai gemini extended
user                    | openai responses anthropic extended
JSON                    | openai responses gemini extended
schema                  | openai responses extended
some effort             | openai responses anthropic gemini extended
no effort               | openai responses anthropic extended
all effort              | openai responses anthropic extended
budget                  | anthropic gemini extended
summary                 | responses gemini
adaptive                | anthropic gemini
field of OpenAI         | openai extended
field of Anthropic      | anthropic
field of Responses      | responses
field of both APIs of OpenAI | openai responses extended
field of Gemini         | gemini
""")
"""Features of requests."""

ANSWERED_BY = _read("""
nothing                 | openai responses anthropic gemini
no usage                | openai responses anthropic gemini
two texts               | responses anthropic gemini
text behind a call      | openai(stream) responses anthropic gemini
thought behind text     | openai(stream) responses anthropic gemini
thought without seal    | openai responses anthropic gemini
seal with an id         | openai responses anthropic gemini
seal without thoughts   | openai responses anthropic gemini
no arguments            | openai responses anthropic gemini
broken arguments        | openai responses anthropic
cited                   | openai responses gemini
cited nowhere           | openai responses anthropic gemini
cited by its words      | openai gemini
picture                 | openai responses gemini
sound                   | openai
own part of OpenAI      | openai
own part of Anthropic   | anthropic
refusal                 | openai responses anthropic gemini
filtered                | openai responses anthropic gemini
cut off                 | openai responses anthropic gemini
stopped by a word       | openai anthropic
pause                   | openai anthropic
all counts              | openai responses
""")
"""Features of answers; `(stream)` where only a stream says it, which has an order."""
