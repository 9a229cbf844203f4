"""Inputs of the forms of pages: each field of a body in turn is something else, and the others as they are."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qsl, urlencode

from reglab.limits.fields import Readers, fields_of
from reglab.limits.inputs import Input
from reglab.limits.ordinary_values import example_for, values_of_a_form
from reglab.limits.refusals import told_value
from reglab.project.requests.test_client import Request

FORM: Final = "application/x-www-form-urlencoded"
# A form of many rows has as many fields of each kind: the first ones are enough.
_FIELDS_MAX: Final = 12
OF_DJANGO: Final = ("csrfmiddlewaretoken", "_FORMS")


def inputs_of_form(request: Request, readers: Readers, accepted: Mapping[str, Iterable[str]]) -> Iterator[Input]:
    """Yield the request with other values of each field, and with those that were `accepted` as refused, as JSON.

    Fields that name a row are left out: which ones there are depends on the data.
    """
    pairs = parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True)
    own = {name: value for name, value in pairs if not any(word in name for word in OF_DJANGO)}
    fields = {limits.name: limits for limits in fields_of(own, readers)}
    rows = {name for name, limits in fields.items() if limits.names_a_row}
    checked_by = tuple(type(form) for form in readers.forms)
    for name, value in [pair for pair in own.items() if pair[0] not in rows][:_FIELDS_MAX]:
        like = value or (example_for(fields[name].checked_by[:1]) if name in fields else "")
        known = (json.loads(text) for text in accepted.get(name, ()))
        for other in dict.fromkeys((*values_of_a_form(like), *(text for text in known if isinstance(text, str)))):
            if other != value:
                body = urlencode([*(pair for pair in pairs if pair[0] != name), (name, other)])
                yield Input(
                    request=replace(request, body=body.encode()),
                    part=name,
                    told=f"{name} = {other!r}",
                    compared=told_value(other),
                    checked_by=checked_by,
                )
