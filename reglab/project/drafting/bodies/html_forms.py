"""Forms of an HTML page as a browser would send them: every field with its value, empty required ones filled."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Final

from reglab.config.suite import DEFAULT_CLOCK
from reglab.project.drafting.bodies.files import sample_file
from reglab.project.drafting.bodies.moments import date_for, moment_for, time_for

Fields = dict[str, Any]
_BUTTONS: Final = frozenset({"button", "reset", "image"})
_BY_TYPE: Final = {
    "email": "drafted@example.com",
    "url": "https://example.com/drafted",
    "number": "1",
    "color": "#336699",
    "tel": "+4930123456",
    "month": f"{DEFAULT_CLOCK:%Y-%m}",
    "password": "drafted-Pass-2026",
}


# Shorter texts are codes more often than words.
_EDITED_MIN: Final = 4
# A text of nobody's.
DRAFTED: Final = "drafted-1"
# A field of the admin for the key of a row.
_ROW_KEY: Final = "vForeignKeyRawIdAdminField"
# Of a formset: one field of one of its forms.
_OF_FORMSET: Final = re.compile(r"^(?P<prefix>.+)-(?P<number>\d+|__prefix__)-")


@dataclass(slots=True, kw_only=True)
class Form:
    """One `<form>`: where it goes, how, its fields by name, and values for those that a browser sends empty.

    `edits` are other texts for fields that the page has filled already.
    """

    action: str
    method: str
    fields: Fields = field(default_factory=dict)
    optional: Fields = field(default_factory=dict)
    edits: Fields = field(default_factory=dict)

    @property
    def edited(self) -> Fields:
        """The fields as somebody sends them who changed each text: what is sent back as it was changes no row."""
        return self.fields | self.edits

    @property
    def filled(self) -> Fields:
        """The fields with every empty one filled; of a formset's empty forms, the first."""
        return self.fields | {name: value for name, value in self.optional.items() if self._is_filled(name)}

    def _is_filled(self, name: str) -> bool:
        found = _OF_FORMSET.match(name)
        return found is None or found["number"] == self.fields.get(f"{found['prefix']}-INITIAL_FORMS", "0")


def forms_of(html: str) -> list[Form]:
    """Return the forms that POST, in the order of the page."""
    parser = _FormParser()
    parser.feed(html)
    return [form for form in parser.forms if form.method == "post"]


class _FormParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._select: tuple[str, bool, bool] | None = None
        self._options: list[tuple[str, bool]] = []
        self._textarea: str | None = None
        self._text = ""
        self._is_required = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(action=values.get("action", ""), method=values.get("method", "get").lower())
            self.forms.append(self._open)
        elif self._open is not None:
            self._field(tag, values)

    def _field(self, tag: str, values: dict[str, str]) -> None:
        name = values.get("name", "")
        if tag == "option":
            self._options.append((values.get("value", ""), "selected" in values))
        elif "disabled" in values or not name:
            return
        elif tag == "input":
            self._input(name, values)
        elif tag == "select":
            self._select, self._options = (name, "multiple" in values, "required" in values), []
        elif tag == "textarea":
            self._textarea, self._text, self._is_required = name, "", "required" in values

    def _input(self, name: str, values: dict[str, str]) -> None:
        kind = values.get("type", "text").lower()
        if kind in _BUTTONS:
            return
        if kind == "file":
            # A browser sends an optional one empty.
            kept = self._form.fields if "required" in values else self._form.optional
            kept[name] = sample_file(name)
        elif kind == "submit":
            # A browser sends the button that is pressed; the first is.
            if not any(key.startswith("\0submit") for key in self._form.fields):
                self._form.fields["\0submit"] = ""
                self._form.fields[name] = values.get("value", "")
        elif kind in {"checkbox", "radio"}:
            self._choice(name, values, kind)
        else:
            value = values.get("value", "")
            drafted = _of_kind(name, kind, values.get("class", "").split()) or _within(values)
            if not value and _ROW_KEY in values.get("class", "").split():
                # Whose rows it is about, only the model tells.
                return
            if not value and "required" in values:
                value = drafted
            elif not value and kind != "hidden":
                self._form.optional[name] = drafted
            if kind in {"text", "search"} and values.get("value"):
                self._edit(name, value)
            self._add(name, value)

    def _edit(self, name: str, text: str) -> None:
        """Give a text another first letter: of the same length, and of the same shape to most validators."""
        place = next((number for number, one in enumerate(text) if one.isascii() and one.isalpha()), None)
        if place is not None and len(text) >= _EDITED_MIN:
            other = "n" if text[place].lower() != "n" else "m"
            self._form.edits[name] = (
                text[:place] + (other.upper() if text[place].isupper() else other) + text[place + 1 :]
            )

    def _choice(self, name: str, values: dict[str, str], kind: str) -> None:
        value = values.get("value", "on")
        if "checked" in values or ("required" in values and name not in self._form.fields):
            if kind == "radio":
                self._form.fields[name] = value
            else:
                self._add(name, value)

    def handle_data(self, data: str) -> None:
        if self._textarea is not None:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            if self._open is not None:
                self._open.fields.pop("\0submit", None)
            self._open = None
        elif tag == "textarea" and self._textarea is not None:
            text = self._text.removeprefix("\n").removeprefix("\r\n")
            if text and self._open is not None:
                self._edit(self._textarea, text)
            self._add(self._textarea, text or ("drafted" if self._is_required else ""))
            if not text and not self._is_required and self._open is not None:
                self._open.optional[self._textarea] = "drafted"
            self._textarea = None
        elif tag == "select" and self._select is not None:
            self._end_select(*self._select)
            self._select = None

    def _end_select(self, name: str, is_multiple: bool, is_required: bool) -> None:
        chosen = [value for value, is_selected in self._options if is_selected]
        full = [value for value, _ in self._options if value]
        if is_multiple:
            chosen = chosen or (full[:1] if is_required else [])
            if chosen:
                self._form.fields[name] = chosen
            elif full:
                self._form.optional[name] = full[:1]
            return
        if full and not any(chosen):
            if is_required:
                chosen = full[:1]
            elif self._open is not None:
                self._open.optional[name] = full[0]
        if self._options:
            # A browser sends the first option where none is chosen.
            self._add(name, chosen[-1] if chosen else self._options[0][0])

    @property
    def _form(self) -> Form:
        assert self._open is not None  # noqa: S101  # fields are read inside a form alone
        return self._open

    def _add(self, name: str, value: str) -> None:
        if self._open is None:
            return
        fields = self._open.fields
        if name not in fields:
            fields[name] = value
        elif isinstance(fields[name], list):
            fields[name].append(value)
        else:
            fields[name] = [fields[name], value]


def _of_kind(name: str, kind: str, classes: Sequence[str]) -> str:
    """Return a value for a field of this type, or of the admin's widget that has this class; empty for a text."""
    if kind == "datetime-local":
        return moment_for(name, form="%Y-%m-%dT%H:%M")
    if kind == "date" or "vDateField" in classes:
        # The time beside it makes the difference.
        return date_for("" if name.endswith("_0") else name)
    if kind == "time" or "vTimeField" in classes:
        return time_for(name)
    return _BY_TYPE.get(kind, "")


def _within(values: dict[str, str]) -> str:
    longest = int(values["maxlength"]) if values.get("maxlength", "").isdigit() else 100
    shortest = int(values["minlength"]) if values.get("minlength", "").isdigit() else 0
    return DRAFTED.ljust(shortest, "x")[:longest]
