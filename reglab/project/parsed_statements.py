"""SQL statements as PostgreSQL's own parser reads them."""

from collections.abc import Iterator
from typing import Final

import postgast
from postgast import PgQueryError, pg_query_pb2

from reglab.project.statements import Shape, compacted

__all__ = ["PgQueryError", "leading_table_of", "parsed_shape", "table_names_of"]

_WRITE_NODES: Final = (
    (pg_query_pb2.InsertStmt, "insert"),
    (pg_query_pb2.UpdateStmt, "update"),
    (pg_query_pb2.DeleteStmt, "delete"),
)


def parsed_shape(sql: str) -> Shape:
    """Return the shape of a statement with numbered parameters. Raises PgQueryError where it is not PostgreSQL's."""
    fingerprint = postgast.fingerprint(sql).hex
    tree = postgast.parse(sql)
    information = postgast.classify_statement(tree)
    return Shape(
        fingerprint=fingerprint,
        text=compacted(postgast.normalize(sql)),
        verb=information.action if information else "OTHER",
        tables=tuple(sorted(set(table_names_of(tree)))),
        leading_table=leading_table_of(tree),
        writes=tuple(sorted(set(_writes(tree)))),
        is_transaction_control=False,
    )


def table_names_of(tree: pg_query_pb2.ParseResult) -> Iterator[str]:
    """Yield the tables that a statement names; the names that its own WITH clauses define are not tables."""
    defined = {node.ctename for node in postgast.find_nodes(tree, pg_query_pb2.CommonTableExpr)}
    for node in postgast.find_nodes(tree, pg_query_pb2.RangeVar):
        if node.schemaname or node.relname not in defined:
            yield node.relname


def leading_table_of(tree: pg_query_pb2.ParseResult) -> str:
    """Return the table that the joins of a SELECT begin with, in a subquery where it reads from one."""
    select = tree.stmts[0].stmt.select_stmt if tree.stmts else None
    while select is not None and select.from_clause:
        node = select.from_clause[0]
        while node.HasField("join_expr"):
            node = node.join_expr.larg
        if node.HasField("range_var"):
            return str(node.range_var.relname)
        select = node.range_subselect.subquery.select_stmt if node.HasField("range_subselect") else None
    return ""


def _writes(tree: pg_query_pb2.ParseResult) -> Iterator[tuple[str, str]]:
    for kind, verb in _WRITE_NODES:
        for node in postgast.find_nodes(tree, kind):
            yield node.relation.relname, verb
