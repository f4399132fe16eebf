"""Two and three hops over a million relations with a type and a provenance filter: us and peers.

    python bench/knowledge/hops.py --peers PYTHON [--edges 1000000] [--queries 200]

PYTHON has kuzu and duckdb installed; they run in a process of their own, and the engines take
turns within each round. Every engine answers the same questions and must give the same answers.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

TYPES = ("BUYS", "KNOWS", "MAKES", "OWNS")
ASKED = ("KNOWS", "OWNS")
DERIVED = 0.2
DEGREE = 10
Ask = Callable[[int, int], int]


def edges(count: int) -> list[tuple[int, int, str, int]]:
    """Return distinct relations among `count / DEGREE` nodes, always the same."""
    draw = random.Random(7)
    nodes = count // DEGREE
    found: dict[tuple[int, int, str], int] = {}
    while len(found) < count:
        source, target = draw.randrange(nodes), draw.randrange(nodes)
        if source != target:
            found.setdefault((source, target, draw.choice(TYPES)), int(draw.random() < DERIVED))
    return [(*key, derived) for key, derived in sorted(found.items())]


def ours(folder: Path, rows: list[tuple[int, int, str, int]]) -> dict[str, Ask]:
    """Return how to ask Motet, in Cypher and by `Graph.neighbours`."""
    from motet.core.graph import Entity
    from motet.knowledge.graph.graph import Graph
    from motet.knowledge.store import Store

    store = Store(folder / "store.db", "bench")
    nodes = len(rows) // DEGREE
    uids = [Entity("node", str(n)).uid for n in range(nodes)]
    with store.write() as session:
        session.executemany(
            """INSERT INTO entities (id, scope, uid, label, key, name, canonical)
               VALUES (?1, 'bench', ?2, 'node', ?3, ?3, ?1)""",
            ((n + 1, uid, str(n)) for n, uid in enumerate(uids)),
        )
        session.executemany(
            """INSERT INTO relations (scope, subject, type, object, source, target, derived)
               VALUES ('bench', ?1, ?2, ?3, ?1, ?3, ?4)""",
            ((s + 1, kind, t + 1, derived) for s, t, kind, derived in rows),
        )
    store.close()  # what was written goes from the log into the file, as it does with time
    graph = Graph(Store(folder / "store.db", "bench"))

    def cypher(node: int, hops: int) -> int:
        path = "-[:KNOWS|OWNS {derived: false}]->()" * (hops - 1)
        query = f"""MATCH (a {{uid: $uid}}){path}-[:KNOWS|OWNS {{derived: false}}]->(b)
                    RETURN count(DISTINCT b)"""
        return int(graph.cypher(query, {"uid": uids[node]}).rows[0][0])

    def around(node: int, hops: int) -> int:
        found = graph.neighbours(uids[node], hops=hops, types=ASKED, first_party=True, way="out")
        return len(found)

    return {"motet cypher": cypher, "motet neighbours": around}


def theirs(folder: Path, rows: list[tuple[int, int, str, int]]) -> dict[str, Ask]:
    """Return how to ask Kuzu (a table for each type of relation) and DuckDB (with an index)."""
    import duckdb
    import kuzu

    nodes = len(rows) // DEGREE
    table = folder / "edges.csv"
    table.write_text("".join(f"{s},{t},{kind},{d}\n" for s, t, kind, d in rows))
    duck = duckdb.connect(str(folder / "duck.db"))
    duck.execute("CREATE TABLE edges (source BIGINT, target BIGINT, type VARCHAR, derived INT)")
    duck.execute(f"COPY edges FROM '{table}'")
    duck.execute("CREATE INDEX edges_of_source ON edges (source)")
    (folder / "nodes.csv").write_text("".join(f"{n}\n" for n in range(nodes)))
    link = kuzu.Connection(kuzu.Database(str(folder / "kuzu.db")))
    link.execute("CREATE NODE TABLE Node (id INT64, PRIMARY KEY (id))")
    link.execute(f"COPY Node FROM '{folder / 'nodes.csv'}'")
    for kind in TYPES:
        link.execute(f"CREATE REL TABLE {kind} (FROM Node TO Node, derived INT64)")
        part = folder / f"{kind}.csv"
        part.write_text("".join(f"{s},{t},{d}\n" for s, t, k, d in rows if k == kind))
        link.execute(f"COPY {kind} FROM '{part}'")

    def in_kuzu(node: int, hops: int) -> int:
        # A chain of patterns takes Kuzu twenty times as long as this.
        text = f"""MATCH (a:Node {{id: $id}})
                   -[:KNOWS|OWNS*{hops}..{hops} (r, _ | WHERE r.derived = 0)]->(b:Node)
                   RETURN count(DISTINCT b.id)"""
        return int(link.execute(text, {"id": node}).get_next()[0])

    def around_kuzu(node: int, hops: int) -> int:
        text = f"""MATCH (a:Node {{id: $id}})
                   -[e:KNOWS|OWNS*1..{hops} (r, _ | WHERE r.derived = 0)]->(b:Node)
                   WHERE b.id <> $id RETURN b.id, min(length(e)) AS hops ORDER BY hops, b.id"""
        return len(link.execute(text, {"id": node}).get_all())

    def in_duck(node: int, hops: int) -> int:
        joins = "".join(
            f" JOIN edges e{n} ON e{n}.source = e{n - 1}.target" for n in range(2, hops + 1)
        )
        where = " AND ".join(
            f"e{n}.type IN ('KNOWS', 'OWNS') AND e{n}.derived = 0" for n in range(1, hops + 1)
        )
        text = f"""SELECT count(DISTINCT e{hops}.target) FROM edges e1{joins}
                   WHERE e1.source = ? AND {where}"""
        found = duck.execute(text, [node]).fetchone()
        assert found is not None
        return int(found[0])

    return {"kuzu": in_kuzu, "kuzu neighbours": around_kuzu, "duckdb": in_duck}


def serve(asks: dict[str, Ask]) -> None:
    """Answer lines of (engine, nodes, hops) with seconds and counts."""
    print("ready", flush=True)
    for line in sys.stdin:
        engine, nodes, hops = json.loads(line)
        print(json.dumps(timed(asks[engine], nodes, hops)), flush=True)


def timed(ask: Ask, nodes: list[int], hops: int) -> tuple[list[float], list[int]]:
    """Return how long each question took, and its answer."""
    seconds, counts = [], []
    for node in nodes:
        begin = time.perf_counter()
        counts.append(ask(node, hops))
        seconds.append(time.perf_counter() - begin)
    return seconds, counts


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--peers")
    parser.add_argument("--edges", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--serve", type=Path)
    options = parser.parse_args()
    rows = edges(options.edges)
    if options.serve:
        serve(theirs(options.serve, rows))
        return
    with tempfile.TemporaryDirectory() as folder:
        peers = [options.peers, __file__, "--edges", str(options.edges), "--serve", folder]
        with subprocess.Popen(
            peers, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as server:
            compare(ours(Path(folder), rows), server, options.queries, options.edges // DEGREE)


def compare(asks: dict[str, Ask], server: subprocess.Popen[str], count: int, nodes: int) -> None:
    """Ask all engines in turns and print the table."""
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdout.readline()
    engines = [*asks, "kuzu", "kuzu neighbours", "duckdb"]
    draw = random.Random(11)
    print("| engine | 2 hops p50 / p95 ms | 3 hops p50 / p95 ms |\n|---|---|---|")
    cells: dict[str, list[str]] = {each: [] for each in engines}
    medians: dict[tuple[str, int], float] = {}
    for hops in (2, 3):
        spent: dict[str, list[float]] = {each: [] for each in engines}
        for turn in range(11):
            asked = [draw.randrange(nodes) for _ in range(max(1, count // 10))]
            answers = {}
            for engine in engines:
                if engine in asks:
                    seconds, answers[engine] = timed(asks[engine], asked, hops)
                else:
                    server.stdin.write(json.dumps([engine, asked, hops]) + "\n")
                    server.stdin.flush()
                    seconds, answers[engine] = json.loads(server.stdout.readline())
                spent[engine] += seconds if turn else []
            assert answers["duckdb"] == answers["kuzu"] == answers["motet cypher"]
            assert answers["motet neighbours"] == answers["kuzu neighbours"]
        for engine, seconds in spent.items():
            ordered = sorted(seconds)
            medians[engine, hops] = statistics.median(ordered)
            high = ordered[int(len(ordered) * 0.95)]
            cells[engine].append(f"{medians[engine, hops] * 1000:.2f} / {high * 1000:.2f}")
    for engine, found in cells.items():
        print(f"| {engine} | {found[0]} | {found[1]} |")
    for mine, other in (("motet cypher", "kuzu"), ("motet neighbours", "kuzu neighbours")):
        ratios = (f"{medians[other, h] / medians[mine, h]:.0f}x" for h in (2, 3))
        print(f"{mine} beside {other}: {', '.join(ratios)}")
    server.stdin.close()


if __name__ == "__main__":
    main()
