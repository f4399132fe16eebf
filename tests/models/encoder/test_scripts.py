from __future__ import annotations

import pytest

from motet.models.encoder import Encoder

pytestmark = pytest.mark.encoder

READABLE = [
    "",
    "12.50 €",
    "Who supplies the hinge?",
    "Où est la gare ?",
    "tiếng Việt có dấu",
    "Łódź żółć Übergröße",
    "The Chinese word 猫 means cat.",
    "α and β decay",
    "用户 login failed",
    "H₂O",
]
UNREADABLE = [
    "这张桌子的保修期是多久？",
    "数据库",
    "北京 2024",
    "Model X200 的保修期是多久",
    "경첩은 누가 공급하나요?",
    "これはテーブルです。",
    "カタカナ",
    "東京大学",
    "مرحبا بالعالم",
    "שלום עולם",
    "Привет, мир",
    "Γειά σου Κόσμε",
    "नमस्ते दुनिया",
    "สวัสดีชาวโลก",
]


@pytest.mark.parametrize("text", READABLE)
def test_latin_letters_and_texts_without_letters_are_readable(encoder: Encoder, text: str) -> None:
    assert encoder.can_read(text)


@pytest.mark.parametrize("text", UNREADABLE)
def test_other_scripts_are_not(encoder: Encoder, text: str) -> None:
    assert not encoder.can_read(text)
