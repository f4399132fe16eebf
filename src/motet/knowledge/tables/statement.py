"""A SELECT of a person, checked and rewritten so that it reads the named tables and no more.

What is run is never the text that was given: it is written anew from the syntax tree, in which
every node is of a kind that is known to only read, and every table is one of the views.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from motet.core.errors import UsageError
from motet.knowledge.tables.catalogue import Names, TableView

if TYPE_CHECKING:
    from sqlglot import exp

    from motet.knowledge.store.dialect import Engine

LONGEST = 20_000
"""Characters of a query that are read."""
PLACE = ("#number", "#start", "#end")
_NODES = frozenset(
    """Select Union Except Intersect Subquery CTE With From Join Where Group Having Order Ordered
    Limit Offset Distinct Star Column Table TableAlias Alias Identifier Literal Null Boolean Paren
    Tuple Case If Cast DataType DataTypeParam Window WindowSpec In Between Is Exists Not Neg
    And Or Xor EQ NEQ GT GTE LT LTE Like ILike Escape NullSafeEQ NullSafeNEQ Add Sub Mul Div Mod
    DPipe Dot""".split()
)
FUNCTIONS = frozenset(
    """Count Sum Avg Min Max GroupConcat Lower Upper Length Substring Trim Coalesce Nullif Abs
    Round Ceil Floor Sign Concat RowNumber Rank DenseRank Lag Lead FirstValue LastValue Replace
    StrPosition""".split()
)
_HINT = "one SELECT over the tables; `motet knowledge sql --tables` lists them"


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL that may be run, its columns with their types, and the tables it reads.

    `single` is set where each row of the answer is a row of one table: then three columns
    more say which.
    """

    sql: str
    columns: tuple[tuple[str, str], ...]
    tables: tuple[TableView, ...]
    single: TableView | None


def prepared(sql: str, names: Names, engine: Engine, *, limit: int) -> Statement:
    """Return what may be run for a person's SQL. Raises `UsageError` for what may not."""
    from sqlglot.optimizer.annotate_types import annotate_types

    tree = _parsed(sql)
    used = _resolved(tree, names)
    _name_columns(tree)
    schema: Any = {view.name.lower(): view.schema() for view in used.values()}
    tree = _qualified(tree, schema)
    tree = annotate_types(tree, schema=schema, dialect="sqlite")
    single = _single(tree, used)
    columns = tuple((each.alias_or_name, _type(each)) for each in tree.selects)
    if single is not None:
        _add_places(tree)
    tree = _alike(tree, engine)
    _replace_tables(tree, used)
    tree = _limited(tree, limit)
    views = tuple(dict.fromkeys(used.values()))
    written = tree.sql("postgres" if engine == "postgres" else "sqlite")
    return Statement(written, _spelled(columns, views), views, single)


def _parsed(sql: str) -> exp.Query:
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    if len(sql) > LONGEST:
        raise UsageError(f"the query has more than {LONGEST:,} characters", hint=_HINT)
    logger = logging.getLogger("sqlglot")
    logger.disabled = True  # it warns of statements that are refused below
    try:
        trees = [each for each in sqlglot.parse(sql, read="sqlite") if each is not None]
    except (SqlglotError, RecursionError) as error:
        raise UsageError(f"the SQL cannot be read: {_first(error)}", hint=_HINT) from None
    finally:
        logger.disabled = False
    if len(trees) != 1:
        raise UsageError("one statement is expected", hint=_HINT)
    tree = trees[0]
    if not isinstance(tree, exp.Query):
        raise UsageError(f"{_word(tree)} is refused: queries only read", hint=_HINT)
    for node in tree.walk():
        name = type(node).__name__
        if name not in _NODES and name not in FUNCTIONS:
            raise UsageError(f"{_word(node)} is not allowed in queries", hint=_hint(node))
        if isinstance(node, exp.With) and node.recursive:
            raise UsageError("WITH RECURSIVE is not allowed in queries", hint=_HINT)
        if isinstance(node, exp.Select) and (node.args.get("into") or node.args.get("locks")):
            raise UsageError("queries only read", hint=_HINT)
    return tree


def _first(error: Exception) -> str:
    """Return what an error of sqlglot says, on one line and without colours."""
    details = getattr(error, "errors", None)
    if details:
        told = details[0]
        return f"{told['description']} at line {told['line']}, column {told['col']}"
    return " ".join(str(error).split())[:200] or "it nests too deeply"


def _word(node: Any) -> str:  # noqa: ANN401
    from sqlglot import exp

    if isinstance(node, (exp.Anonymous, exp.Command)):
        return str(node.name or node.this).upper()
    if isinstance(node, exp.Func):
        return node.sql_name()
    return type(node).__name__.upper()


def _hint(node: object) -> str:
    from sqlglot import exp

    if isinstance(node, exp.Func):
        allowed = sorted(getattr(exp, each).sql_name() for each in FUNCTIONS)
        return f"functions: {', '.join(allowed)}"
    return _HINT


def _resolved(tree: exp.Query, names: Names) -> dict[str, TableView]:
    """Find the view of every table; those of WITH stand for themselves."""
    from sqlglot import exp

    local = {each.alias.lower() for each in tree.find_all(exp.CTE)}
    used: dict[str, TableView] = {}
    for table in list(tree.find_all(exp.Table)):
        if not isinstance(table.this, exp.Identifier):
            raise UsageError(f"{_word(table.this)} is no table", hint=_HINT)
        whole = ".".join(each.name for each in table.parts)
        if len(table.parts) == 1 and whole.lower() in local:
            continue
        view = names.find(whole)
        extra = {key for key, value in table.args.items() if value} - {"this", "db", "catalog"}
        if extra - {"alias", "joins"}:
            raise UsageError(f"{whole} is followed by what is not allowed", hint=_HINT)
        for key in ("db", "catalog"):
            table.set(key, None)
        table.set("this", exp.to_identifier(view.name.lower(), quoted=True))
        if not table.alias:
            table.set("alias", exp.TableAlias(this=exp.to_identifier(whole.lower(), quoted=True)))
        used[view.name.lower()] = view
    return used


