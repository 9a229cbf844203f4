"""Messages of Celery go to a box in memory, which is emptied."""

import pytest
from celery import Celery

from reglab.project.message_queues import forget_messages, messages_in_memory


@pytest.fixture
def app() -> Celery:
    """An app whose servers do not answer."""
    return Celery("of_tests", broker="amqp://127.0.0.1:1//", backend="redis://127.0.0.1:1/0", set_as_current=True)


def test_a_task_is_sent_where_no_broker_answers(app: Celery) -> None:
    """It waits in memory, and its body is not run."""
    ran: list[int] = []

    def tell() -> None:
        ran.append(1)

    with messages_in_memory():
        sent = app.task(tell).delay()
        with app.connection_for_write() as connection:
            queue = connection.SimpleQueue("celery")
            assert queue.get_nowait().headers["id"] == sent.id
            queue.close()
    assert ran == []


def test_what_was_sent_does_not_stay(app: Celery) -> None:
    """A queue that nobody reads would be a leak of the harness."""
    with messages_in_memory():
        app.send_task("tell")
        forget_messages()
        with app.connection_for_write() as connection:
            queue = connection.SimpleQueue("celery")
            assert queue.qsize() == 0
            queue.close()
