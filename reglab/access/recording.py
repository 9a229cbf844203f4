"""Lines of the record of the access audit."""

from collections.abc import Iterator, Mapping

from reglab.access.audit import Access, access
from reglab.access.caller_costs import Known, caller_costs
from reglab.access.callers import FOREIGN_HOST, FORGED_FORM, NO_USERS
from reglab.access.cells import ABSENT, Cell, openness
from reglab.access.doors import doors_lost
from reglab.access.guards.lines import SETTINGS, guards_changed, settings_gone
from reglab.access.headers import MAY_BE_KEPT, accepted_value, changes
from reglab.access.matrix import Matrix, matrix_beside, write_matrix
from reglab.metrics import METRICS
from reglab.project.audit_ground import AuditGround
from reglab.report.findings import plural
from reglab.report.records import Evidence, Measurement, Remark, RemarkKind

Line = Measurement | Remark
_UNTRIED_TOLD = 4
_NOT_SHARED = "nothing that lets others have the answer"


def nothing_known(_scenario: str) -> Mapping[str, int]:
    """Know of no accepted statements."""
    return {}


def lines(
    ground: AuditGround,
    *,
    accept: str = "",
    settings_name: str = "",
    known: Known = nothing_known,
    environments: Mapping[str, dict[str, str]] | None = None,
) -> Iterator[Line]:
    """Fill the matrix and give what differs from the accepted one; with `accept`, accept it first.

    `known` gives the statements, with their counts, that the ledger accepts for a scenario; `environments` are the
    guards of other environments than the one whose settings are loaded.
    """
    path = matrix_beside(ground.file.ledger_path).path
    found = access(ground)
    found.environments = dict(environments or {})
    if accept:
        write_matrix(path, found, why=accept)
    yield from differences(found, matrix_beside(ground.file.ledger_path), settings_name=settings_name, known=known)


def differences(
    found: Access, matrix: Matrix, *, settings_name: str = "", known: Known = nothing_known
) -> Iterator[Line]:
    """Hold what was found against the matrix: what opened, what is exposed, then what else changed."""
    if matrix.is_new:
        yield Remark(
            kind=RemarkKind.NOTE,
            text=f"no matrix of access is accepted yet ({matrix.path}): nothing can open",
            next_step='Review who is let in where, and accept it: reglab probe access --accept "why".',
        )
    if found.complaint:
        # Where there are users, and none could be made, a gate that lets everybody in would pass.
        yield Remark(
            kind=RemarkKind.NOTE if found.complaint == NO_USERS else RemarkKind.WARNING,
            text=f"nobody who is a user was tried: {found.complaint}",
        )
    if told := "; ".join(found.refused_members):
        yield Remark(
            kind=RemarkKind.NOTE,
            text=f"members of the tenant that could not be made, and were not tried: {told}",
            next_step="Name such users in the suite (`login` of a scenario): whom scenarios log in as is a caller.",
        )
    yield from _refused_to_all(found)
    new = sorted({cell.caller for cell in found.cells} - matrix.callers)
    if new and not matrix.is_new:
        yield Remark(
            kind=RemarkKind.NOTE,
            text=f"not judged, because no answer to such callers was ever accepted: {', '.join(new)}",
            next_step='Review who is let in where, and accept it: reglab probe access --accept "why".',
        )
    unknown = ["settings that guard"] * (matrix.guards is None)
    unknown += ["what is declared before each view"] * (not matrix.doors)
    unknown += [f"the settings of {name}" for name in found.environments if name not in matrix.environments]
    unknown += [f"the statements of {caller}" for caller in found.statements if caller not in matrix.statements]
    if unknown and not matrix.is_new:
        yield Remark(
            kind=RemarkKind.NOTE,
            text=f"not judged, because none was ever accepted: {', '.join(unknown)}",
            next_step='Review and accept them: reglab probe access --accept "why".',
        )
    if gone := sorted(matrix.environments.keys() - found.environments):
        yield Remark(
            kind=RemarkKind.INCONCLUSIVE,
            text=f"accepted, and no longer named below [tool.reglab.environments]: {', '.join(gone)}",
            next_step='Name them again, or accept the matrix without them: reglab probe access --accept "why".',
        )
    if untried := _untried(found, matrix):
        yield Remark(
            kind=RemarkKind.INCONCLUSIVE,
            text=f"accepted, and not tried this time: {', '.join(untried[:_UNTRIED_TOLD])}",
            next_step="Mend what keeps such a caller from being made, or review and accept the matrix without it.",
        )
    yield Measurement(scenario="(matrix)", metric=METRICS["cells_tried"], values=(len(found.cells),))
    yield from _cells(found, matrix, settings_name=settings_name)
    yield from _exposed(found, matrix)
    yield from _issues(found, matrix)
    yield from _headers(found, matrix)
    yield from guards_changed(found, matrix)
    yield from doors_lost(found, matrix)
    yield from caller_costs(found, matrix, known)


