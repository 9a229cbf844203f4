"""The page at /: one HTML page that calls the API from the browser."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from service.orders import limits
from service.orders.seeding import SeedSize

# Nothing but this server's own files, and no inline script or style.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Answer with the page; what this environment does not have, it does not offer."""
    size = SeedSize()
    context = {
        "environment": settings.ENVIRONMENT.name,
        "needs_token": not settings.ENVIRONMENT.is_open,
        "can_seed": settings.DEV_ENDPOINTS,
        "sizes": [
            ("customers", "Customers", size.customers, 1, limits.MAX_SEED_CUSTOMERS),
            ("orders_per_customer", "Orders each", size.orders_per_customer, 0, limits.MAX_SEED_ORDERS_PER_CUSTOMER),
            ("items_per_order", "Items each", size.items_per_order, 0, limits.MAX_SEED_ITEMS_PER_ORDER),
        ],
        "summary_limit": limits.SUMMARY_LIMIT,
        "max_summary_limit": limits.MAX_SUMMARY_LIMIT,
    }
    response = render(request, "web/page.html", context)
    response.headers["Content-Security-Policy"] = POLICY
    return response
