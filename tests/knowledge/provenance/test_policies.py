"""Who sees what, what may be published, what expires; on both stores."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from knowledge_samples import query

from motet.knowledge.discover import Root
from motet.knowledge.ingest import Ingest
from motet.knowledge.provenance.erasure import Erasure, bring_back
from motet.knowledge.provenance.policy import Policy, expire, publishable
from motet.knowledge.provenance.viewer import Sights, Viewer
from motet.knowledge.store import Store

HOUR = 3600.0


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    for name in ("open", "mine", "sealed", "brief"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text(f"The {name} note speaks of oak.")
    return tmp_path


def ingest(store: Store, docs: Path, **policies: Policy) -> list[str]:
    """Ingest the folders under their policies; return the sources there are then."""
    roots = [Root(each, policy=policy) for each, policy in policies.items()]
    Ingest(store, docs, lambda: None).run(roots)
    return [each.source for each in store.sources()]


def test_derived_data_is_seen_by_whom_the_policy_names(
    any_store: Store, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTET_USER", "ana")
    from motet.knowledge.provenance.policy import login

    login.cache_clear()
    everywhere = {
        "open": Policy(),
        "mine": Policy(derived="owner"),
        "sealed": Policy(derived="nobody"),
    }
    ingest(any_store, docs, **everywhere)
    ids = dict(
        query(
            any_store, "SELECT v.id, s.source FROM versions v JOIN sources s ON s.id = v.source_id"
        )
    )
    sights = Sights(any_store)

    def withheld(user: str | None) -> list[str]:
        sight = sights.of(Viewer(user))
        assert sight.hidden.size == 0
        return sorted(ids[each] for each in sight.withheld.tolist())

    assert withheld("ana") == ["sealed/a.txt"]
    assert withheld("bob") == withheld(None) == ["mine/a.txt", "sealed/a.txt"]
    login.cache_clear()


def test_a_changed_policy_holds_without_reading_files_again(any_store: Store, docs: Path) -> None:
    ingest(any_store, docs, open=Policy(), sealed=Policy(publish=False))
    assert [each.source for each in publishable(any_store)] == ["open/a.txt"]
    before = query(any_store, "SELECT id FROM versions ORDER BY id")
    ingest(any_store, docs, open=Policy(derived="nobody"), sealed=Policy())
    found = [(each.source, each.derived) for each in publishable(any_store)]
    assert found == [("open/a.txt", False), ("sealed/a.txt", True)]
    assert query(any_store, "SELECT id FROM versions ORDER BY id") == before


def test_the_stricter_of_two_policies_holds() -> None:
    both = Policy(expires=9.0) & Policy(local=True, publish=False, derived="owner", expires=5.0)
    assert both == Policy(True, False, "owner", 5.0)


def test_what_expired_is_not_found_and_goes(any_store: Store, docs: Path) -> None:
    found = ingest(any_store, docs, open=Policy(), brief=Policy(expires=HOUR))
    assert found == ["brief/a.txt", "open/a.txt"]
    sights = Sights(any_store)
    with any_store.write() as session:
        session.execute("UPDATE sources SET expires = 1 WHERE source = 'brief/a.txt'")
        session.execute(
            "INSERT INTO changes (scope, source, change) VALUES ('test', 'brief/a.txt', 'put')"
        )
    assert sights.of(Viewer()).hidden.size == 1
    assert publishable(any_store)[0].source == "open/a.txt"
    assert expire(any_store) == ["brief/a.txt"]
    os.utime(docs / "brief" / "a.txt", (1.0, 1.0))
    assert ingest(any_store, docs, open=Policy(), brief=Policy(expires=HOUR)) == ["open/a.txt"]


def test_a_deleted_file_stays_out_until_it_is_asked_for(any_store: Store, docs: Path) -> None:
    ingest(any_store, docs, open=Policy(), mine=Policy())
    erasure = Erasure(any_store)
    held = erasure.held("mine/a.txt")
    assert held is not None
    erasure.hide("mine/a.txt")
    erasure.remove(held, erasure.traces(held))
    assert ingest(any_store, docs, open=Policy(), mine=Policy()) == ["open/a.txt"]
    assert erasure.held("mine/a.txt") is None
    bring_back(any_store, "mine/a.txt")
    assert len(ingest(any_store, docs, open=Policy(), mine=Policy())) == 2
