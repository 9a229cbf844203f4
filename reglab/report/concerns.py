"""Concerns of rules, in the order in which a person wants to know of them: data and access first, the rest last."""

from enum import StrEnum


class Concern(StrEnum):
    """What a broken rule is about."""

    ACCESS = "access"
    DATA = "data"
    WRITES = "writes"
    GROWTH = "growth"
    COST_GROWTH = "growth of costs"
    STATEMENTS = "statements"
    CONDITIONS = "conditions"
    VALUES = "values"
    ANSWERS = "answers"
    INDEXES = "indexes"
    ROWS = "rows"
    TIME = "time"
    PAYLOAD = "payload"
    REST = "rest"

    @property
    def rank(self) -> int:
        """Place in the order, 0 first."""
        return list(Concern).index(self)

    @property
    def follows(self) -> tuple["Concern", ...]:
        """Concerns that explain this one where one scenario has both: a statement more reads rows and calls Python."""
        return _FOLLOWS.get(self, ())


_STATEMENTS = (Concern.GROWTH, Concern.STATEMENTS)
_FOLLOWS = {
    Concern.WRITES: (Concern.DATA,),
    Concern.COST_GROWTH: (Concern.GROWTH, Concern.CONDITIONS),
    Concern.STATEMENTS: (Concern.DATA, Concern.WRITES, Concern.GROWTH),
    Concern.CONDITIONS: (Concern.DATA, Concern.WRITES, *_STATEMENTS),
    Concern.VALUES: (Concern.DATA, Concern.WRITES, *_STATEMENTS, Concern.CONDITIONS),
    # A lost filter says more than the rows that come through, and the row that is written than its answer.
    Concern.ANSWERS: (Concern.CONDITIONS, Concern.VALUES),
    Concern.INDEXES: (*_STATEMENTS, Concern.CONDITIONS),
    Concern.ROWS: (
        Concern.DATA,
        Concern.WRITES,
        *_STATEMENTS,
        Concern.CONDITIONS,
        Concern.COST_GROWTH,
        Concern.INDEXES,
        Concern.VALUES,
        Concern.ANSWERS,
    ),
    Concern.TIME: (
        Concern.DATA,
        Concern.WRITES,
        *_STATEMENTS,
        Concern.CONDITIONS,
        Concern.COST_GROWTH,
        Concern.INDEXES,
        Concern.ROWS,
        Concern.VALUES,
        Concern.ANSWERS,
        Concern.PAYLOAD,
    ),
    Concern.PAYLOAD: (Concern.CONDITIONS, Concern.VALUES, Concern.ANSWERS),
}
