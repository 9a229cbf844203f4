"""Finds a part of an address by an index of few rows, where the part names the @."""

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Value
from django.db.models.functions import Left, Reverse, StrIndex
from django.db.models.lookups import IContains, IStartsWith
from django.db.models.sql.compiler import SQLCompiler

AT = "@"


class AddressContains(IContains):
    """`icontains`, and what follows from it where the part names the @.

    Trigrams alone would intersect lists that grow with the table: most addresses share their ends. What stands before
    the @ of the part is the end of what stands before the @ of the address, so read backwards it is a beginning, which
    a B-tree finds. A part with a second @, or a quotation mark before its @, is left to the trigrams: a quoted name may
    hold an @.
    """

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[str | int, ...]]:
        """Return both conditions."""
        contains, values = super().as_sql(compiler, connection)
        before, at, after = str(self.rhs).partition(AT)
        if not (self.rhs_is_direct_value() and before and at) or AT in after or '"' in before:
            return contains, tuple(values)
        backwards = Reverse(Left(self.lhs, StrIndex(self.lhs, Value(AT)) - 1))
        begins, beginning = compiler.compile(IStartsWith(backwards, before[::-1]))
        return f"({contains} AND {begins})", (*values, *beginning)
