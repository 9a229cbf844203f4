"""The errors that the API answers with, beyond those that Django REST framework has."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db.models import Model
from rest_framework import status
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler


class Conflict(APIException):
    """The request is well formed but clashes with what is stored."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = "The request conflicts with the stored data."
    default_code = "conflict"


class TooLarge(APIException):
    """The body is larger than DATA_UPLOAD_MAX_MEMORY_SIZE."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The request body is too large."
    default_code = "too_large"


def gone(model: type[Model]) -> NotFound:
    """Return the 404 for a row that another client deletes meanwhile: what the next request for it is told."""
    return NotFound(f"No {model._meta.object_name} matches the given query.")  # noqa: SLF001  # Django's public name


def missing_reference(field: str, key: Any) -> ValidationError:
    """Return the 400 for a `field` that names an object that is not there."""
    return ValidationError({field: [f'Invalid pk "{key}" - object does not exist.']}, code="does_not_exist")


def handle_exception(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Turn an exception of a view into its JSON response; None leaves it to Django (500)."""
    return exception_handler(TooLarge() if isinstance(exc, RequestDataTooBig) else exc, context)
