"""Texts by people with the domain they belong to, and which of them are held out.

CLINC150 and BANKING77 are requests that people wrote to assistants; SQuAD's questions are
people's questions about encyclopaedia articles. For programming and mathematics there is no
collection of requests at hand: sentences of documentation strings and pieces of source of
Python's standard library, and NumPy's documentation strings, stand in for them.
"""

from __future__ import annotations

import ast
import csv
import hashlib
import json
import re
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CLINC = {
    "finance": """freeze_account routing pin_change bill_due pay_bill account_blocked
        interest_rate min_payment bill_balance transfer order_checks balance spending_history
        transactions report_fraud replacement_card_duration expiration_date damaged_card
        improve_credit_score report_lost_card card_declined credit_limit_change apr
        redeem_rewards credit_limit rewards_balance application_status credit_score new_card
        international_fees""",
    "food": """food_last confirm_reservation how_busy ingredients_list calories nutrition_info
        recipe restaurant_reviews restaurant_reservation meal_suggestion restaurant_suggestion
        cancel_reservation ingredient_substitution cook_time accept_reservations""",
    "home": """what_song play_music todo_list_update reminder reminder_update calendar_update
        order_status update_playlist shopping_list calendar next_song order todo_list
        shopping_list_update smart_home""",
    "cars": """current_location oil_change_when oil_change_how uber traffic tire_pressure
        schedule_maintenance gas mpg distance directions last_maintenance gas_type tire_change
        jump_start""",
    "travel": """plug_type travel_notification flight_status international_visa timezone
        exchange_rate travel_suggestion travel_alert vaccines lost_luggage book_flight
        book_hotel carry_on car_rental""",
    "translation": "translate",
    "maths": "calculator measurement_conversion",
    "knowledge": "definition spelling",
    "tools": """weather alarm date find_phone share_location timer make_call flip_coin time
        roll_dice text""",
    "work": """pto_request_status next_holiday insurance_change insurance meeting_schedule
        payday taxes income rollover_401k pto_balance pto_request w2 schedule_meeting
        direct_deposit pto_used""",
    "chat": """who_made_you meaning_of_life who_do_you_work_for do_you_have_pets
        what_are_your_hobbies fun_fact what_is_your_name where_are_you_from goodbye thank_you
        greeting tell_joke are_you_a_bot how_old_are_you what_can_i_ask_you change_speed
        user_name whisper_mode yes change_volume no change_language repeat change_accent cancel
        sync_device change_user_name change_ai_name reset_settings maybe""",
}
DOMAIN_OF = {intent: domain for domain, intents in CLINC.items() for intent in intents.split()}
TOOLE = {
    "finance": "FinanceTool CreditYelp fundsdbsearch portfoliopilot QuiverQuantitative",
    "travel": "TripTool TripAdviceTool",
    "food": "recipe_retrieval RestaurantBookingTool",
    "code": "AI2sql SSH deployscript AutoInfra1 RepoTool",
    "translation": "MixerBox_Translate_AI_language_tutor speak",
    "cars": "CarYardBard AusPetrolPrices SuperchargeMyEV",
    "maths": "calculator",
    "work": "JobTool ResumeTool",
    "tools": "WeatherTool diceroller",
}
MATHS_MODULES = ("math", "cmath", "statistics", "fractions", "decimal", "random", "numbers")
MATHS_ARTICLES = ("Computational_complexity_theory",)
HELD_OUT_ARTICLES = 9
_SENTENCE = re.compile(r"(?<=[.?!])\s+|\n\s*\n")


@dataclass(frozen=True, slots=True)
class Row:
    """A text, its domain (empty: none), where it comes from and whether it is held out."""

    text: str
    domain: str
    source: str
    held_out: bool


def rows(data: Path) -> list[Row]:
    """Return all rows, in an order that depends on nothing but the data."""
    return [*clinc(data), *banking(data), *questions(data), *python(), *numpy_texts()]


