"""Lists the requests that Silk has kept, as JSON. A program: it runs where Silk's models are installed."""

import json
import sys
from typing import Any

import django


def table() -> list[dict[str, Any]]:
    """Return the requests, the slowest first."""
    from silk.models import Request

    requests = Request.objects.order_by("-time_taken").values_list("method", "path", "pk")
    return [{"method": method, "path": path, "link": f"/silk/request/{key}/"} for method, path, key in requests]


if __name__ == "__main__":
    django.setup()
    json.dump(table(), sys.stdout)
