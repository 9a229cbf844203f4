"""Summary of a draft for the terminal: what is measured, and why the rest is not, grouped."""

from collections.abc import Iterator

from django.db.models import Model

from reglab.console import wrapped
from reglab.project.drafting.draft import Draft
from reglab.project.drafting.outcomes.first_look import growing, told
from reglab.project.drafting.view_models import model_admin_of
from reglab.project.test_environment import project_frames
from reglab.report.findings import plural

_EXAMPLES: int = 3
# More than a third.
_LARGE_SHARE: int = 3


def summary_of(draft: Draft) -> Iterator[str]:
    """Yield the lines of the summary."""
    for is_get, kind in ((True, "GET"), (False, "writing")):
        measured, total = draft.counted(is_get=is_get)
        share = f" ({100 * measured // total} %)" if total else ""
        yield f"{measured} of {total} {kind} endpoints measured{share}"
    if filters := sum(1 for one in draft.measured if one.filtered_by):
        yield f"{plural(filters, 'filter')} of lists measured beside them"
    if others := sum(1 for one in draft.measured if one.asked_by):
        yield f"{plural(others, 'endpoint')} measured as an ordinary user, too: other code answers there"
    yield from _of_admin(draft)
    yield from told(growing(draft.outcomes, frames=project_frames()), small=draft.small, large=draft.large)
    for group, count in draft.reasons().items():
        examples = [one for one in draft.outcomes if one.group == group][:_EXAMPLES]
        yield f"  waived: {count} × {group}"
        for one in examples:
            yield wrapped(f"{one.endpoint.name}: {one.reason}", indent=4)
    if empty := draft.baked.empty:
        yield f"{plural(len(empty), 'model')} without rows:"
        for label, reason in sorted(empty.items()):
            yield wrapped(f"{label}: {reason}", indent=2)
    if problems := draft.baked.problems:
        yield "not every row could be made:"
        for problem in problems:
            yield wrapped(problem, indent=2)


def _of_admin(draft: Draft) -> Iterator[str]:
    """Say how much of every audit goes to pages of Django's admin, where that is much, and how to leave them out."""
    admins = ((one.endpoint.path, model_admin_of(one.endpoint.view)) for one in draft.measured)
    pages = [_root_of(path, admin.model) for path, admin in admins if admin is not None]
    if len(pages) * _LARGE_SHARE > len(draft.measured):
        yield wrapped(
            f"{len(pages)} of {len(draft.measured)} are pages of Django's admin, and take as much of every audit: "
            f'to leave them out, write a [[waiver]] with endpoint = "{pages[0]}/*" in their place in the suite'
        )


def _root_of(path: str, model: type[Model]) -> str:
    """Return where the admin begins: before the names of the application and of the model."""
    meta = model._meta  # noqa: SLF001  # Django's public name for it
    return path.partition(f"/{meta.app_label}/{meta.model_name}/")[0]
