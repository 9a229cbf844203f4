"""A process that counts one list request of the service and prints its counters as JSON."""

import json

import django
from django.db import connection
from django.test import Client
from django.test.utils import setup_test_environment

from reglab.counters.bytecodes import BytecodeCounter
from reglab.counters.calls import CallCounter
from reglab.project.source_lines import ProjectFrames


def main() -> None:
    django.setup()
    setup_test_environment()
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    from tests.counters.support import ROOT, orders

    orders(12)
    frames = ProjectFrames(base=ROOT)
    client = Client(headers={"accept": "application/json"})
    found: dict[str, int | float] = {}
    for counter in (CallCounter(frames=frames), BytecodeCounter(frames=frames)):
        for _ in range(2):
            client.get("/api/orders/")
        with counter:
            response = client.get("/api/orders/")
        found.update({count.metric.name: count.value for count in counter.counts()}, status=response.status_code)
    print(json.dumps(found, sort_keys=True))


main()
