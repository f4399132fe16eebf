from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tokenizers import Tokenizer as ReferenceTokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

from motet.core.errors import StoreError
from motet.models.encoder.wordpiece import Tokenizer

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789абвгдеαβγσאבגابجकखกขのはテブ中国人ᄀᄂ각ᅡᆨ"
WORDS = ["the", "hinge", "table", "un", "known", "e", "st", "##e", "##st", "##ing", "##ly", "##s"]
PUNCTUATION = list("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~。、？€–—“”½™")
VOCABULARY = list(
    dict.fromkeys(
        ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *PUNCTUATION]
        + [prefix + letter for letter in LETTERS for prefix in ("", "##")]
    )
)

SAMPLES = [
    "The hinges’ unknownly tables—best!",
    "Ünïcödé Ångström İstanbul ΣΑΣ ὈΔΥΣΣΕΎΣ",
    "这张桌子的保修期是多久？",
    "경첩은 누가 공급하나요? 2024년",
    "これはテーブルです。ｶﾞｷﾞ",
    "مرحبا بالعالم ١٢٣",
    "עברית עם ניקוד שָׁלוֹם",
    "Привет, мир! ёЙ",
    "a\u200bb\x00c\ufffdd\u00ad-e",
    "ﬁne ½ ² Ⅷ ™ €5 $3.50 ~`^|+=<>",
    "emoji 👩‍👩‍👧 🇰🇷!",
    "x" * 100 + " " + "x" * 101 + " ok",
    "नमस्ते दुनिया",
    "สวัสดีชาวโลก",
    "tiếng Việt ớ ộ",
    "a\x0bb\x85c\u2028d\u3000e\r\n\tf",
    "\u0301abc e\u0301\u0323x",
    "ǅ Ǆ ß ẞ ſ K Å",
    "𫠠𫠡 𪜀 豈",
    "",
    " \n ",
]


def reference() -> ReferenceTokenizer:
    pieces = {piece: index for index, piece in enumerate(VOCABULARY)}
    model = WordPiece(pieces, unk_token="[UNK]", max_input_chars_per_word=100)
    tokenizer = ReferenceTokenizer(model)
    tokenizer.normalizer = BertNormalizer(
        clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=True
    )
    tokenizer.pre_tokenizer = BertPreTokenizer()
    return tokenizer


REFERENCE = reference()
OURS = Tokenizer(VOCABULARY)

# The two libraries know different versions of Unicode; what they share has not changed.
settled = st.characters(codec="utf-8").filter(
    lambda character: unicodedata.ucd_3_2_0.category(character) != "Cn"
)
texts = (
    st.text(settled)
    | st.text(st.sampled_from(LETTERS + LETTERS.upper() + " \t\n.,'-"))
    | (st.lists(st.sampled_from([*WORDS, *SAMPLES])).map(" ".join))
)


def assert_same(text: str) -> None:
    expected = REFERENCE.encode(text, add_special_tokens=False)
    found = OURS.encode(text)
    assert found.ids == expected.ids
    assert list(zip(found.starts, found.ends, strict=True)) == expected.offsets


@given(texts)
@example("\u1100\u1161\u11a8 \uac01")
def test_ids_and_offsets_equal_the_reference(text: str) -> None:
    assert_same(text)


@pytest.mark.parametrize("text", SAMPLES)
def test_samples_of_many_scripts_equal_the_reference(text: str) -> None:
    assert_same(text)


def test_offsets_count_code_points_of_the_original() -> None:
    text = "\u00c9st  THE\ttable."
    found = OURS.encode(text)
    pieces = [text[a:b] for a, b in zip(found.starts, found.ends, strict=True)]
    assert pieces == ["\u00c9", "st", "THE", "table", "."]


@pytest.mark.parametrize(("limit", "expected"), [(2, 0), (3, 1), (5, 3), (100, 4)])
def test_ids_are_cut_between_the_control_tokens(limit: int, expected: int) -> None:
    text = "the table the table"
    ids = OURS.ids(text, max_length=limit)
    assert ids == [OURS.begin, *OURS.encode(text).ids[:expected], OURS.end]


def test_text_that_spells_a_control_token_is_ordinary_text() -> None:
    assert OURS.end not in OURS.encode("the [SEP] table").ids


def test_encoding_twice_gives_the_same() -> None:
    assert OURS.encode("the hinge best") == OURS.encode("the hinge best")


def test_a_vocabulary_file_is_read_line_by_line(tmp_path) -> None:
    path = tmp_path / "vocab.txt"
    path.write_text("\n".join(VOCABULARY) + "\n", "utf-8")
    assert Tokenizer.load(path).encode("the hinge").ids == OURS.encode("the hinge").ids


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"the\nhinge\n"])
def test_a_damaged_vocabulary_is_an_error_that_names_the_file(tmp_path, content: bytes) -> None:
    path = tmp_path / "vocab.txt"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"vocab\.txt"):
        Tokenizer.load(path)
