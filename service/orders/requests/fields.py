"""Serializer fields that take JSON types at their word: "5" is no integer, 5 no string, and "yes" no boolean."""

from typing import Any

from django.db import models
from rest_framework import serializers

from service.orders.limits import INT64_MAX
from service.orders.requests.inputs import refuse_unknown


class StrictCharField(serializers.CharField):
    """A JSON string, kept as it was sent."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"trim_whitespace": False, **kwargs})

    def to_internal_value(self, data: Any) -> str:
        """Return the value, or refuse another JSON type."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictEmailField(serializers.EmailField):
    """A JSON string that is an e-mail address."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"trim_whitespace": False, **kwargs})

    def to_internal_value(self, data: Any) -> str:
        """Return the value, or refuse another JSON type."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictChoiceField(serializers.ChoiceField):
    """A JSON string out of a list."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the value, or refuse another JSON type."""
        # The framework's message would repeat whatever was sent, however long or deep.
        if not isinstance(data, str) or data not in self.choices:
            self.fail("invalid_choice", input=data[:100] if isinstance(data, str) else type(data).__name__)
        return data


class StrictIntegerField(serializers.IntegerField):
    """A JSON number without a fraction."""

    def to_internal_value(self, data: Any) -> int:
        """Return the value, or refuse another JSON type."""
        if isinstance(data, float) and data.is_integer():
            data = int(data)
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return data


class StrictBooleanField(serializers.BooleanField):
    """A JSON true or false."""

    def to_internal_value(self, data: Any) -> bool:
        """Return the value, or refuse another JSON type."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class StrictKeyField(serializers.PrimaryKeyRelatedField[models.Model]):
    """The id of an existing object, as a JSON number."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the value, or refuse another JSON type."""
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("incorrect_type", data_type=type(data).__name__)
        if not 0 < data <= INT64_MAX:
            self.fail("does_not_exist", pk_value=data)
        return super().to_internal_value(data)  # type: ignore[arg-type]


class StrictFieldsMixin:
    """Refuses body fields that the serializer does not write, naming them: ignoring one would hide a mistake."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the values, or a 400 that names what was not asked for."""
        if isinstance(data, dict):
            fields: dict[str, serializers.Field[Any, Any, Any, Any]] = self.fields  # type: ignore[attr-defined]
            read_only = {name for name, field in fields.items() if field.read_only}
            refuse_unknown(data.keys() - fields.keys(), message="Unknown field.")
            refuse_unknown(data.keys() & read_only, message="This field is read-only.")
        return super().to_internal_value(data)  # type: ignore[misc]


class StrictModelSerializer(StrictFieldsMixin, serializers.ModelSerializer[Any]):
    """A model's serializer made of strict fields."""

    serializer_field_mapping = serializers.ModelSerializer.serializer_field_mapping | {
        models.CharField: StrictCharField,
        models.EmailField: StrictEmailField,
        models.IntegerField: StrictIntegerField,
        models.BigIntegerField: StrictIntegerField,
        models.BooleanField: StrictBooleanField,
    }
    serializer_related_field = StrictKeyField
    serializer_choice_field = StrictChoiceField