def _name_columns(tree: exp.Query) -> None:
    """Call a computed column by how it is written."""
    from sqlglot import exp

    first = tree
    while isinstance(first, (exp.SetOperation, exp.Subquery)):
        first = first.this
    if not isinstance(first, exp.Select):
        return
    for each in list(first.selects):
        if not isinstance(each, (exp.Alias, exp.Column, exp.Star)):
            each.replace(exp.alias_(each.copy(), each.sql("sqlite")[:60], quoted=True))


def _qualified(tree: exp.Query, schema: Any) -> exp.Query:  # noqa: ANN401
    from sqlglot.errors import SqlglotError
    from sqlglot.optimizer.qualify import qualify

    try:
        found: Any = qualify(
            tree, schema=schema, dialect="sqlite", identify=True, validate_qualify_columns=True
        )
    except SqlglotError as error:
        text = _first(error).split(" Line:")[0].rstrip(". ")
        known = sorted({column for table in schema.values() for column in table})
        hint = f"columns: {', '.join(known[:30])}" if known else _HINT
        raise UsageError(f"the SQL cannot be understood: {text}", hint=hint) from None
    except RecursionError:
        raise UsageError("the SQL nests too deeply", hint=_HINT) from None
    return found  # type: ignore[no-any-return]


def _single(tree: exp.Query, used: dict[str, TableView]) -> TableView | None:
    """Return the one table whose rows the answer's rows are."""
    from sqlglot import exp

    if not isinstance(tree, exp.Select) or len(used) != 1:
        return None
    clauses = ("joins", "group", "distinct", "with_", "with", "having")
    if any(tree.args.get(each) for each in clauses) or tree.find(exp.AggFunc, exp.Subquery):
        return None
    if len(list(tree.find_all(exp.Select))) > 1 or len(list(tree.find_all(exp.Table))) > 1:
        return None
    return next(iter(used.values()))


def _add_places(tree: exp.Query) -> None:
    from sqlglot import exp

    assert isinstance(tree, exp.Select)
    table = tree.find(exp.Table)
    assert table is not None
    for name in PLACE:
        column = exp.column(name, table=table.alias_or_name, quoted=True)
        tree.select(exp.alias_(column, name, quoted=True), copy=False)


def _type(node: Any) -> str:  # noqa: ANN401
    name = node.type.this.name if node.type is not None else "UNKNOWN"
    if name in ("BIGINT", "INT", "SMALLINT", "TINYINT"):
        return "integer"
    if name in ("DOUBLE", "FLOAT", "DECIMAL"):
        return "real"
    return "truth" if name == "BOOLEAN" else "text" if name in ("TEXT", "VARCHAR") else "any"


def _alike(tree: exp.Query, engine: Engine) -> exp.Query:
    """Make PostgreSQL answer as SQLite does: LIKE without case, numbers beside texts."""
    from sqlglot import exp

    def changed(node: exp.Expression) -> exp.Expression:
        if isinstance(node, (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)):
            for one, other in (("this", "expression"), ("expression", "this")):
                literal = node.args[one]
                beside = node.args[other].type
                number = isinstance(literal, exp.Literal) and not literal.is_string
                if number and beside is not None and beside.this.name in ("TEXT", "VARCHAR"):
                    node.set(one, exp.Literal.string(literal.name))
        elif engine == "postgres" and isinstance(node, (exp.Like, exp.ILike)):
            lowered = [exp.Lower(this=node.this.copy()), exp.Lower(this=node.expression.copy())]
            return exp.Like(this=lowered[0], expression=lowered[1])
        elif engine == "postgres" and isinstance(node, exp.GroupConcat):
            node.set("this", exp.cast(node.this.copy(), "TEXT"))
        return node

    return tree.transform(changed)  # type: ignore[return-value]


def _replace_tables(tree: exp.Query, used: dict[str, TableView]) -> None:
    import sqlglot
    from sqlglot import exp

    local = {each.alias.lower() for each in tree.find_all(exp.CTE)}
    for table in list(tree.find_all(exp.Table)):
        if table.name in local and table.name not in used:
            continue
        view = sqlglot.parse_one(used[table.name].select(), read="sqlite")
        assert isinstance(view, exp.Select)
        table.replace(view.subquery(exp.to_identifier(table.alias_or_name, quoted=True)))


def _limited(tree: exp.Query, limit: int) -> exp.Query:
    """Ask for no more rows than are shown."""
    from sqlglot import exp

    held = tree.args.get("limit")
    if held is None:
        return tree.limit(limit, copy=False)
    if isinstance(held, exp.Limit) and isinstance(held.expression, exp.Literal):
        if int(held.expression.name) > limit:
            tree.limit(limit, copy=False)
        return tree
    raise UsageError("LIMIT takes a number", hint=_HINT)


def _spelled(
    columns: Sequence[tuple[str, str]], views: Sequence[TableView]
) -> tuple[tuple[str, str], ...]:
    """Return columns as their tables spell them."""
    spelled = {name.lower(): name for view in views for name, _ in view.columns}
    return tuple((spelled.get(name, name), kind) for name, kind in columns)
