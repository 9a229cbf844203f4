"""Bodies of requests as mappings: JSON, forms, and forms with files, each written as it was read."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from django.http import QueryDict
from django.test.client import BOUNDARY

from reglab.limits.fields import Path, value_at, with_value_at
from reglab.limits.form_bodies import FORM, OF_DJANGO
from reglab.limits.inputs import JSON
from reglab.project.requests.test_client import Request

_MULTIPART: Final = "multipart/form-data"
_FILE: Final = re.compile(rb'filename="([^"]*)\.(\w+)"')
_OTHER_ENDING: Final = b"exe"
# A part with a file: its headers, and all up to the next part.
_CONTENT: Final = re.compile(
    rb'(filename="[^"]+"[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n.*?)(?=\r\n--' + re.escape(BOUNDARY.encode()) + rb")",
    re.DOTALL,
)
# Below, at and above what projects usually allow.
_MEGABYTES: Final = (1, 3, 6, 12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Body(Mapping[str, Any]):
    """The fields of a request's body by name. Of a form with files there are none: its files alone are changed."""

    request: Request
    fields: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        """Return a field's value."""
        return self.fields[name]

    def __iter__(self) -> Iterator[str]:
        """Give the names of the fields."""
        return iter(self.fields)

    def __len__(self) -> int:
        """Return how many fields there are."""
        return len(self.fields)

    def alone(self, name: str, value: Any) -> Request:
        """Return the request with one field and no other."""
        return self._with({name: value})

    def with_value(self, name: str, value: Any) -> Request:
        """Return the request with another value of a field, or with one field more."""
        return self._with({**self.fields, name: value})

    def at(self, path: Path) -> Any:
        """Return the value at a path, which may lead into lists and objects; None where there is none."""
        return value_at(self.fields, path)

    def with_path(self, path: Path, value: Any) -> Request:
        """Return the request with another value at a path."""
        return self._with(with_value_at(self.fields, path, value))

    def without(self, name: str) -> Request:
        """Return the request without a field."""
        return self._with({key: value for key, value in self.fields.items() if key != name})

    def other_files(self) -> Iterator[tuple[str, Request]]:
        """Yield the request with its files named as programs, and with larger files, where it has any."""
        if self.request.content_type.startswith(_MULTIPART) and _FILE.search(self.request.body):
            body = _FILE.sub(rb'filename="\1.' + _OTHER_ENDING + b'"', self.request.body)
            yield f"files named .{_OTHER_ENDING.decode()}", replace(self.request, body=body)
            for megabytes in _MEGABYTES:
                yield f"files of {megabytes} MB", replace(self.request, body=_padded(self.request.body, megabytes))

    def _with(self, fields: Mapping[str, Any]) -> Request:
        if self.request.content_type == JSON:
            return replace(self.request, body=json.dumps(fields).encode())
        kept = {name: value for name, value in QueryDict(self.request.body).lists() if name.endswith(OF_DJANGO)}
        lists = {name: value if isinstance(value, list) else [value] for name, value in fields.items()}
        text = {name: [_text(one) for one in values] for name, values in lists.items()}
        return replace(self.request, body=urlencode({**kept, **text}, doseq=True).encode())


def _padded(body: bytes, megabytes: int) -> bytes:
    """Put zeros behind the content of each file, where readers of pictures and archives do not look."""
    return _CONTENT.sub(lambda found: found[1] + bytes(megabytes * 1_000_000), body)


def _text(value: Any) -> str:
    """Return a value as a form sends it: a box that is not ticked is no text at all."""
    if isinstance(value, bool):
        return "on" if value else ""
    return str(value)


def body_of_request(request: Request) -> Body | None:
    """Return the body of a request that has fields, or files; None for any other."""
    if not request.body:
        return None
    if request.content_type.startswith(_MULTIPART):
        return Body(request=request, fields={})
    if request.content_type == FORM:
        fields = {
            name: values if len(values) > 1 else values[0]
            for name, values in QueryDict(request.body).lists()
            if not name.endswith(OF_DJANGO)
        }
        return Body(request=request, fields=fields)
    if request.content_type != JSON:
        return None
    try:
        body = json.loads(request.body)
    except ValueError:
        return None
    return Body(request=request, fields=body) if isinstance(body, dict) else None
