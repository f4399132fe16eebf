"""A tantivy index of the chunks of one scope: BM25 in a folder that may be deleted.

One document more than there are chunks says which change was absorbed last. It is written
in the commit that absorbs, so a kill leaves the old index or the new one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from motet.knowledge.indexes.damage import watched

if TYPE_CHECKING:
    import numpy as np
    import tantivy
    from numpy.typing import NDArray

FORMAT = 1
"""Of the documents; an index of another format is built anew."""
HEAP = 96 << 20
"""Bytes of memory for writing."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """Chunks by score, best first: ids and BM25 scores, each of shape (n,).

    `complete` says whether these are all that match; `versions` (n,) gives their owners.
    """

    chunks: NDArray[np.int64]
    scores: NDArray[np.float64]
    complete: bool
    versions: Callable[[], NDArray[np.int64]]


class TextIndex:
    """What one commit of the index holds; `sequence` is the change that it absorbed last.

    It is 0 before the first commit. `mean` is about how many tokens a chunk has.

    Raises `Damaged` when the folder cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        import tantivy

        with watched(folder):
            self._index = tantivy.Index.open(str(folder))
            self._schema = self._index.schema
            self._searcher = self._index.searcher()
            self.sequence, self.mean = self._absorbed()
        self._folder = folder
        self.chunks = max(self._searcher.num_docs - 1, 0)

    def _absorbed(self) -> tuple[int, float]:
        import tantivy

        if self._searcher.num_docs == 0:
            return 0, 0.0
        mark = tantivy.Query.term_query(self._schema, "mark", FORMAT)
        ((_, address),) = self._searcher.search(mark, 2, count=False).hits
        (sequence,) = self._searcher.fast_field_values("chunk", [address])
        (mean,) = self._searcher.fast_field_values("mean", [address])
        return int(sequence or 0), float(mean or 0.0)

    def count(self, tokens: Sequence[str]) -> int:
        """Return in how many chunks a term stands; several tokens are a phrase."""
        if not tokens:
            return 0
        with watched(self._folder):
            if len(tokens) == 1:
                return int(self._searcher.doc_freq("body", tokens[0]))
            found = self._searcher.search(self._query([tokens], None), 1, count=True)
            return int(found.count or 0)  # type: ignore[attr-defined]

    def best(
        self,
        terms: Sequence[Sequence[str]],
        limit: int,
        versions: Sequence[int] | None = None,
    ) -> Ranked:
        """Return at most `limit` chunks where any term stands, of these versions if given."""
        import numpy as np

        with watched(self._folder):
            hits = self._searcher.search(self._query(terms, versions), limit, count=False).hits
            places = [address for _, address in hits]
            chunks = self._searcher.fast_field_values("chunk", places)

        def owners() -> NDArray[np.int64]:
            with watched(self._folder):
                return np.array(self._searcher.fast_field_values("version", places), np.int64)

        scores = np.array([score for score, _ in hits], np.float64)
        return Ranked(np.array(chunks, np.int64), scores, len(hits) < limit, owners)

    def _query(
        self, terms: Sequence[Sequence[str]], versions: Sequence[int] | None
    ) -> tantivy.Query:
        from tantivy import Occur, Query

        wanted = [(Occur.Should, self._term(tokens)) for tokens in terms if tokens]
        query = Query.boolean_query(wanted)
        if versions is None:
            return query
        among = Query.term_set_query(self._schema, "version", [*versions])
        return Query.boolean_query(
            [(Occur.Must, query), (Occur.Must, Query.const_score_query(among, 0.0))]
        )

    def _term(self, tokens: Sequence[str]) -> tantivy.Query:
        from tantivy import Query

        if len(tokens) == 1:
            return Query.term_query(self._schema, "body", tokens[0], "freq")
        return Query.phrase_query(self._schema, "body", [*tokens])


class TextWriter:
    """Adds and removes versions; nothing shows before `commit`. Raises `Damaged`.

    `old` is what the folder holds, None where it holds nothing.
    """

    def __init__(self, folder: Path, old: TextIndex | None) -> None:
        import tantivy

        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._chunks = 0 if old is None else old.chunks
        self._tokens = 0.0 if old is None else old.chunks * old.mean
        with watched(folder):
            self._schema = _schema()
            index = tantivy.Index(self._schema, path=str(folder))
            # The terms come analysed: they are only to be told apart.
            white = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
            index.register_tokenizer("terms", white)
            self._writer = index.writer(HEAP, 1)

    def add(self, version: int, texts: Iterable[tuple[int, Sequence[str]]]) -> None:
        """Add the chunks of a version as (chunk id, tokens)."""
        import tantivy

        with watched(self._folder):
            for chunk, tokens in texts:
                document = tantivy.Document()
                document.add_text("body", " ".join(tokens))
                document.add_unsigned("chunk", chunk)
                document.add_unsigned("version", version)
                self._writer.add_document(document)
                self._chunks += 1
                self._tokens += len(tokens)

    def remove(self, version: int) -> None:
        """Remove the chunks of a version."""
        with watched(self._folder):
            self._delete("version", version)

    def commit(self, sequence: int) -> None:
        """Make it so, together with the number of the last change that was absorbed."""
        import tantivy

        with watched(self._folder):
            self._delete("mark", FORMAT)
            mark = tantivy.Document()
            mark.add_unsigned("mark", FORMAT)
            mark.add_unsigned("chunk", sequence)
            mark.add_unsigned("version", 0)
            mark.add_float("mean", self._tokens / max(self._chunks, 1))
            self._writer.add_document(mark)
            self._writer.commit()
            self._writer.wait_merging_threads()

    def _delete(self, field: str, value: int) -> None:
        """Delete by a query: by a term, tantivy 0.27 finds no number."""
        from tantivy import Query

        self._writer.delete_documents_by_query(Query.term_query(self._schema, field, value))


def _schema() -> tantivy.Schema:
    import tantivy

    made = tantivy.SchemaBuilder()
    made.add_text_field("body", stored=False, tokenizer_name="terms", index_option="position")
    made.add_unsigned_field("chunk", stored=False, indexed=False, fast=True)
    made.add_unsigned_field("version", stored=False, indexed=True, fast=True)
    made.add_float_field("mean", stored=False, indexed=False, fast=True)
    made.add_unsigned_field("mark", stored=False, indexed=True, fast=False)
    return made.build()
