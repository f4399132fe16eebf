"""Declare a compound AI system; serve it as one model.

>>> import motet
>>> system = motet.load("motet.yaml")           # doctest: +SKIP
>>> system.ask("Who supplies the hinge?").text  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motet.core.version import __version__ as __version__

if TYPE_CHECKING:
    from motet.core.answers import Answer as Answer
    from motet.core.answers import Citation as Citation
    from motet.core.chat import TextDelta as TextDelta
    from motet.core.errors import BudgetSpent as BudgetSpent
    from motet.core.errors import DeclarationError as DeclarationError
    from motet.core.errors import MotetError as MotetError
    from motet.core.errors import PlanError as PlanError
    from motet.core.errors import ProviderError as ProviderError
    from motet.core.errors import Refused as Refused
    from motet.core.errors import RunError as RunError
    from motet.core.errors import RunOwned as RunOwned
    from motet.core.errors import SetupNeeded as SetupNeeded
    from motet.core.errors import StoreError as StoreError
    from motet.core.errors import TimedOut as TimedOut
    from motet.core.errors import UsageError as UsageError
    from motet.planner.operator import Operator as Operator
    from motet.planner.operator import operator as operator
    from motet.planner.operator import workflow as workflow
    from motet.planner.written import Plan as Plan
    from motet.planner.written import Ref as Ref
    from motet.runtime.budget import Budget as Budget
    from motet.runtime.builtin import approve as approve
    from motet.runtime.builtin import clock as clock
    from motet.runtime.builtin import event as event
    from motet.runtime.builtin import map as map
    from motet.runtime.builtin import report as report
    from motet.runtime.builtin import sleep as sleep
    from motet.runtime.explaining import explain as explain
    from motet.runtime.forks import fork as fork
    from motet.runtime.replays import replay as replay
    from motet.runtime.run import Run as Run
    from motet.runtime.runs import answer as answer
    from motet.runtime.runs import aresume as aresume
    from motet.runtime.runs import arun as arun
    from motet.runtime.runs import cancel as cancel
    from motet.runtime.runs import resume as resume
    from motet.runtime.runs import run as run
    from motet.runtime.runs import send as send
    from motet.runtime.submission import join as join
    from motet.runtime.submission import submit as submit
    from motet.system import System as System
    from motet.system import load as load

_HOMES = {
    "Answer": "motet.core.answers",
    "Budget": "motet.runtime.budget",
    "BudgetSpent": "motet.core.errors",
    "Citation": "motet.core.answers",
    "DeclarationError": "motet.core.errors",
    "MotetError": "motet.core.errors",
    "Operator": "motet.planner.operator",
    "Plan": "motet.planner.written",
    "PlanError": "motet.core.errors",
    "ProviderError": "motet.core.errors",
    "Ref": "motet.planner.written",
    "Refused": "motet.core.errors",
    "Run": "motet.runtime.run",
    "RunError": "motet.core.errors",
    "RunOwned": "motet.core.errors",
    "SetupNeeded": "motet.core.errors",
    "StoreError": "motet.core.errors",
    "System": "motet.system",
    "TextDelta": "motet.core.chat",
    "TimedOut": "motet.core.errors",
    "UsageError": "motet.core.errors",
    "answer": "motet.runtime.runs",
    "approve": "motet.runtime.builtin",
    "aresume": "motet.runtime.runs",
    "arun": "motet.runtime.runs",
    "cancel": "motet.runtime.runs",
    "clock": "motet.runtime.builtin",
    "event": "motet.runtime.builtin",
    "explain": "motet.runtime.explaining",
    "fork": "motet.runtime.forks",
    "join": "motet.runtime.submission",
    "load": "motet.system",
    "map": "motet.runtime.builtin",
    "operator": "motet.planner.operator",
    "replay": "motet.runtime.replays",
    "report": "motet.runtime.builtin",
    "resume": "motet.runtime.runs",
    "run": "motet.runtime.runs",
    "send": "motet.runtime.runs",
    "sleep": "motet.runtime.builtin",
    "submit": "motet.runtime.submission",
    "workflow": "motet.planner.operator",
}

__all__ = [
    "Answer",
    "Budget",
    "BudgetSpent",
    "Citation",
    "DeclarationError",
    "MotetError",
    "Operator",
    "Plan",
    "PlanError",
    "ProviderError",
    "Ref",
    "Refused",
    "Run",
    "RunError",
    "RunOwned",
    "SetupNeeded",
    "StoreError",
    "System",
    "TextDelta",
    "TimedOut",
    "UsageError",
    "answer",
    "approve",
    "aresume",
    "arun",
    "cancel",
    "clock",
    "event",
    "explain",
    "fork",
    "join",
    "load",
    "map",
    "operator",
    "replay",
    "report",
    "resume",
    "run",
    "send",
    "sleep",
    "submit",
    "workflow",
]


def __getattr__(name: str) -> object:
    """Import a public name when it is first used: `import motet` stays light."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'motet' has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
