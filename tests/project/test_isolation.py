"""An execution leaves nothing behind: no row, and no file in memory."""

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, connections
from django.test import override_settings

from reglab.project.data.isolation import rolled_back
from reglab.project.data.memory_stores import files_apart
from service.orders.models import Customer

IN_MEMORY = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}


@pytest.mark.django_db
def test_a_connection_that_is_closed_inside_goes_on() -> None:
    """Code that closes all connections, as a worker of a queue does after a task, takes no transaction along."""
    with rolled_back():
        Customer.objects.create(name="Ann", email="ann@rows.example")
        with rolled_back():
            connections.close_all()
            connection.close_if_unusable_or_obsolete()
        assert Customer.objects.count() == 1
    assert not Customer.objects.exists()
    assert "close" not in vars(connection)


@pytest.mark.django_db
def test_mail_is_undone() -> None:
    """Mail that a request sent stays in the box of Django's test environment, and reads as a leak."""
    mail.outbox.append(mail.EmailMessage("of the data"))
    with rolled_back():
        mail.outbox.append(mail.EmailMessage("of a request"))
    assert [one.subject for one in mail.outbox] == ["of the data"]


@pytest.mark.django_db
@override_settings(STORAGES=IN_MEMORY)
def test_files_in_memory_are_undone() -> None:
    """A file of the data stays; one that a request stored would have another name the next time, and stay for good."""
    default_storage.save("kept/one.txt", ContentFile(b"1"))
    for _ in range(2):
        with rolled_back():
            assert default_storage.save("kept/two.txt", ContentFile(b"2")) == "kept/two.txt"
            default_storage.save("new/three.txt", ContentFile(b"3"))
            default_storage.delete("kept/one.txt")
    assert default_storage.listdir("kept") == ([], ["one.txt"])
    assert not default_storage.exists("new/three.txt")


@override_settings(STORAGES=IN_MEMORY)
def test_rows_built_second_have_the_same_names_of_files() -> None:
    """Each building stores under the names that it wants, and the first one's other files stay."""
    for names in (("one", "two"), ("one",)):
        with files_apart():
            for name in names:
                assert default_storage.save(f"built/{name}.txt", ContentFile(b"1")) == f"built/{name}.txt"
    assert sorted(default_storage.listdir("built")[1]) == ["one.txt", "two.txt"]
