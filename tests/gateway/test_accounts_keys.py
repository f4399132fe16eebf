"""Keys: who passes, and when no longer."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from ledger_samples import make_team, member, rows, seen, tenant

from motet.core.clock import now
from motet.core.errors import UsageError
from motet.core.store.sessions import Store
from motet.gateway.accounts import ANYONE, Accounts, Key, Limits, Team, Tenant


def made(accounts: Accounts, key: Key) -> str:
    _, secret = accounts.registry.create(key)
    accounts.refresh()
    return secret


def test_a_key_names_its_holder(accounts: Accounts) -> None:
    make_team(accounts, "ops", budget=5)
    secret = made(accounts, Key("app", team="ops", models=("a/*", "b"), local=True, admin=True))
    found = seen(accounts, secret)
    assert found == Tenant(found.id, "app", "ops", ("a/*", "b"), True, True, True)
    assert secret.startswith("mk-")
    assert len(secret) == 46
    assert accounts.tenant(secret[:-1]) is None
    assert accounts.tenant(found.id) is None
    assert accounts.tenant("") is None
    assert accounts.tenant("\udcff\0ключ") is None


def test_who_has_no_limits_is_not_limited(accounts: Accounts) -> None:
    make_team(accounts, "free")
    make_team(accounts, "ops", requests=1)
    assert not seen(accounts, made(accounts, Key("a", team="free"))).limited
    assert seen(accounts, made(accounts, Key("b", team="ops"))).limited
    assert seen(accounts, made(accounts, Key("c", limits=Limits(tokens=1)))).limited
    assert not ANYONE.limited


def test_a_secret_is_nowhere_in_the_store(accounts: Accounts, store: Store) -> None:
    secret = made(accounts, Key("app"))
    [row] = rows(store, "SELECT * FROM accounts")
    assert secret[3:] not in repr(row)
    assert secret[-4:] in row


def test_models_are_patterns() -> None:
    some = Tenant("k", "k", models=("openai/*", "fast"))
    assert [some.may_ask(each) for each in ("openai/gpt", "fast", "faster", "OpenAI/x")] == [
        True, True, False, False,
    ]  # fmt: skip
    assert ANYONE.may_ask("whatever")


@pytest.mark.parametrize(
    "change",
    [
        lambda registry, key: registry.revoke(key),
        lambda registry, key: registry.put(replace(key, disabled=True)),
        lambda registry, key: registry.put(replace(key, expires=now() - 1)),
        lambda registry, key: registry.put_team(Team("ops", disabled=True)),
    ],
    ids=["revoked", "disabled", "expired", "team"],
)
def test_what_another_process_changes_counts_within_a_second(
    opened: Callable[[], Accounts], change: Callable[..., None]
) -> None:
    one, other = opened(), opened()
    make_team(one, "ops")
    key, secret = one.registry.create(Key("app", team="ops"))
    began = time.monotonic()
    while other.tenant(secret) is None:
        assert time.monotonic() - began < 1.5
        time.sleep(0.01)
    change(one.registry, key)
    began = time.monotonic()
    while other.tenant(secret) is not None:
        assert time.monotonic() - began < 1.5
        time.sleep(0.01)


def test_an_expired_key_passes_no_more_without_a_look_at_the_store(accounts: Accounts) -> None:
    secret = made(accounts, Key("app", expires=now() + 0.2))
    assert accounts.tenant(secret) is not None
    time.sleep(0.25)
    assert accounts.tenant(secret) is None


def test_a_revoked_key_frees_its_name_and_keeps_its_row(accounts: Accounts) -> None:
    first, _ = accounts.registry.create(Key("app"))
    accounts.registry.revoke(first)
    second, _ = accounts.registry.create(Key("app"))
    assert accounts.registry.key("app").id == second.id
    assert accounts.registry.key(first.id).revoked is not None
    every = accounts.registry.keys()
    assert [each.id for each in every] == [first.id, second.id]


def test_a_key_reads_back_as_it_was_made(accounts: Accounts) -> None:
    make_team(accounts, "ops")
    limits = Limits(10**18, "month", 60, 10**12)
    key = Key("näme 'x'", "ops", limits, ("a*", "ü"), True, True, now() + 9)
    made, _ = accounts.registry.create(key)
    assert accounts.registry.key("näme 'x'") == made
    assert replace(made, id="", hint="", created=0.0) == key
    changed = replace(made, name="new", team="", limits=Limits(), models=(), local=False)
    accounts.registry.put(changed)
    assert accounts.registry.key("new") == changed
    assert accounts.registry.teams() == [accounts.registry.team("ops")]


def test_mistakes_are_said(accounts: Accounts) -> None:
    accounts.registry.create(Key("app"))
    make_team(accounts, "ops")
    with pytest.raises(UsageError, match="there is a key of that name"):
        accounts.registry.create(Key("app"))
    with pytest.raises(UsageError, match="there is a team of that name"):
        make_team(accounts, "ops")
    with pytest.raises(UsageError, match="no such team"):
        accounts.registry.create(Key("other", team="nobody"))
    with pytest.raises(UsageError, match="no such team"):
        accounts.registry.put(replace(accounts.registry.key("app"), team="nobody"))
    with pytest.raises(UsageError, match="no such key"):
        accounts.registry.key("nobody")
    with pytest.raises(UsageError, match="no such team"):
        accounts.registry.team("app")


def test_keys_and_teams_may_share_a_name(accounts: Accounts) -> None:
    make_team(accounts, "ops", budget=7)
    who = member(accounts, "ops", "ops", budget=9)
    assert who.team == "ops"
    assert accounts.registry.team("ops").limits.budget == 7
    assert tenant(accounts, "plain").team == ""
