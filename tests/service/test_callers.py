"""Rights of each caller: the table of docs/service.md, request by request, in a closed environment."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.service.environments import CLOSED, ROOT, python

PAGE = ROOT / "docs" / "service.md"
BEGIN, END = "<!-- callers: begin -->", "<!-- callers: end -->"
ASK = """
import json, sys, django
django.setup()
from datetime import timedelta
from io import StringIO
from django.core.management import call_command
from django.test import Client
call_command("migrate", verbosity=0)
from django.contrib.auth.models import User
from knox.models import AuthToken
from service.orders.models import Customer, Order, OrderItem

def make(role):
    out = StringIO()
    call_command("create_token", role, "--role", role, stdout=out)
    return "Token " + out.getvalue().strip()

tokens = {role: make(role) for role in ("reader", "writer", "manager")}
tokens["wrong token"] = "Token " + "0" * 64
user = User.objects.get(username="manager")
instance, key = AuthToken.objects.create(user=user, expiry=timedelta(seconds=-1))
tokens["expired token"] = "Token " + key
staff = User.objects.create_user("staff", is_staff=True)
client = Client(headers={"host": "shop.example"}, raise_request_exception=False)
answers = {}
for caller, requests in json.loads(sys.argv[1]).items():
    for name, method, path, body in requests:
        customer = Customer.objects.create(name="A", email=f"{Customer.objects.count()}.{caller[:3]}@rows.example")
        order = Order.objects.create(customer=customer)
        item = OrderItem.objects.create(order=order, sku="A", quantity=1, unit_price_cents=1)
        ids = {"customer": customer.pk, "order": order.pk, "item": item.pk}
        for key, value in ids.items():
            body = body.replace("{" + key + "}", str(value))
            path = path.replace("{" + key + "}", str(value))
        headers = {"authorization": tokens[caller]} if caller in tokens else {}
        client.logout()
        if caller == "staff":
            client.force_login(staff)
        response = client.generic(method, path, body, "application/json", secure=True, headers=headers)
        answers.setdefault(caller, {})[name] = response.status_code
