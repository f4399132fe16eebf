"""The language of a text, guessed from its script and its most frequent small words."""

from __future__ import annotations

import re

from motet.core.text import CJK, language

_SAMPLE = 200
_CJK = re.compile(f"[{CJK}]")
_SCRIPTS = {
    "ru": re.compile(r"[\u0400-\u04ff]"),
    "ar": re.compile(r"[\u0600-\u06ff]"),
    "he": re.compile(r"[\u0590-\u05ff]"),
    "el": re.compile(r"[\u0370-\u03ff]"),
    "hi": re.compile(r"[\u0900-\u097f]"),
    "th": re.compile(r"[\u0e00-\u0e7f]"),
}
# Frequent words of which no other language here has more than a few.
_SMALL = {
    "en": "the of and to is in that it for you what how with are on my this i me can do a",
    "de": "der die das und ist nicht ein eine ich zu den mit von wie was für auf sie es im",
    "fr": "le la les des est et un une que je vous pas dans pour qui du sur ce il comment",
    "es": "el la los de que y en un una es por con no para cómo qué se del las mi",
    "it": "il di che è e la un una per non sono con come del della mi si gli ho cosa",
    "pt": "o a de que e do da um uma não para com é os como em no por eu meu",
    "nl": "de het een van en is dat niet ik te op zijn met voor wat hoe je dit aan er",
}
_LANGUAGES = {name: frozenset(words.split()) for name, words in _SMALL.items()}
_LEAST = 2
_MARKS = str.maketrans("¿?¡!.,;:'’", " " * 10)


def guess(text: str) -> str:
    """Return a language's two letters, `en` where a Latin text says nothing, `und` without text.

    Other languages in Latin, Cyrillic, Arabic or Devanagari letters go by the most frequent
    one of their script: a hint for choosing a model, no statement about the text.
    """
    text = text[:_SAMPLE]
    if not text.isascii():
        if _CJK.search(text) and (found := language(text)) != "en":
            return found
        letters = sum(map(str.isalpha, text))
        for name, script in _SCRIPTS.items():
            if 2 * len(script.findall(text)) > letters > 0:
                return name
    words = set(text.lower().translate(_MARKS).split())
    if not any(map(str.isalpha, text)):
        return "und"
    known = {name: len(words & small) for name, small in _LANGUAGES.items()}
    best = max(known, key=known.__getitem__)
    return best if known[best] >= _LEAST and known[best] > known["en"] else "en"
