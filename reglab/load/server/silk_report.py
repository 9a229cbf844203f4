"""Reads Silk's models and prints a table as JSON. A program: it runs with SILK=1, where those models exist."""

import json
import sys
from collections import Counter, defaultdict
from typing import Any

import django

REPEATED_MAX = 3
TEXT_MAX = 160


def table() -> list[dict[str, Any]]:
    """Return one row an endpoint, the one with the most database time first."""
    from silk.models import Request

    groups: dict[tuple[str, str], list[Any]] = defaultdict(list)
    # Whether the service is ready is what we asked it, not what the load did.
    requests = Request.objects.exclude(path__startswith="/healthz/").prefetch_related("queries")
    for request in requests.order_by("start_time"):
        groups[request.method, request.view_name].append(request)
    rows = [_row(f"{method} {view}", requests) for (method, view), requests in groups.items() if view]
    return sorted(rows, key=lambda row: -row["database_ms"])


def _row(endpoint: str, requests: list[Any]) -> dict[str, Any]:
    count = len(requests)
    statements = [list(request.queries.all()) for request in requests]
    repeated: Counter[str] = Counter()
    for queries in statements:
        for text, times in Counter(" ".join(query.query.split())[:TEXT_MAX] for query in queries).items():
            if times > 1:
                repeated[text] = max(repeated[text], times)
    slowest = max(requests, key=lambda request: request.time_taken or 0.0)
    return {
        "endpoint": endpoint,
        "requests": count,
        "queries": sum(len(queries) for queries in statements) / count,
        "database_ms": sum(query.time_taken or 0.0 for queries in statements for query in queries) / count,
        "total_ms": sum(request.time_taken or 0.0 for request in requests) / count,
        "repeated": repeated.most_common(REPEATED_MAX),
        "link": f"/silk/request/{slowest.pk}/",
    }


if __name__ == "__main__":
    django.setup()
    json.dump(table(), sys.stdout)