print(json.dumps(answers))
"""
LINE = '"sku": "A", "quantity": 1, "unit_price_cents": 1'
# What each row of the table asks for. The last request of a row is what counts where several stand for it.
REQUESTS: dict[str, list[tuple[str, str, str]]] = {
    "read lists, details, summary": [
        ("GET", "/api/customers/", ""),
        ("GET", "/api/customers/{customer}/orders/", ""),
        ("GET", "/api/orders/", ""),
        ("GET", "/api/orders/{order}/", ""),
        ("GET", "/api/orders/summary/", ""),
        ("GET", "/api/items/{item}/", ""),
    ],
    "add": [
        ("POST", "/api/customers/", '{"name": "B", "email": "new-{customer}@rows.example"}'),
        ("POST", "/api/orders/", '{"customer": {customer}, "items": [{' + LINE + "}]}"),
        ("POST", "/api/items/", '{"order": {order}, ' + LINE + "}"),
    ],
    "change, cancel, archive": [
        ("PATCH", "/api/customers/{customer}/", '{"name": "C"}'),
        ("PUT", "/api/orders/{order}/", '{"customer": {customer}, "status": "paid"}'),
        ("PATCH", "/api/items/{item}/", '{"quantity": 2}'),
        ("POST", "/api/orders/{order}/cancel/", ""),
        ("POST", "/api/orders/{order}/archive/", ""),
    ],
    "delete": [("DELETE", "/api/items/{item}/", ""), ("DELETE", "/api/orders/{order}/", "")],
    "`/api/dev/seed/` in staging with `DEV_ENDPOINTS=1`": [("POST", "/api/dev/seed/", '{"customers": 1}')],
    "`/api/dev/seed/` elsewhere": [("POST", "/api/dev/seed/", '{"customers": 1}')],
    "`/api/schema/`": [("GET", "/api/schema/", "")],
    "`/api/docs/`": [("GET", "/api/docs/", "")],
    "`/admin/`": [("GET", "/admin/", "")],
    "`/`, `/healthz/live`, `/healthz/ready`": [
        ("GET", "/", ""),
        ("GET", "/healthz/live", ""),
        ("GET", "/healthz/ready", ""),
    ],
}
STAGING = "`/api/dev/seed/` in staging with `DEV_ENDPOINTS=1`"
SUCCESS = {200, 201, 204}


def table() -> tuple[list[str], dict[str, list[str]]]:
    """The table of the page: its callers, and the cells by row."""
    text = PAGE.read_text(encoding="utf-8")
    lines = text.partition(BEGIN)[2].partition(END)[0].strip().splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return rows[0][1:], {row[0]: row[1:] for row in rows[2:]}


def asked(rows: list[str], callers: list[str], **variables: str) -> dict[str, dict[str, set[int]]]:
    """The statuses that each caller gets, by row."""
    requests = {
        caller: [(f"{row}#{n}", *request) for row in rows for n, request in enumerate(REQUESTS[row])]
        for caller in callers
    }
    done = python("-c", ASK, json.dumps(requests), FAILED_CALLS_RATE="1000/minute", **CLOSED, **variables)
    assert done.returncode == 0, done.stderr
    found: dict[str, dict[str, set[int]]] = {caller: {} for caller in callers}
    for caller, statuses in json.loads(done.stdout.splitlines()[-1]).items():
        for name, status in statuses.items():
            found[caller].setdefault(name.partition("#")[0], set()).add(status)
    return found


def shown(statuses: set[int]) -> str:
    """The cell that describes these statuses."""
    return "yes" if statuses <= SUCCESS else ", ".join(map(str, sorted(statuses)))


def test_the_table_of_callers_is_true() -> None:
    """Every cell of the table is what the service answers: nothing more is open, and nothing less."""
    callers, cells = table()
    assert list(cells) == list(REQUESTS)
    found = asked([row for row in cells if row != STAGING], callers, SERVICE_ENVIRONMENT="production")
    staging = asked([STAGING], callers, SERVICE_ENVIRONMENT="staging", DEV_ENDPOINTS="1")
    expected = {row: dict(zip(callers, cells[row], strict=True)) for row in cells}
    actual = {
        row: {caller: shown((staging if row == STAGING else found)[caller][row]) for caller in callers} for row in cells
    }
    assert actual == expected


THROTTLED = """
import json, sys, django
django.setup()
from django.core.management import call_command
from django.test import Client
call_command("migrate", verbosity=0)
from django.contrib.auth.models import User
User.objects.create_superuser("root", "root@rows.example", "right")
client = Client(headers={"host": "shop.example"}, raise_request_exception=False)
requests = {
    "token": lambda: client.get("/api/orders/", secure=True, headers={"authorization": "Token " + "1" * 64}),
    "nobody": lambda: client.get("/api/orders/", secure=True),
    "login": lambda: client.post("/admin/login/", {"username": "root", "password": "wrong"}, secure=True),
}
send = requests[sys.argv[1]]
answers = [send() for _ in range(5)]
other = client.get("/api/orders/", secure=True, REMOTE_ADDR="10.1.2.3")
forged = client.get("/api/orders/", secure=True, headers={"x-forwarded-for": "10.9.9.9"})
right = client.post("/admin/login/", {"username": "root", "password": "right"}, secure=True)
print(json.dumps({
    "statuses": [answer.status_code for answer in answers],
    "retry_after": answers[-1].headers.get("Retry-After"),
    "body": answers[-1].content.decode(),
    "other": other.status_code, "forged": forged.status_code, "right": right.status_code,
    "live": client.get("/healthz/live").status_code,
}))
"""


@pytest.mark.parametrize(("kind", "failure"), [("token", 401), ("nobody", 401), ("login", 200)])
def test_who_fails_too_often_has_to_wait(kind: str, failure: int) -> None:
    """Failed tokens, calls without one and failed log-ins are 429 with Retry-After, by address, forged or not."""
    done = python("-c", THROTTLED, kind, FAILED_CALLS_RATE="3/minute", **CLOSED)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert found["statuses"] == [failure] * 3 + [429] * 2
    assert 1 <= int(found["retry_after"]) <= 60
    assert (found["other"], found["forged"], found["right"], found["live"]) == (401, 429, 429, 200)
    assert kind == "login" or json.loads(found["body"]) == {"detail": "Too many requests."}


TOKENS = """
import django
django.setup()
from io import StringIO
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.db import connection
from rest_framework.test import APIRequestFactory
from service.tokens import ExpiringTokens
out = StringIO()
call_command("create_token", "ann", "--role", "reader", "--days", "1", stdout=out)
token = out.getvalue().strip()
with connection.cursor() as cursor:
    cursor.execute("SELECT * FROM knox_authtoken")
    print(any(token in str(value) for row in cursor.fetchall() for value in row))
from django.test.utils import CaptureQueriesContext
for header in (token, "x", "\\xff" * 64, "0" * 64):
    with CaptureQueriesContext(connection) as queries:
        try:
            ExpiringTokens().authenticate(APIRequestFactory().get("/", headers={"authorization": f"Token {header}"}))
            answer = "known"
        except Exception as error:
            answer = type(error).__name__
    print(answer, len(queries))
"""


def test_a_token_is_stored_as_a_hash_and_costs_one_query() -> None:
    """The database never holds a token itself; what cannot be one is refused without looking."""
    done = python("-c", TOKENS, **CLOSED)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-5:] == [
        "False",
        "known 1",
        "AuthenticationFailed 0",
        "AuthenticationFailed 0",
        "AuthenticationFailed 1",
    ]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("ann", "--days", "0"), "--days must be 1 to 366; it is 0."),
        (("nobody",), "There is no user 'nobody': add --role to make one."),
    ],
)
def test_a_token_for_nobody_or_for_ever_is_refused(tmp_path: Path, arguments: tuple[str, ...], sentence: str) -> None:
    """A user without a role must be there already, and a token always ends."""
    database = {**CLOSED, "DATABASE_URL": f"sqlite:///{tmp_path / 'database.sqlite3'}"}
    assert python("manage.py", "migrate", "-v0", **database).returncode == 0
    done = python("manage.py", "create_token", *arguments, **database)
    assert done.returncode != 0
    assert sentence in done.stderr


def test_the_page_shows_no_real_token() -> None:
    """The docs have a place for a token, and none that could be one."""
    assert not re.search(r"\b[0-9a-f]{40,}\b", Path(PAGE).read_text(encoding="utf-8"))
