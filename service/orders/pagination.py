"""Pages of a list: numbered from 1, or one after the other by cursor, of a bounded size."""

import re
from binascii import Error as Base64Error
from contextlib import suppress
from functools import cached_property
from typing import Any, cast

from django.core.paginator import EmptyPage, Page, Paginator
from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination, PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from service.orders import limits
from service.orders.requests.inputs import DIGITS, whole_number

CURSOR = "cursor"
PAGE = "page"
BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts up to a bound, so that a page of a long list costs what one of a short list costs."""

    @cached_property
    def counted(self) -> int:
        """The rows, counted to one beyond the bound."""
        # Their order decides nothing here, and the planner is free without it.
        rows = cast("QuerySet[Any]", self.object_list).order_by()
        return rows[: limits.MAX_COUNT + 1].count()

    @property
    def count_is_exact(self) -> bool:
        """Whether there are no more rows than `count`."""
        return self.counted <= limits.MAX_COUNT

    @cached_property
    def count(self) -> int:
        """The number of rows, or the bound where there are more."""
        return min(self.counted, limits.MAX_COUNT)

    def page(self, number: int | str) -> Page:  # type: ignore[type-arg]
        """Return a page. Raises EmptyPage past the last one, which beyond the bound only its own rows can tell."""
        if self.count_is_exact:
            return super().page(number)
        first = (int(number) - 1) * self.per_page
        # One row more, to know whether a page follows.
        rows = list(self.object_list[first : first + self.per_page + 1]) if first < limits.INT64_MAX else []
        if not rows:
            raise EmptyPage("That page contains no results.")
        return UncountedPage(rows[: self.per_page], int(number), self, is_last=len(rows) <= self.per_page)


class UncountedPage(Page):  # type: ignore[type-arg]
    """A page of a list whose end has not been counted."""

    def __init__(self, rows: list[Any], number: int, paginator: BoundedPaginator, *, is_last: bool) -> None:
        super().__init__(rows, number, paginator)
        self.is_last = is_last

    def has_next(self) -> bool:
        """Tell whether a page follows."""
        return not self.is_last

    def next_page_number(self) -> int:
        """Return the number of the page that follows."""
        return self.number + 1

    def previous_page_number(self) -> int:
        """Return the number of the page before."""
        return self.number - 1


class CursorPages(CursorPagination):
    """Pages that follow each other by the last row's place in the order: each costs the same, however far it is."""

    cursor_query_param = CURSOR

    def get_page_size(self, request: Request) -> int:
        """Return `?page_size=`, as on numbered pages."""
        return page_size(request)

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: Any) -> tuple[str, ...]:  # noqa: ARG002
        """Follow the order that the list has."""
        return tuple(str(name) for name in queryset.query.order_by)

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Return where to go on, None for the beginning. Raises a 400 for what is no cursor of this list."""
        encoded = request.query_params[CURSOR]
        if not encoded:
            return None
        cursor: Cursor | None = None
        # The decoder leaves out what is not of its alphabet, and would take anything for the beginning.
        if BASE64.fullmatch(encoded):
            with suppress(NotFound, Base64Error):
                cursor = super().decode_cursor(request)
        if cursor is None or not (cursor.position is None or self._is_place(str(cursor.position))):
            raise ValidationError({CURSOR: ["Take the cursor from `next` or `previous` of this list."]}, code="invalid")
        return cursor

    def _is_place(self, position: str) -> bool:
        if self.ordering[0].lstrip("-") == "pk":
            return bool(DIGITS.fullmatch(position)) and int(position[:20]) <= limits.INT64_MAX
        try:
            time = parse_datetime(position)
        except ValueError:
            return False
        return time is not None and time.tzinfo is not None


class StrictPages(PageNumberPagination):
    """Pages that refuse a bad number (400) instead of guessing, and say when there is no such page (404)."""

    page_size = limits.PAGE_SIZE
    page_size_query_param = "page_size"
    max_page_size = limits.MAX_PAGE_SIZE
    django_paginator_class = BoundedPaginator
    _by_cursor: CursorPages | None = None

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any] | None:
        """Return the rows of the page, by cursor where the request has one."""
        if CURSOR not in request.query_params:
            return super().paginate_queryset(queryset, request, view)
        if PAGE in request.query_params:
            raise ValidationError({PAGE: ["Give either a page or a cursor."]}, code="invalid")
        self._by_cursor = CursorPages()
        return self._by_cursor.paginate_queryset(queryset, request, view)

    def get_paginated_response(self, data: Any) -> Response:
        """Return the rows with their links, and with their number unless they follow a cursor."""
        if self._by_cursor is not None:
            return self._by_cursor.get_paginated_response(data)
        response = super().get_paginated_response(data)
        exact: bool = self.page.paginator.count_is_exact  # type: ignore[union-attr]
        response.data = {"count": response.data["count"], "count_is_exact": exact, **response.data}
        return response

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe both kinds of page."""
        page: dict[str, Any] = super().get_paginated_response_schema(schema)
        count = {
            **page["properties"]["count"],
            "minimum": 0,
            "maximum": limits.MAX_COUNT,
            "description": f"All rows, up to {limits.MAX_COUNT}; absent with a cursor.",
        }
        is_exact = {"type": "boolean", "description": "False where there are more rows than `count`."}
        page["properties"] = {**page["properties"], "count": count, "count_is_exact": is_exact}
        page["required"] = ["next", "previous", "results"]
        return page

    def get_page_size(self, request: Request) -> int:
        """Return `?page_size=`; beyond the maximum is a 400, not a silent cap."""
        return page_size(request)

    def get_page_number(self, request: Request, paginator: Paginator) -> int:  # type: ignore[type-arg]  # noqa: ARG002
        """Return `?page=`; the paginator answers 404 where it lies past the last page."""
        return whole_number(request, PAGE, default=1)


def page_size(request: Request) -> int:
    """Return how many rows the request wants on a page, or raise a 400."""
    return whole_number(request, "page_size", default=limits.PAGE_SIZE, maximum=limits.MAX_PAGE_SIZE)
