"""A declaration's models as the planner sees them and as runs call them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from motet.core.chat import ChatModel
from motet.core.errors import DeclarationError, MotetBug
from motet.gateway.accounts import Accounts
from motet.gateway.metered import MeteredChat
from motet.gateway.served import ServedModel, served_model, stand_ins
from motet.models.reach import why_unreachable
from motet.models.remote import RemoteChat
from motet.models.resilience.chat import ResilientChat
from motet.models.resilience.health import Health
from motet.models.resilience.policy import Policy
from motet.planner.cost import Price
from motet.planner.request import CHAT, Answerer
from motet.spec.types import HERE, Declaration, Model

READER = "reader"


class Roster:
    """The models of one system, connected when they are first needed."""

    def __init__(
        self, declaration: Declaration, accounts: Callable[[], Accounts] | None = None
    ) -> None:
        """`accounts` opens the ledger when the first model is called; without, none can be."""
        self._declaration = declaration
        self._accounts = accounts
        self._models = {model.name: model for model in declaration.models}
        self._served: dict[str, ServedModel] = {}
        self._chats: dict[str, ChatModel] = {}
        self._health = Health()
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
            unavailable = self._stays_here(model) or _unreachable(self._found(model))
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
        """Return a chat model by its name; its calls are in the ledger.

        Where others are declared to stand in for it, they do until its first event.
        """
        if name not in self._models:
            raise MotetBug(f"the plan names a model that is not declared: {name}")
        if name not in self._chats:
            others = [self._metered(each) for each in self._stand_ins(name)]
            own = self._metered(name)
            # The run itself tries again, so that every attempt is on its record.
            policy = Policy(retries=0)
            self._chats[name] = (
                ResilientChat([own, *others], policy=policy, health=self._health) if others else own
            )
        return self._chats[name]

    def _stand_ins(self, name: str) -> tuple[str, ...]:
        served = self._declaration.gateway
        if served is None:
            return ()
        able = [
            other
            for other, model in self._models.items()
            if model.provider not in HERE and self._stays_here(model) is None
        ]
        return stand_ins(name, served, able)

    def _metered(self, name: str) -> ChatModel:
        found = self._found(self._models[name])
        chat = RemoteChat(found.target) if found.target is not None else found.chat
        assert chat is not None
        if self._accounts is None:
            raise MotetBug(f"{name} is called without a ledger")
        return MeteredChat(found, chat, self._accounts, self._declaration.system)

    def price(self, name: str) -> Price | None:
        """Return the price of a model, as declared or as the catalogue knows it, else None."""
        model = self._models[name]
        if model.price is not None:
            return Price(model.price.input, model.price.output, model.price.call)
        if model.provider in HERE or model.is_local:
            return None  # nobody bills it; what it takes is time
        try:
            return self._found(model).price
        except DeclarationError:  # it cannot be used anyway, as its answerer tells
            return None

    def _found(self, model: Model) -> ServedModel:
        if model.name not in self._served:
            self._served[model.name] = served_model(model, self._declaration.root)
        return self._served[model.name]


def _unreachable(model: ServedModel) -> str | None:
    if model.chat is not None:
        return model.chat.unavailable()
    return why_unreachable(model.target) if model.target is not None else None


def _check(model: Model) -> None:
    if model.provider == "expert" and model.model != READER:
        raise DeclarationError(
            f"there is no expert '{model.model}'",
            where=f"models.{model.use}",
            hint=f"nearest: expert/{READER}",
        )
