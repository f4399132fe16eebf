"""What recognisers found in a version, kept so that a chunk is read again without asking them.

It goes with the version, and counts for the operator that found it alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

from motet.core.graph import Named, Producer
from motet.core.json import JSON, dumps
from motet.knowledge.entities.recognition import Recognised

if TYPE_CHECKING:
    from motet.core.store.sessions import Session
    from motet.knowledge.entities.extraction import Piece


def remember(
    session: Session,
    version_id: int,
    producer_id: int,
    pieces: Sequence[Piece],
    recognised: Sequence[Sequence[Recognised]],
) -> None:
    """Keep what was found in the chunks of a version."""
    found: dict[str, JSON] = {
        str(piece.chunk.start): [_packed(each) for each in names]
        for piece, names in zip(pieces, recognised, strict=True)
        if names
    }
    digest = sha256()
    for piece in pieces:
        digest.update(piece.text.encode("utf-8", "surrogatepass"))
    session.execute(
        """INSERT INTO asked (version_id, producer_id, content, answer) VALUES (?, ?, ?, ?)
           ON CONFLICT DO NOTHING""",
        (version_id, producer_id, digest.hexdigest(), dumps(found)),
    )


def remembered(
    session: Session, version_id: int, producer: Producer, producers: Iterable[Producer]
) -> Mapping[int, list[Recognised]] | None:
    """Return what was found, by the start of the chunk; None where nobody looked."""
    sql = """SELECT a.answer FROM asked a JOIN producers p ON p.id = a.producer_id
             WHERE a.version_id = ? AND p.operator = ? AND p.version = ?"""
    rows = session.rows(sql, (version_id, producer.operator, producer.version))
    if not rows:
        return None
    by_operator = {each.operator: each for each in producers}
    return {
        int(start): [
            Recognised(Named(low, high, label, score), by_operator[operator], key)
            for low, high, label, score, operator, key in names
        ]
        for start, names in json.loads(rows[0][0]).items()
    }


def keep_answers(
    session: Session, version_id: int, producer_id: int, answers: Mapping[str, JSON]
) -> None:
    """Keep what a model answered about texts of a version, by the hash of what was sent."""
    session.executemany(
        """INSERT INTO asked (version_id, producer_id, content, answer) VALUES (?, ?, ?, ?)
           ON CONFLICT DO NOTHING""",
        [(version_id, producer_id, key, dumps(answer)) for key, answer in answers.items()],
    )


def _packed(each: Recognised) -> JSON:
    named = each.named
    return [named.start, named.end, named.label, named.score, each.producer.operator, each.key]
