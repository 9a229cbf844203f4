"""Tells callers by tokens that are stored as hashes and expire (django-rest-knox)."""

import re
from typing import Any

from django.utils import timezone
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed

TOKEN = re.compile(rb"[0-9a-f]{64}")


class ExpiringTokens(TokenAuthentication):  # type: ignore[misc]
    """knox's authentication in one query, which writes nothing."""

    def authenticate_credentials(self, token: bytes) -> Any:
        """Return the user and the token. Raises AuthenticationFailed; what cannot be a token costs no query."""
        if not TOKEN.fullmatch(token):
            raise AuthenticationFailed("Invalid token.")
        return super().authenticate_credentials(token)

    def _cleanup_token(self, auth_token: Any) -> bool:
        """Tell whether a token has expired; knox would look at the user's others, and delete, in every request."""
        return auth_token.expiry is not None and auth_token.expiry <= timezone.now()
