"""The verdict as annotations of GitHub Actions: a line a cause, shown at its line of the pull request."""

from typing import Final

from reglab.report.causes.cause import Cause
from reglab.report.outcomes import Outcome
from reglab.report.renderings.headlines import advice, headline, next_step_of, shown_at, statement_of
from reglab.report.verdict import Verdict

_LEVELS: Final = {Outcome.FAIL: "error", Outcome.INCONCLUSIVE: "warning"}
_ANNOTATIONS_MAX: Final = 10  # GitHub shows ten errors and ten warnings of a step


def render(verdict: Verdict) -> str:
    """Return workflow commands (docs.github.com, "Workflow commands"): `::error file=…,line=…,title=…::…`."""
    lines = [_annotation(cause, verdict) for cause in verdict.causes[:_ANNOTATIONS_MAX]]
    return "".join(f"{line}\n" for line in [*lines, f"::notice::{_data(verdict.summary)}"])


def _annotation(cause: Cause, verdict: Verdict) -> str:
    what = headline(cause, verdict.records)
    place = {"file": verdict.host.path(cause.place.file), "line": str(cause.place.line)} if cause.place else {}
    properties = {**place, "title": f"{cause.first.rule}: {what}"}
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    told = (what, statement_of(cause), advice(cause), next_step_of(cause), shown_at(cause))
    message = "\n".join(text for text in told if text)
    return f"::{_LEVELS[cause.outcome]} {written}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
