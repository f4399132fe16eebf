"""Keys and teams as they are kept: made, looked up, changed, revoked."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from motet.core.clock import iso, now
from motet.core.errors import UsageError
from motet.core.ids import new_id
from motet.core.json import JSON, dumps, loads
from motet.core.store.sessions import Row, Session, Store, Value
from motet.gateway.accounts.limits import Limits
from motet.gateway.ledger.folding import team_account
from motet.gateway.ledger.periods import span

PREFIX = "mk-"
_BYTES = 32
_COLUMNS = """id, name, team, budget, period, requests, tokens, disabled, created, hint, models,
              local, admin, expires, revoked"""
_CHANGED = "UPDATE changes SET number = number + 1"


def digest(secret: str) -> str:
    """Return what is kept of a key.

    A key is 256 random bits, so nobody finds it by trying, and a slow hash would make every
    request slow for nothing. It is looked up by its digest: how long that takes says nothing
    of the key, since nobody can choose a digest.
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Team:
    """Several keys that share limits."""

    name: str
    limits: Limits = field(default_factory=Limits)
    disabled: bool = False
    created: float = 0.0

    @property
    def account(self) -> str:
        """The id under which its use is counted."""
        return team_account(self.name)

    def to_json(self) -> dict[str, JSON]:
        """Return the documented members."""
        return {
            "name": self.name,
            **self.limits.to_json(),
            "disabled": self.disabled,
            "created": iso(self.created),
        }


@dataclass(frozen=True, slots=True)
class Key:
    """A virtual key without its secret; `hint` is how that ends. Times are epoch seconds."""

    name: str
    team: str = ""
    limits: Limits = field(default_factory=Limits)
    models: tuple[str, ...] = ()
    local: bool = False
    admin: bool = False
    expires: float | None = None
    disabled: bool = False
    id: str = ""
    hint: str = ""
    created: float = 0.0
    revoked: float | None = None

    @property
    def account(self) -> str:
        """The id under which its use is counted."""
        return self.id

    def to_json(self) -> dict[str, JSON]:
        """Return the documented members; the secret is none of them."""
        return {
            "id": self.id,
            "name": self.name,
            "hint": self.hint,
            "team": self.team or None,
            **self.limits.to_json(),
            "models": list(self.models),
            "local": self.local,
            "admin": self.admin,
            "disabled": self.disabled,
            "created": iso(self.created),
            "expires": _instant(self.expires),
            "revoked": _instant(self.revoked),
        }


