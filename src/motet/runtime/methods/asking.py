"""What a question asks for: its terms without the words that only ask, and whether a figure."""

from __future__ import annotations

import re

from motet.core.text import content_terms, has_cjk, normalised

_ASKING = """
什么时候 什么 多少钱 多少 多久 多长时间 多长 多大 多高 几个 几年 几天 怎么样 怎么 怎样 如何
哪里 哪儿 哪些 哪个 哪种 哪家 哪一 为什么 是否 能否 可否 可以 应该 需要 必须 请问 谁 吗 呢
吧 的 了 是 在 有 和 与 或 我 你 您 我们 ですか ますか どこ いつ だれ なに 何 どの どれ どう
は が を に で の と も か 무엇 어떻게 얼마나 얼마 언제 어디 누가 누구 어떤 어느 몇 왜
인가요 나요 입니까 습니까 합니까 됩니까 하나요 되나요 있나요 해야 할까요 주세요 걸리
있습니까
"""
_ASKS = re.compile("|".join(sorted(_ASKING.split(), key=len, reverse=True)))

_PARTICLES = (
    "까지|부터|에서는|에서도|에서|에게서|에게|에는|에도|으로는|으로|이나|하고"
    "|은|는|이|가|을|를|의|에|로|와|과|도|만"
)
# Korean particles end a word of at least two more syllables.
_PARTICLE = re.compile(rf"(?<=[가-힣]{{2}})(?:{_PARTICLES})(?![가-힣])")

_FIGURE = re.compile(r"\d|[一二三四五六七八九十百千万两半][个年月天日次周元毫公厘小分倍克米千百]")
_HOW_MUCH = re.compile(
    r"多少|多久|多长|多大|多高|几[个年天月次点]|什么时候|何时|いくら|何[年月日時人個分]|いつ|"
    r"얼마|언제|몇|며칠|\bhow (?:much|many|long|often|old|far|tall)\b|\bwhen\b",
    re.IGNORECASE,
)

_HOW = re.compile(
    r"\bhow\s+(?:much|many|long|often|old|far|big|large|tall|high|deep|wide|heavy|fast|soon)\b",
    re.IGNORECASE,
)


def asked_terms(question: str) -> tuple[str, ...]:
    """Return the terms a question asks about; CJK runs as bigrams."""
    if not has_cjk(question):
        return content_terms(_HOW.sub(" ", question)) or content_terms(question)
    bare = _PARTICLE.sub(" ", _ASKS.sub(" ", normalised(question)))
    return content_terms(bare) or content_terms(question)


def asks_figure(question: str) -> bool:
    """Whether the question asks how much, how many, how long or when."""
    return _HOW_MUCH.search(question) is not None


def has_figure(text: str) -> bool:
    """Whether the text holds a figure, in digits or in Chinese numerals before a measure."""
    return _FIGURE.search(text) is not None
