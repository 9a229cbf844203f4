"""Queries and bodies of a router's operation: what its schema asks for, with texts and keys of rows."""

from typing import Any

import pytest

from reglab.project.drafting.bodies.candidates import bodies_of
from reglab.project.drafting.bodies.operations import optional_parameters, query_of_operation
from reglab.project.endpoints.discovery import Endpoint
from service.orders.models import Customer, Order

pytestmark = pytest.mark.django_db


class Schema:
    """A model of a router's, by its JSON schema and the place that it is read from."""

    def __init__(self, source: str, **properties: Any) -> None:
        self.__ninja_param_source__ = source
        self.__read_from_single_attr__ = ""
        self._properties = properties

    def model_json_schema(self) -> dict[str, Any]:
        """Return the schema; every property is required."""
        return {"type": "object", "properties": self._properties, "required": list(self._properties)}


class Operation:
    """An operation with its methods and models."""

    def __init__(self, method: str, *models: Schema) -> None:
        self.methods, self.models = [method], models


class Router:
    """What a view of a router has in its hands."""

    def __init__(self, *operations: Operation) -> None:
        self.operations = list(operations)

    def view(self, _request: Any) -> None:
        """Answer nothing."""


def endpoint(method: str, *models: Schema) -> Endpoint:
    """Return an endpoint of customers that one operation answers."""
    view = Router(Operation(method, *models)).view
    return Endpoint(method=method, path="/customers/", route="customers/", view=view)


def test_a_needed_query_is_the_text_of_a_row() -> None:
    """What is searched for is found; a number, a choice and a text of a certain form are as the schema says."""
    Customer.objects.create(name="Ann", email="ann@rows.example")
    texts = {"q": {"type": "string"}, "day": {"type": "string", "format": "date"}}
    found, bindings = query_of_operation(endpoint("GET", Schema("query", limit={"type": "integer"}, **texts)))
    assert found == "?limit=1&q={customer_name}&day=2026-06-15"
    assert bindings == {"customer_name": {"model": "orders.Customer", "field": "name"}}


def test_an_operation_without_a_query_has_none() -> None:
    """A body is no query, and another method's query is not this one's."""
    assert query_of_operation(endpoint("POST", Schema("body", q={"type": "string"}))) == ("", {})


def test_a_body_has_keys_of_rows_and_texts_of_their_pattern() -> None:
    """A name that ends in a model's `_id` stands for one of its rows."""
    order = Order.objects.create(customer=Customer.objects.create(name="Ann", email="ann@rows.example"))
    fields = {"order_id": {"type": "integer"}, "code": {"type": "string", "pattern": r"^\d{13}$"}}
    found = [one for one in bodies_of(endpoint("POST", Schema("body", **fields)), b"") if one.source == "schema"]
    assert found[-1].content["order_id"] == "{order}"
    assert found[-1].bindings["order"].text == str(order.pk)
    assert len(found[-1].content["code"]) == 13
    assert found[-1].content["code"].isdigit()


def test_a_text_with_the_name_of_a_model_names_a_row() -> None:
    """A router that looks its rows up by name answers 404 for a name that was made up."""
    Customer.objects.create(name="Ann", email="ann@rows.example")
    texts = {"customer": {"type": "string"}, "names": {"type": "array", "items": {"type": "string"}}}
    needed = {"type": "object", "properties": texts, "required": [*texts]}
    bodies = [one for one in bodies_of(endpoint("POST", Schema("body", data=needed)), b"") if one.source == "schema"]
    written = [one.content for one in bodies if "customer" in one.content]
    assert {"customer": "drafted-1", "names": ["drafted-1", "drafted-2", "drafted-3"]} in written
    assert any(one["customer"] == "{customer_name}" and one["names"][0] == "{customer_name}" for one in written)
    assert {"customer_name"} <= {key for one in bodies for key in one.bindings}


def test_what_ends_does_so_after_what_begins() -> None:
    """A check of the database refuses a time that ends when it begins."""
    moment = {"type": "string", "format": "date-time"}
    needed = {
        "type": "object",
        "properties": {"starts_at": moment, "ends_at": moment},
        "required": ["starts_at", "ends_at"],
    }
    body = next(bodies_of(endpoint("POST", Schema("body", data=needed)), b"")).content
    assert body["starts_at"] < body["ends_at"]


def test_an_object_in_a_query_is_sent_as_its_fields() -> None:
    """A router takes `query: Filters` as the fields of `Filters`; one with a default is left out, and may filter."""
    fields = {"day": {"type": "string", "format": "date"}, "status": {"default": None}}
    filters = {"type": "object", "properties": fields}
    page = {"type": "object", "properties": {"limit": {"type": "integer", "default": 100}}}
    of_list = endpoint("GET", Schema("query", query=filters | {"required": ["day"]}, ninja_pagination=page))
    assert query_of_operation(of_list) == ("?day=2026-06-15", {})
    assert optional_parameters(of_list) == ["status", "limit"]


def test_a_single_parameter_is_the_body_itself() -> None:
    """Where the router says so, nothing else can be right: not the object around it, and not the model's fields."""
    schema = Schema("body", data={"type": "object", "properties": {"note": {"type": "string"}}, "required": ["note"]})
    bodies = [one.content for one in bodies_of(endpoint("POST", schema), b"") if one.content]
    assert {"note": "drafted-1"} in bodies
    assert any("data" in one for one in bodies)
    schema.__read_from_single_attr__ = "data"
    bodies = [one.content for one in bodies_of(endpoint("POST", schema), b"") if one.content]
    assert bodies == [{"note": "drafted-1"}]
