"""The service's container is told to stop while it is written to."""

import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from threading import Event
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.deploy.images.site import Site

pytestmark = pytest.mark.slow


def test_sigterm_under_load_loses_no_acknowledged_write(open_site: Site) -> None:
    """Whatever was answered 201 is in the database after the service was told to stop, and it stops with 0."""
    url = urlsplit(open_site.origin)
    acknowledged: list[str] = []
    enough = Event()

    def write(writer: int) -> None:
        connection = HTTPConnection(str(url.hostname), url.port, timeout=30)
        for number in range(10_000):
            email = f"sigterm-{os.getpid()}-{writer}-{number}@load.invalid"
            body = json.dumps({"name": "Written while it stops", "email": email})
            try:
                connection.request("POST", "/api/customers/", body, {"Content-Type": "application/json"})
                response = connection.getresponse()
                response.read()
            except (OSError, HTTPException):
                connection.close()
                if open_site.web.process.poll() is not None:
                    return
                continue
            if response.status == 201:
                acknowledged.append(email)
            if len(acknowledged) >= 100:
                enough.set()

    with ThreadPoolExecutor(4) as pool:
        writers = [pool.submit(write, writer) for writer in range(4)]
        assert enough.wait(300)
        code = open_site.web.stop(signal.SIGTERM, seconds=120)
        for each in writers:
            each.result(120)
    assert code == 0, open_site.web.text()
    with psycopg.connect(open_site.database_url) as connection:
        pattern = f"sigterm-{os.getpid()}-%"
        rows = connection.execute("SELECT email FROM orders_customer WHERE email LIKE %s", [pattern]).fetchall()
    assert set(acknowledged) <= {row[0] for row in rows}
    assert len(acknowledged) >= 100
