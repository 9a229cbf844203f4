"""The OpenAPI schema as a view that several threads may ask at once."""

from threading import Lock
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.plumbing import build_bearer_security_scheme_object
from drf_spectacular.views import SpectacularAPIView

_generating = Lock()


class SchemaView(SpectacularAPIView):
    """The schema, made by one thread at a time.

    drf-spectacular resolves its extensions at first use, without a lock: a second thread that asks meanwhile finds
    half of one, and answers 500 (`'NoneType' object has no attribute 'startswith'`, 0.30).
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer in one's turn."""
        with _generating:
            return super().dispatch(request, *args, **kwargs)


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema describes the tokens; it is registered by being defined."""

    target_class = "service.tokens.ExpiringTokens"
    name = "tokenAuth"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:  # noqa: ARG002
        """Return the header and its prefix."""
        scheme: dict[str, Any] = build_bearer_security_scheme_object(header_name="Authorization", token_prefix="Token")  # noqa: S106  # the word, no secret
        return scheme
