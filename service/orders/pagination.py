"""Pages of a list: numbered from 1, of a bounded size."""

from django.core.paginator import Paginator
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request

from service.orders import limits
from service.orders.inputs import whole_number


class StrictPages(PageNumberPagination):
    """Pages that refuse a bad number (400) instead of guessing, and say when there is no such page (404)."""

    page_size = limits.PAGE_SIZE
    page_size_query_param = "page_size"
    max_page_size = limits.MAX_PAGE_SIZE

    def get_page_size(self, request: Request) -> int:
        """Return `?page_size=`; beyond the maximum is a 400, not a silent cap."""
        return whole_number(request, "page_size", default=limits.PAGE_SIZE, maximum=limits.MAX_PAGE_SIZE)

    def get_page_number(self, request: Request, paginator: Paginator) -> int:  # type: ignore[type-arg]  # noqa: ARG002
        """Return `?page=`; the paginator answers 404 where it lies past the last page."""
        return whole_number(request, "page", default=1)
