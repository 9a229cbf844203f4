"""Reads request bodies: JSON and nothing else."""

import codecs
import json
from collections import Counter
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser, get_encoding  # type: ignore[attr-defined]  # newer than its types

from service.orders.requests.inputs import refuse_unknown


class StrictJSONParser(JSONParser):
    """JSON whose objects name each field once, and whose nesting cannot exhaust the interpreter's stack."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,  # noqa: ARG002
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the parsed body. Raises ParseError for what is no JSON, ValidationError for a repeated field."""
        encoding = get_encoding(parser_context or {"encoding": settings.DEFAULT_CHARSET})
        try:
            text = codecs.getreader(encoding)(stream).read()
            return json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_object)
        except RecursionError:
            raise ParseError("JSON parse error - the body is nested too deeply.") from None
        except ValueError as error:
            raise ParseError(f"JSON parse error - {error}") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the object. Raises ValidationError where a field is repeated: either value could be the wrong one."""
    values = dict(pairs)
    if len(values) != len(pairs):
        counts = Counter(name for name, _ in pairs)
        refuse_unknown((name for name in counts if counts[name] > 1), message="Give this field only once.")
    return values


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
