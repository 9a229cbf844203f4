"""Makes the OpenAPI schema exact: bodies have no unknown fields, and every operation lists its errors."""

from typing import Any, Final

from django.conf import settings
from drf_spectacular.utils import OpenApiParameter

from service.orders import limits
from service.orders.models import OrderStatus
from service.orders.requests.text import VISIBLE_IN_ASCII

METHODS = ("get", "post", "put", "patch", "delete")
DETAIL = {
    "type": "object",
    "description": "An error that concerns the request as a whole.",
    "properties": {"detail": {"type": "string"}},
    "required": ["detail"],
    "additionalProperties": False,
}
INVALID = {
    "type": "object",
    "description": "What is wrong, by field or parameter; `detail` or `non_field_errors` where none is to blame.",
    "minProperties": 1,
    "additionalProperties": {
        "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}, {"type": "object"}]
    },
}
DESCRIPTIONS = {
    "400": ("Invalid", "A field or a parameter is wrong; the body names it."),
    "401": ("Detail", "The token is missing or wrong."),
    "403": ("Detail", "The token's user lacks a permission."),
    "404": ("Detail", "There is no such object or page."),
    "413": ("Detail", "The body is too large."),
    "415": ("Detail", "The body is no JSON."),
    "429": ("Detail", "This address has failed to authenticate too often: wait for `Retry-After` seconds."),
    "503": ("Detail", "The database cannot serve at the moment: repeat after `Retry-After` seconds."),
}

# How the long list of invisible characters shows in a generated pattern: its members beyond U+FFFF.
_LONG_ESCAPE: Final = "\\U000"


def query(name: str, schema: dict[str, Any], description: str) -> OpenApiParameter:
    """Return a query parameter with its exact schema."""
    return OpenApiParameter(name, schema, OpenApiParameter.QUERY, description=description)


PAGE = [
    query("page", {"type": "integer", "minimum": 1}, "Counts from 1; past the last page is a 404; not with a cursor."),
    query(
        "page_size",
        {"type": "integer", "minimum": 1, "maximum": limits.MAX_PAGE_SIZE, "default": limits.PAGE_SIZE},
        "Rows on a page.",
    ),
    query("cursor", {"type": "string"}, "Pages without numbers: empty at first, then as `next` has it."),
]
ORDER_FILTERS = [
    query("status", {"type": "string", "enum": OrderStatus.values}, "Only orders of this status."),
    query(
        "email",
        {"type": "string", "minLength": 1, "maxLength": 254, "pattern": r"^[^\u0000]*$"},
        "Only orders whose customer's address contains this, in any case.",
    ),
]
SUMMARY_LIMIT = query(
    "limit",
    {"type": "integer", "minimum": 1, "maximum": limits.MAX_SUMMARY_LIMIT, "default": limits.SUMMARY_LIMIT},
    "How many customers at most.",
)
INVALID_RESPONSE: dict[str, Any] = {"$ref": "#/components/schemas/Invalid"}
DETAIL_RESPONSE: dict[str, Any] = {"$ref": "#/components/schemas/Detail"}


def close_objects(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Forbid unknown fields in every body: a request's are refused, and a response has no others."""
    schemas = result["components"]["schemas"]
    for schema in schemas.values():
        if schema.get("type") == "object":
            schema["additionalProperties"] = False
    schemas["OrderCreateRequest"]["properties"]["items"]["maxItems"] = limits.MAX_ITEMS_PER_REQUEST
    return result


def shorten_patterns(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Document the readable names by their ASCII part: readers of schemas compile no class of all invisible characters.

    What the pattern allows beyond the service is refused with a 400 that names the field, as ever.
    """
    for schema in result.get("components", {}).get("schemas", {}).values():
        for field in schema.get("properties", {}).values():
            if "pattern" in field and _LONG_ESCAPE in field["pattern"]:
                field["pattern"] = VISIBLE_IN_ASCII
    return result


def document_errors(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add the errors that follow from an operation's shape, and put both error bodies into the components."""
    result["components"]["schemas"] |= {"Detail": DETAIL, "Invalid": INVALID}
    for path, operations in result["paths"].items():
        for method in METHODS:
            if method in operations:
                _document(operations[method], path=path)
    return result


def _document(operation: dict[str, Any], *, path: str) -> None:
    codes = ["400"]
    if not settings.ENVIRONMENT.is_open:
        codes += ["401", "403", "429"]
    codes.append("503")
    if "{" in path or any(parameter["name"] == "page" for parameter in operation.get("parameters", [])):
        codes.append("404")
    if "requestBody" in operation:
        codes += ["413", "415"]
    for code in codes:
        component, description = DESCRIPTIONS[code]
        operation["responses"].setdefault(
            code,
            {
                "description": description,
                "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{component}"}}},
            },
        )