class Registry:
    """Keys and teams in the ledger's store. Raises `StoreError`, and `UsageError` as said."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # Keys

    def create(self, key: Key) -> tuple[Key, str]:
        """Make a key; return it and its secret, which nobody can be told again.

        Raises `UsageError` where the name is taken or there is no such team.
        """
        secret = PREFIX + secrets.token_urlsafe(_BYTES)
        made = replace(key, id=new_id("key"), hint=secret[-4:], created=now())
        with self._store.write() as db:
            self._check_team(db, key.team)
            _insert(db, "key", made, digest(secret))
        return made, secret

    def keys(self) -> list[Key]:
        """Return all keys, the revoked ones too, in the order of their making."""
        query = f"SELECT {_COLUMNS} FROM accounts WHERE kind = 'key' ORDER BY created, id"
        with self._store.read() as db:
            return [_key(each) for each in db.rows(query)]

    def digests(self) -> Mapping[str, Key]:
        """Return the keys that may be used, by the digests of their secrets."""
        query = f"""SELECT {_COLUMNS}, digest FROM accounts
                    WHERE kind = 'key' AND revoked IS NULL AND disabled = 0"""
        with self._store.read() as db:
            return {each[-1]: _key(each) for each in db.rows(query)}

    def key(self, name: str) -> Key:
        """Return a key by its name or id. Raises `UsageError`."""
        query = f"SELECT {_COLUMNS} FROM accounts WHERE kind = 'key' AND (name = ?1 OR id = ?1)"
        with self._store.read() as db:
            found = db.rows(query, (name,))
        if not found:
            raise UsageError("no such key", where=name, hint="`motet keys list` shows the keys")
        return _key(found[0])

    def put(self, key: Key) -> None:
        """Change a key to what is given. Raises `UsageError`."""
        with self._store.write() as db:
            self._check_team(db, key.team)
            _update(db, key.id, key)

    def revoke(self, key: Key) -> None:
        """Revoke a key for good; its name becomes free for another."""
        name = f"{key.name} ({key.id})"
        with self._store.write() as db:
            sql = "UPDATE accounts SET revoked = ?, digest = NULL, name = ? WHERE id = ?"
            db.execute(sql, (now(), name, key.id))
            db.execute(_CHANGED)

    # Teams

    def create_team(self, team: Team) -> Team:
        """Make a team. Raises `UsageError` where the name is taken."""
        made = replace(team, created=now())
        with self._store.write() as db:
            _insert(db, "team", made, None)
        return made

    def teams(self) -> list[Team]:
        """Return all teams in the order of their making."""
        query = f"SELECT {_COLUMNS} FROM accounts WHERE kind = 'team' ORDER BY created, id"
        with self._store.read() as db:
            return [_team(each) for each in db.rows(query)]

    def team(self, name: str) -> Team:
        """Return a team. Raises `UsageError`."""
        query = f"SELECT {_COLUMNS} FROM accounts WHERE id = ?"
        with self._store.read() as db:
            found = db.rows(query, (team_account(name),))
        if not found:
            hint = f"make it with `motet teams create {name}`"
            raise UsageError("no such team", where=name, hint=hint)
        return _team(found[0])

    def put_team(self, team: Team) -> None:
        """Change a team to what is given."""
        with self._store.write() as db:
            _update(db, team.account, team)

    def _check_team(self, db: Session, name: str) -> None:
        sql = "SELECT 1 FROM accounts WHERE id = ?"
        if name and not db.rows(sql, (team_account(name),)):
            hint = f"make it with `motet teams create {name}`"
            raise UsageError("no such team", where=name, hint=hint)

    def spent(self, account: Key | Team) -> int:
        """Return what was spent in the period that goes on now, in pico-dollars."""
        query = "SELECT cost FROM spent WHERE account = ? AND span = ?"
        period = span(account.limits.period, now())
        with self._store.read() as db:
            found = db.rows(query, (account.account, period))
        return int(found[0][0]) if found else 0

    def number(self) -> int:
        """Return a number that grows with every change of keys and teams."""
        with self._store.read() as db:
            return int(db.rows("SELECT number FROM changes")[0][0])


def _insert(db: Session, kind: str, made: Key | Team, kept: str | None) -> None:
    values = _values(made)
    names = ["id", "kind", "created", "digest", "hint", "revoked", "turn", *values]
    hint = made.hint if isinstance(made, Key) else ""
    row = [made.account, kind, made.created, kept, hint, None, 0, *values.values()]
    sql = f"INSERT INTO accounts ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
    if db.rows("SELECT 1 FROM accounts WHERE kind = ? AND name = ?", (kind, made.name)):
        raise UsageError(f"there is a {kind} of that name", where=made.name)
    db.execute(sql, row)
    db.execute(_CHANGED)


def _update(db: Session, account: str, made: Key | Team) -> None:
    values = _values(made)
    sql = f"UPDATE accounts SET {', '.join(f'{each} = ?' for each in values)} WHERE id = ?"
    db.execute(sql, [*values.values(), account])
    db.execute(_CHANGED)


def _values(made: Key | Team) -> dict[str, Value]:
    """Return the columns that can be changed."""
    key = made if isinstance(made, Key) else Key(made.name)
    return {
        "name": made.name,
        "team": key.team,
        "budget": made.limits.budget,
        "period": made.limits.period,
        "requests": made.limits.requests,
        "tokens": made.limits.tokens,
        "disabled": int(made.disabled),
        "models": dumps(list(key.models)),
        "local": int(key.local),
        "admin": int(key.admin),
        "expires": key.expires,
    }


def _key(row: Row) -> Key:
    return Key(
        id=row[0],
        name=row[1],
        team=row[2],
        limits=Limits(*row[3:7]),
        disabled=bool(row[7]),
        created=row[8],
        hint=row[9],
        models=tuple(str(each) for each in _list(loads(row[10]))),
        local=bool(row[11]),
        admin=bool(row[12]),
        expires=row[13],
        revoked=row[14],
    )


def _instant(seconds: float | None) -> str | None:
    return None if seconds is None else iso(seconds)


def _list(value: JSON) -> Sequence[JSON]:
    return value if isinstance(value, list) else []


def _team(row: Row) -> Team:
    return Team(row[1], Limits(*row[3:7]), bool(row[7]), row[8])
