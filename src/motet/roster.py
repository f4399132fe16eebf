"""A declaration's models as the planner sees them and as runs call them."""

from __future__ import annotations

from collections.abc import Sequence

from motet.core.chat import ChatModel
from motet.core.errors import DeclarationError, MotetBug
from motet.models.http import Timeouts
from motet.models.reach import why_unreachable
from motet.models.remote import RemoteChat
from motet.models.target import target
from motet.planner.cost import Price
from motet.planner.request import CHAT, Answerer
from motet.spec.types import Declaration, Model

READER = "reader"


class Roster:
    """The models of one system, connected when they are first needed."""

    def __init__(self, declaration: Declaration) -> None:
        self._models = {model.name: model for model in declaration.models}
        self._chats: dict[str, RemoteChat] = {}
        self._local = declaration.guard.local or any(s.local for s in declaration.knowledge)
        for model in declaration.models:
            _check(model)

    def names(self) -> list[str]:
        """Return the models' names as declared."""
        return list(self._models)

    def answerers(self, unreadable: str | None) -> Sequence[Answerer]:
        """Return the models that may answer.

        `unreadable` says why the base encoder cannot serve this question, if so: then the
        reader answers with a verbatim sentence in place of a span.
        """
        found = []
        for model in self._models.values():
            if model.provider == "expert":
                method = "answer.read" if unreadable is None else "answer.quote"
                found.append(Answerer(model.name, method, note=unreadable or ""))
            elif model.provider == "system":
                why = "this version does not call systems as models"
                found.append(Answerer(model.name, CHAT, unavailable=why))
            else:
                found.append(self._answerer(model))
        return found

    def _answerer(self, model: Model) -> Answerer:
        try:
            unavailable = self._stays_here(model) or why_unreachable(self._connected(model).target)
        except DeclarationError as error:  # its key comes from a variable that is not set
            unavailable = error.message
        return Answerer(
            model.name,
            CHAT,
            price=self.price(model.name),
            local=model.is_local,
            unavailable=unavailable,
            concurrency=model.concurrency,
        )

    def _stays_here(self, model: Model) -> str | None:
        if self._local and not model.is_local:
            return "it is not on this machine, and the declaration keeps requests local"
        return None

    def chat(self, name: str) -> ChatModel:
        """Return a chat model by its name."""
        model = self._models.get(name)
        if model is None:
            raise MotetBug(f"the plan names a model that is not declared: {name}")
        return self._connected(model)

    def price(self, name: str) -> Price | None:
        """Return the declared price of a model, None where none is."""
        price = self._models[name].price
        return None if price is None else Price(price.input, price.output, price.call)

    def _connected(self, model: Model) -> RemoteChat:
        if model.name not in self._chats:
            self._chats[model.name] = RemoteChat(
                target(
                    model.use,
                    name=model.name,
                    base_url=model.base_url,
                    key=model.key.resolve() if model.key else None,
                    timeouts=_timeouts(model),
                    dialect=model.dialect,
                    local=model.local,
                    concurrency=model.concurrency,
                )
            )
        return self._chats[model.name]


def _timeouts(model: Model) -> Timeouts | None:
    if model.timeout is None:
        return None
    return Timeouts(first_byte=model.timeout, idle=model.timeout)


def _check(model: Model) -> None:
    if model.provider == "expert" and model.model != READER:
        raise DeclarationError(
            f"there is no expert '{model.model}'",
            where=f"models.{model.use}",
            hint=f"nearest: expert/{READER}",
        )
