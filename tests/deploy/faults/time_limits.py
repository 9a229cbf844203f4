"""Faults of the time limits."""

from tests.deploy.faults.fault import DATA, PGBOUNCER, SERVICE, edit
from tests.deploy.material import LIMITS

FAULTS = (
    edit(
        "the server closes before the load balancer does",
        LIMITS,
        "KEEP_ALIVE_S = 75",
        "KEEP_ALIVE_S = 5",
        "test_a_connection_that_the_balancer_keeps_is_kept_by_the_server",
    ),
    edit(
        "statements may run for longer than the service expects",
        DATA,
        'statement_timeout: "10000"',
        'statement_timeout: "14000"',
        "test_the_database_gives_up_when_the_service_expects_it",
    ),
    edit(
        "the pooler gives up before the database does",
        PGBOUNCER,
        "query_timeout = 15",
        "query_timeout = 8",
        "test_waiting_for_a_statement_is_bounded_from_the_inside_out",
    ),
    edit(
        "a dead database holds clients up",
        PGBOUNCER,
        "server_login_retry = 1",
        "server_login_retry = 15",
        "test_the_pooler_gives_up_a_dead_database_before_its_clients_give_up_waiting",
    ),
    edit(
        "containers are killed while they drain",
        SERVICE,
        "          StopTimeout: 60\n",
        "          StopTimeout: 20\n",
        "test_stopping_waits_for_the_requests_under_way",
    ),
)
