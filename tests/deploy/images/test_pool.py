"""The pooler's image between the service and a real PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from reglab.postgres.server import Server
from tests.deploy.images.containers import answer, wait_until_ready
from tests.deploy.images.site import POOL_SIZE, Site

pytestmark = pytest.mark.slow


def test_the_poolers_own_settings_are_in_force(production: Site) -> None:
    """What pgbouncer.ini says counts, together with what is written beside it; there is no other way in than TCP."""
    assert "max_client_conn: 200" in production.pooler.text()
    assert "unix:" not in production.pooler.text()


def test_a_pool_of_two_serves_fifty_clients(narrow_site: Site) -> None:
    """Fifty at once find readiness and API answering, or are told 503; none gets a 500, none hangs."""
    paths = ("/healthz/ready", "/api/orders/", "/api/customers/", "/api/orders/summary/")
    urls = [f"{narrow_site.origin}{path}" for path in paths] * 50
    with ThreadPoolExecutor(50) as pool:
        statuses = list(pool.map(lambda url: answer(url, seconds=60), urls))
    assert set(statuses) <= {200, 503}
    assert {answer(url) for url in set(urls)} == {200}
    with psycopg.connect(narrow_site.database_url) as connection:
        (count,) = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = 'orders' AND pid <> pg_backend_pid()"
        ).fetchone() or (0,)
    assert 0 < count <= POOL_SIZE


def test_the_service_is_ready_again_after_a_restart_of_the_database(production: Site, migrated: Server) -> None:
    """PostgreSQL restarted under the pooler: the service says so, and is ready again without a restart of its own."""
    migrated.restart()
    wait_until_ready(f"{production.origin}/healthz/ready", production.web)
    assert production.web.process.poll() is None
    assert production.pooler.process.poll() is None