def clinc(data: Path) -> Iterator[Row]:
    """Yield CLINC150: `train` to learn from, `val` held out; out of scope without a domain."""
    found = json.loads((data / "routing/clinc150_train_val.json").read_text(encoding="utf-8"))
    for part in ("train", "val"):
        for text, intent in found[part]:
            yield Row(text, DOMAIN_OF[intent], "clinc150", part == "val")
        for text, _ in found[f"oos_{part}"]:
            yield Row(text, "", "clinc150", part == "val")


def banking(data: Path) -> Iterator[Row]:
    """Yield BANKING77's training part; a fifth, chosen by the text's hash, is held out."""
    with (data / "routing/banking77_train.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield Row(row["text"], "finance", "banking77", fifth(row["text"]))


def questions(data: Path) -> Iterator[Row]:
    """Yield SQuAD 1.1's questions; those of nine articles, chosen by hash, are held out."""
    articles = json.loads((data / "qa/squad_v1.1_dev_36_articles.json").read_text(encoding="utf-8"))
    articles = articles["data"] if isinstance(articles, dict) else articles
    titles = sorted((article["title"] for article in articles), key=digest)
    held_out = {title for title in titles if title not in MATHS_ARTICLES}
    held_out &= set(titles[:HELD_OUT_ARTICLES])
    for article in articles:
        title = article["title"]
        domain = "maths" if title in MATHS_ARTICLES else "knowledge"
        for paragraph in article["paragraphs"]:
            for row in paragraph["qas"]:
                yield Row(row["question"], domain, "squad", title in held_out)


def foreign(data: Path) -> Iterator[Row]:
    """Yield requests of ToolE whose tool belongs to one domain; a language model wrote them."""
    domains = {tool: domain for domain, tools in TOOLE.items() for tool in tools.split()}
    with (data / "routing/toole_60.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["Tool"] in domains:
                yield Row(row["Query"], domains[row["Tool"]], "toole", True)


def python() -> Iterator[Row]:
    """Yield documentation and pieces of source of the standard library; a fifth of modules."""
    library = Path(sysconfig.get_path("stdlib"))
    for path in sorted(library.glob("*.py")):
        domain = "maths" if path.stem in MATHS_MODULES else "code"
        out = fifth(path.stem)
        source = path.read_text(encoding="utf-8")
        tree = ast.parse(source)
        for text in sentences(tree):
            yield Row(text, domain, "python", out)
        lines = source.splitlines()
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and domain == "code":
                body = "\n".join(lines[node.lineno - 1 : node.lineno + 5])
                if fifth(f"{path.stem}.{node.name}"):  # as many pieces as sentences, roughly
                    yield Row(body, "code", "python source", out)


def numpy_texts() -> Iterator[Row]:
    """Yield documentation of NumPy's linear algebra, polynomials and transforms."""
    import numpy

    root = Path(numpy.__file__).parent
    for folder in ("linalg", "polynomial", "fft"):
        for path in sorted((root / folder).glob("_*.py")) + sorted(
            (root / folder).glob("[a-z]*.py")
        ):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for text in sentences(tree):
                yield Row(text, "maths", "numpy", fifth(path.stem))


def sentences(tree: ast.Module) -> Iterator[str]:
    """Yield the sentences of all documentation strings, each text once."""
    seen: set[str] = set()
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
    for node in ast.walk(tree):
        text = ast.get_docstring(node) if isinstance(node, kinds) else None
        for sentence in _SENTENCE.split(text or ""):
            plain = " ".join(sentence.split())
            if 20 <= len(plain) <= 300 and plain not in seen and ">>>" not in plain:
                seen.add(plain)
                yield plain


def digest(text: str) -> str:
    """Return the SHA-256 of a text as hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def fifth(text: str) -> bool:
    """Whether the text falls into one fifth, by its hash."""
    return int(digest(text)[:8], 16) % 5 == 0
