"""Agent memory: episodes and facts per user, session and system."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from motet.core.clock import iso, now
from motet.core.errors import UsageError
from motet.core.ids import new_id
from motet.core.passages import Passage
from motet.core.store.sessions import Row, Session, Value
from motet.core.text import covered
from motet.knowledge.memory.claims import Claims
from motet.knowledge.memory.episodes import CITES, KIND, Episode, prepared, version_of
from motet.knowledge.memory.facts import Fact
from motet.knowledge.memory.ranking import ANSWERED, Relevance, cosine, standing
from motet.knowledge.memory.statements import FactFinder, facts_in
from motet.knowledge.provenance.viewer import Viewer
from motet.knowledge.store import Given, Store

if TYPE_CHECKING:
    from motet.core.protocols import Embedder
    from motet.core.traces import Traces
    from motet.knowledge.entities.graph import Graph
    from motet.knowledge.prepare import Prepared
    from motet.knowledge.store.store import Also
    from motet.knowledge.store.versions import Vectors

MOST = 2000
"""Episodes looked through for a question, the newest ones."""
_COLUMNS = """s.source, s.given_at, s.owner, s.session, s.origin, v.id, v.text, v.notes"""


class Memory:
    """What is remembered in a store.

    `embedder` gives the encoder, or None where there is none; then words alone are compared.
    `find` finds facts in what is said; `graph` writes the entities that it names.
    """

    def __init__(
        self,
        store: Store,
        embedder: Callable[[], Embedder | None],
        *,
        find: FactFinder = facts_in,
        graph: Callable[[], Graph] | None = None,
    ) -> None:
        self._store = store
        self._embedder = embedder
        self._find = find
        self._graph = graph
        self._claims = Claims(store)

    def remember(
        self,
        text: str,
        *,
        at: float,
        answer: str | None = None,
        user: str | None = None,
        session: str | None = None,
        run: str | None = None,
        node: str = "",
        facts: Sequence[Fact] | None = None,
        cites: Sequence[str] = (),
    ) -> Episode | None:
        """Remember what was said at a time (seconds since 1970), and what was answered.

        With neither user nor session it is everybody's. The same node of a run never
        remembers twice. Facts are found in the text unless they are given. Returns what is
        remembered, None where there is nothing to: a question without an answer.
        Raises `UsageError` for an empty text.
        """
        text = text.strip()
        if not text:
            raise UsageError("there is nothing to remember")
        kept = prepared(text, answer, cites)
        if kept is None:
            return None
        origin = f"{run}/{node}" if run else "by hand"
        name = f"{KIND}:{origin}" if run else f"{KIND}:{new_id('mem')}"
        told = self._find(text) if facts is None else facts
        episode = Episode(
            name, at, user, session, origin, kept.text, tuple(told), tuple(dict.fromkeys(cites))
        )
        self._write(episode, kept)
        return episode

    def _write(self, episode: Episode, kept: Prepared) -> None:
        vectors = self._vectors(kept)
        also: list[Also] = [
            lambda session, written: self._claims.add(
                session, written, episode.facts, episode.at, speaker
            )
        ]
        if self._graph is not None:
            also.insert(0, self._graph().writer(kept, episode.id))
        speaker = episode.user or episode.session
        given = Given(
            kind="memory",
            owner=episode.user,
            session=episode.session,
            given_by=episode.user,
            given_at=episode.at,
            origin=episode.origin,
            publish=False,
        )
        with self._store.write() as session:
            query = "SELECT 1 FROM sources WHERE scope = ? AND source = ?"
            if session.rows(query, (self._store.scope, episode.id)):
                return
            self._store.put(
                episode.id,
                version=version_of(kept),
                size=len(kept.text.encode("utf-8", "surrogatepass")),
                fingerprint="",
                prepared=kept,
                vectors=vectors,
                given=given,
                also=also,
            )

    def _vectors(self, kept: Prepared) -> Vectors | None:
        import numpy as np

        embedder = self._embedder()
        reading = kept.reading(0)
        if embedder is None or not embedder.can_read(reading):
            return None
        return embedder.name, embedder.embed([reading]).astype(np.float16), [0]

    def recall(
        self,
        question: str,
        *,
        user: str | None = None,
        session: str | None = None,
        k: int = 4,
        viewer: Viewer | None = None,
    ) -> list[Passage]:
        """Return the k best episodes for a question as passages, best first.

        A viewer sees what is their own and what is everybody's. Of facts that contradict each
        other all are found, the newest that holds first. `context` says when it was said.
        """
        viewer = viewer or Viewer(user, session)
        with self._store.read() as db:
            found = self._rows(db, *viewer.condition(), f"LIMIT {MOST}")
            versions = [row[5] for row in found]
            facts = self._claims.of(db, versions)
            near = self._near(db, question, found)
            best = sorted(
                (row for row in found if near[row[5]].enough),
                key=lambda row: (-near[row[5]].score, -row[1], row[0]),
            )[: 2 * k]
            passages = self._passages(db, [row[5] for row in best])
        counts = standing([_episode(row, facts) for row in best], now())
        made = [
            _scored(passages[row[5]], row[1], near[row[5]], counts[row[0]])
            for row in best
            if row[5] in passages
        ]
        return sorted(made, key=lambda each: -each.score)[:k]

    def _near(self, db: Session, question: str, found: Sequence[Row]) -> dict[int, Relevance]:
        embedder = self._embedder()
        asked = None
        if embedder is not None and embedder.can_read(question):
            asked = embedder.embed([question])[0]
        cosines: dict[int, float] = {}
        if asked is not None and embedder is not None:
            versions = [row[5] for row in found]
            vectors = self._store.dialect.vectors(db, embedder.name, versions)
            cosines = {version: cosine(asked, data[0]) for version, _, data in vectors}
        return {row[5]: Relevance(covered(question, row[6]), cosines.get(row[5])) for row in found}

    def _rows(
        self, db: Session, condition: str, values: Sequence[Value], most: str = ""
    ) -> list[Row]:
        """Return the episodes that a condition on sources selects, newest first."""
        query = f"""
            SELECT {_COLUMNS} FROM sources s JOIN versions v ON v.source_id = s.id
            WHERE s.scope = ? AND s.kind = 'memory' AND ({condition})
            ORDER BY s.given_at DESC, s.source {most}"""
        return db.rows(query, (self._store.scope, *values))

    def _passages(self, db: Session, versions: Sequence[int]) -> dict[int, Passage]:
        some, values = self._store.among(versions)
        query = f"""
            SELECT v.id, c.id, s.source, v.version, v.media_type, c.kind, c.page, c.start,
                   c."end", c.text, c.text, c.context
            FROM chunks c JOIN versions v ON v.id = c.version_id
            JOIN sources s ON s.id = v.source_id WHERE v.id IN {some}"""
        return {row[0]: Passage(*row[1:]) for row in db.rows(query, values)}

    def list(self, *, user: str | None = None, session: str | None = None) -> list[Episode]:
        """Return what is remembered, newest first: of everybody, a user or a session."""
        condition, values = "1 = 1", []
        for column, value in (("owner", user), ("session", session)):
            if value is not None:
                condition += f" AND s.{column} = ?"
                values.append(value)
        with self._store.read() as db:
            found = self._rows(db, condition, values)
            facts = self._claims.of(db, [row[5] for row in found])
        return [_episode(row, facts) for row in found]

    def redact(self, source: str, runs: Collection[str], traces: Traces) -> Sequence[str]:
        """Take out what a deleted source said; return the memories that lost something.

        What cites or quotes it, or was answered by one of the runs that were given it, loses
        all but the facts that people stated themselves.
        """
        lost = []
        for each in self.list():
            run = each.origin.partition("/")[0]
            stated = [each.text[fact.start : fact.end] for fact in each.facts]
            said = "\n".join(dict.fromkeys(one for one in stated if not traces.stand_in(one)))
            if said == each.text or not (
                source in each.cites or run in runs or traces.stand_in(each.text)
            ):
                continue
            kept = prepared(said, None) if said else None
            with self._store.write():
                self._store.remove(each.id)
                if kept is not None:
                    facts = tuple(self._find(said))
                    self._write(replace(each, text=said, facts=facts, cites=()), kept)
            lost.append(each.id)
        return lost

    def forget(
        self,
        *,
        id: str | None = None,
        user: str | None = None,
        session: str | None = None,
        age: float | None = None,
        source: str | None = None,
    ) -> int:
        """Forget what fits all that is named; return how many episodes that were.

        `age` means those older than so many seconds, `source` those whose answer cites it.
        Raises `UsageError` where nothing is named.
        """
        if all(each is None for each in (id, user, session, age, source)):
            raise UsageError("say what to forget: an id, a user, a session, an age or a source")
        names = {id, f"{KIND}:{id}"}
        chosen = [
            each.id
            for each in self.list(user=user, session=session)
            if (id is None or each.id in names)
            and (age is None or each.at < now() - age)
            and (source is None or source in each.cites)
        ]
        with self._store.write():
            for name in chosen:
                self._store.remove(name)
        return len(chosen)


def _episode(row: Row, facts: dict[int, list[Fact]]) -> Episode:
    source, at, owner, session, origin, version, text, notes = row
    cites = [each.removeprefix(CITES) for each in json.loads(notes) if each.startswith(CITES)]
    return Episode(
        source, at, owner, session, origin, text, tuple(facts.get(version, ())), tuple(cites)
    )


def _scored(passage: Passage, at: float, near: Relevance, counts: float) -> Passage:
    said = f"Said on {iso(at)[:10]}"
    if counts < 1:
        said += ", something else since"
    if passage.context:
        counts *= ANSWERED
    signals = {"words": near.words} | ({} if near.cosine is None else {"dense": near.cosine})
    return replace(
        passage,
        context=f"{said}\n{passage.context}" if passage.context else said,
        score=near.score * counts,
        signals=signals,
    )
