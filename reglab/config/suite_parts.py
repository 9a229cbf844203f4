"""Parts that several tables of a suite file share."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Reason = Annotated[str, Field(min_length=10, description="why, in a sentence")]


class Strict(BaseModel):
    """A table that takes no key that it does not know, and no value of another type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Binding(Strict):
    """A value taken from the dataset: `field` of row `index` of a model, after filter and order_by.

    With `hashed` the field holds the digest of a token, and the value is the token, as far as the draft's data made it.
    """

    model: str
    filter: dict[str, Any] = {}
    order_by: Annotated[tuple[str, ...], Field(strict=False)] = ("pk",)
    field: str = "pk"
    index: int = 0
    hashed: bool = False


class Login(Strict):
    """The user that every request is sent as: the first row of `model` that `filter` leaves.

    `force` lets it pass whatever the authentication of Django REST Framework or django-ninja asks for.
    """

    model: str
    filter: dict[str, Any] = {}
    force: bool = False
