"""Parts that several tables of a suite file share."""

from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, field_validator

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
COMMAND: Final = "COMMAND"
CALL: Final = "CALL"
# No requests: a management command, and a function, executed as if they were.
JOBS: Final = frozenset({COMMAND, CALL})

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


class Step(Strict):
    """One request: "METHOD /path/{binding}/?query", its body and headers, and the status that it must answer.

    Or a job: "COMMAND close_day --date 2026-06-14", "CALL shop.tasks.remind" with its arguments as the body's fields.
    """

    request: str
    body: Any = None
    content_type: str = "application/json"
    headers: dict[str, str] = {}
    status: int = 200

    @field_validator("request")
    @classmethod
    def _is_a_method_and_a_path(cls, value: str) -> str:
        method, _, path = value.partition(" ")
        if method in JOBS and path.strip():
            return value
        if method not in METHODS or not path.startswith("/"):
            raise ValueError(
                f"a request is a method ({', '.join(METHODS)}) and a path, as in 'GET /api/things/'; a job is "
                "'COMMAND name arguments' or 'CALL package.module.function'"
            )
        return value

    @property
    def method(self) -> str:
        """The request's HTTP method."""
        return self.request.partition(" ")[0]

    @property
    def path(self) -> str:
        """The request's path and query string, bindings unfilled."""
        return self.request.partition(" ")[2]