def _refused_to_all(found: Access) -> Iterator[Remark]:
    """Say where no caller is let in: whatever is asked of them behind the door could go, and nobody would notice."""
    if (refused := found.refused_to_all) and not found.complaint:
        told = ", ".join(refused[:_UNTRIED_TOLD]) + (", …" if len(refused) > _UNTRIED_TOLD else "")
        yield Remark(
            kind=RemarkKind.WARNING,
            text=f"no caller is let in, a superuser neither, in {plural(len(refused), 'scenario')} ({told}): what a "
            "caller may do there is not tested",
            next_step="Say how a caller proves who they are: `credentials` in the suite (docs/audits.md, Own tokens).",
        )


def _untried(found: Access, matrix: Matrix) -> list[str]:
    """Return the accepted cells of the scenarios that were asked for which nobody has tried: they prove nothing."""
    tried: dict[str, set[str]] = {}
    for cell in found.cells:
        tried.setdefault(cell.scenario, set()).add(cell.caller)
    return [
        f"{scenario} as {caller}"
        for scenario, callers in tried.items()
        for caller in matrix.answers.get(scenario, {})
        if caller not in callers
    ]


def _cells(found: Access, matrix: Matrix, *, settings_name: str) -> Iterator[Line]:
    is_opened = is_changed = False
    # Who can write comes before who is only refused where there was nothing at all; who comes under another name of
    # the host is a superuser otherwise, and tells least.
    for cell in sorted(found.cells, key=lambda cell: (-openness(cell.answer), cell.caller == FOREIGN_HOST)):
        accepted = matrix.accepted(cell.scenario, cell.caller)
        if accepted == cell.answer or cell.caller not in matrix.callers:
            continue
        if accepted is None:
            # An endpoint that nobody has accepted opens where it lets somebody in who proves nothing.
            accepted = ABSENT if cell.scenario not in matrix.answers else "refused before"
            if cell.scenario not in matrix.answers and openness(cell.answer) < 3:
                continue
        opened = openness(cell.answer) > openness(accepted)
        is_opened, is_changed = is_opened or opened, is_changed or not opened
        yield Measurement(
            scenario=cell.scenario,
            endpoint=cell.endpoint,
            metric=METRICS["cells_opened" if opened else "cells_changed"],
            part=cell.caller,
            values=(1,),
            evidence=(_cell(cell, accepted, settings_name),),
        )
    if not is_opened:
        yield Measurement(scenario="(matrix)", metric=METRICS["cells_opened"], values=(0,))
    if not is_changed:
        yield Measurement(scenario="(matrix)", metric=METRICS["cells_changed"], values=(0,))


def _cell(cell: Cell, accepted: str, settings_name: str) -> Evidence:
    guards = f"; guarded by {cell.guards}" if cell.guards else ""
    if cell.caller == FORGED_FORM and openness(cell.answer) > openness(accepted):
        guards += "; CsrfViewMiddleware no longer stops it: is the view exempt?"
    under = f" under {settings_name}" if settings_name else ""
    return Evidence(
        kind="response",
        text=f"{cell.caller}: {cell.answer} at {cell.endpoint}{under}, accepted: {accepted}{guards}",
        source=cell.place,
    )


def _exposed(found: Access, matrix: Matrix) -> Iterator[Line]:
    seen: dict[str, Cell] = {cell.endpoint: cell for cell in found.exposed}
    for endpoint, cell in seen.items():
        yield Measurement(
            scenario=cell.scenario,
            endpoint=endpoint,
            metric=METRICS["exposed_urls"],
            values=(1,),
            accepted=1 if endpoint in matrix.exposed else None,
            gates=not matrix.is_new,
            evidence=(
                Evidence(kind="response", text=f"{cell.caller}: {cell.answer} at {endpoint}", source=cell.place),
            ),
        )
    if not seen:
        yield Measurement(scenario="(matrix)", metric=METRICS["exposed_urls"], values=(0,))


def _issues(found: Access, matrix: Matrix) -> Iterator[Line]:
    for issue in found.issues:
        yield Measurement(
            scenario=SETTINGS,
            metric=METRICS["deploy_issues"],
            part=issue.id or "",
            values=(1,),
            accepted=1 if issue.id in matrix.deploy_issues else None,
            gates=not matrix.is_new,
            evidence=(Evidence(kind="hint", text=f"{issue.id}: {' '.join(str(issue.msg).split())}"),),
        )
    # Several callers of a scenario tell the same.
    for lapse in {(lapse.id, lapse.scenario): lapse for lapse in reversed(found.lapses)}.values():
        yield Measurement(
            scenario=lapse.scenario,
            endpoint=lapse.endpoint,
            metric=METRICS["deploy_issues"],
            part=lapse.id,
            values=(1,),
            accepted=1 if lapse.id in matrix.deploy_issues else None,
            gates=not matrix.is_new,
            evidence=(
                Evidence(
                    kind="call",
                    text=lapse.text,
                    source=lapse.places[0] if lapse.places else "",
                    frames=lapse.places[1:],
                ),
            ),
        )
    if not found.issues and not found.lapses:
        yield Measurement(scenario=SETTINGS, metric=METRICS["deploy_issues"], values=(0,))


def _headers(found: Access, matrix: Matrix) -> Iterator[Line]:
    gone = [*settings_gone(found, matrix), *_headers_gone(found, matrix), *_headers_changed(found, matrix)]
    endpoints = {cell.scenario: cell.endpoint for cell in found.cells}
    for scenario, part, text in gone:
        yield Measurement(
            scenario=scenario,
            endpoint=endpoints.get(scenario, ""),
            metric=METRICS["header_issues"],
            part=part,
            values=(1,),
            evidence=(Evidence(kind="response", text=text),),
        )
    if not gone:
        yield Measurement(scenario=SETTINGS, metric=METRICS["header_issues"], values=(0,))


def _headers_gone(found: Access, matrix: Matrix) -> Iterator[tuple[str, str, str]]:
    """Give each security header that an accepted scenario no longer sends, with the scenario."""
    for header, without in matrix.header_without.items():
        for scenario, present in found.headers.items():
            if scenario in matrix.answers and scenario not in without and header not in present:
                yield scenario, header, f"the header {header} is no longer sent"


def _headers_changed(found: Access, matrix: Matrix) -> Iterator[tuple[str, str, str]]:
    """Give each header that protects otherwise than accepted, and each that lets more others have an answer."""
    for scenario in (name for name in found.headers if name in matrix.answers):
        for header, value in found.headers[scenario].items():
            accepted = accepted_value(matrix.header_values.get(header, {}), scenario)
            if accepted and value != accepted:
                yield scenario, header, f"the header {header} is sent {', '.join(changes(accepted, value))}"
        for header, value in found.permissions.get(scenario, {}).items():
            accepted = accepted_value(matrix.permissions.get(header, {}), scenario)
            if value == MAY_BE_KEPT:
                if matrix.knows_kept and not accepted:
                    yield scenario, header, f"no {header} forbids browsers and caches to keep the answer any more"
            elif value != accepted:
                yield scenario, header, f"the header {header} is {value!r}, accepted: {accepted or _NOT_SHARED}"
