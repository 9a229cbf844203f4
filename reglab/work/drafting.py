"""Runs `init`: drafts a suite, audits with it, accepts what is there, and says what was found. Always completes."""

import argparse
import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from django.conf import settings

from reglab.commands import CommandContext
from reglab.config.suite import SuiteFile, read_suite
from reglab.console import Console, wrapped
from reglab.counters.bytecodes import BYTECODES
from reglab.errors import AuditError
from reglab.own_folders import own_folder
from reglab.postgres.postmaster import ensure_own_servers
from reglab.project.data.audit_database import chosen_database
from reglab.project.data.dataset import Dataset
from reglab.project.drafting.draft import BAKED, Draft, drafted, ground_of
from reglab.project.drafting.outcomes.outcome import waived
from reglab.project.drafting.project_file import write_project
from reglab.project.drafting.suite_text import added_texts, joined, scenario_names, suite_texts
from reglab.project.drafting.summary import summary_of
from reglab.project.endpoints.coverage import coverage_of
from reglab.project.endpoints.discovery import Endpoint, Endpoints
from reglab.project.record_header import header_of
from reglab.project.test_environment import left_out_middleware, test_surroundings
from reglab.report.conclusion import conclude
from reglab.report.findings import plural
from reglab.report.policy import Policy, chosen_policy
from reglab.report.record_files import recording
from reglab.report.runs import run_folder
from reglab.termination import terminated_is_interrupted
from reglab.work.audit import Audit, Extent, audit
from reglab.work.commandline import RECORD
from reglab.work.expectations import Expectations, expectations_of
from reglab.work.new_endpoints import declare_races, load_proposal, told_of_commands
from reglab.work.recording.record import AUDIT
from reglab.work.seen_writes import seen_writes

INCONCLUSIVE: Final = 3
WHY: Final = "As it was when the suite was drafted."
SHOWN_CAUSES: Final = 20
# They took two thirds of the time inside executions on the projects that this was tried on.
LEFT_OUT: Final = {
    BYTECODES.name: "Left out by the draft: slow. Remove this to see also loops that call nothing, then accept."
}


def run(options: argparse.Namespace, context: CommandContext) -> int:
    """Draft, audit, accept, and print; return 0, or 3 where nothing is measured. Raises RegLabError."""
    terminated_is_interrupted()
    project, console = context.project, context.console
    suite = options.suite or project.suite_path
    is_there = suite.is_file() or (suite.is_dir() and any(suite.glob("*.toml")))
    if is_there and not options.update:
        raise AuditError(
            f"{suite}: there is a suite already, and a draft never replaces one: add what is new with "
            f"`{context.program} init --update`, or name another file with --suite"
        )
    policy = chosen_policy(options.policy, project.policy_path, program=context.program)
    with (
        chosen_database(options.database, say=console.tell),
        run_folder(options.run, project.runs_path, console=console) as folder,
    ):
        if left_out := left_out_middleware():
            console.tell(f"left out, as tools of development: {', '.join(left_out)}")
        with test_surroundings():
            before = read_suite(suite) if is_there else None
            draft = _draft(before, console)
            if before is not None and draft.outcomes:
                console.say("of the endpoints that had neither a scenario nor a waiver:")
            for line in (*summary_of(draft), *told_of_commands(before)):
                console.say(line)
            if before is not None and not draft.outcomes:
                console.say(f"{suite}: every endpoint has a scenario or a waiver; nothing to add")
                return 0
            file = _written(suite, draft, before=before)
            if not file.suite.scenario:
                _write_project_file(context, suite)
                console.say(f"{suite}: no endpoint could be measured; its waivers say what each answered")
                return INCONCLUSIVE
            if before is not None and set(_names(file)) == set(_names(before)):
                console.say(f"{suite}: nothing new could be measured; the new waivers say what each answered")
                return 0
            file = _audit(file, draft, folder, context, policy, before=before, workers=options.workers)
            for line in () if before is None else declare_races(file, before=before):
                console.say(line)
        _write_project_file(context, suite)
        conclude(folder, policy, only=("work",), as_json=options.json, console=console)
    for line in () if before is None else load_proposal(draft, project, before=before):
        console.say(line)
    console.say(f"{suite}: drafted; next: `{context.program} audit`")
    return 0


def _draft(before: SuiteFile | None, console: Console) -> Draft:
    endpoints = Endpoints()
    chosen: Iterable[Endpoint] = endpoints.all if before is None else coverage_of(before, endpoints).uncovered
    get_paths = frozenset(one.path for one in endpoints.all if one.method == "GET")
    ground = BAKED if before is None else ground_of(before.suite, Dataset(before).fill)
    return drafted(list(chosen), observe=seen_writes, say=console.progress, ground=ground, get_paths=get_paths)


def _written(suite: Path, draft: Draft, *, before: SuiteFile | None) -> SuiteFile:
    """Write the draft where the suite's own reader takes it; nothing else is ever written."""
    texts = _texts(suite, draft, before=before)
    with own_folder("draft") as (folder, _):
        trial = folder / "trial"
        trial.mkdir()
        for path, text in texts.items():
            (trial / path.name).write_text(text, encoding="utf-8")
        coverage_of(read_suite(trial), Endpoints())
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return read_suite(suite)


def _texts(suite: Path, draft: Draft, *, before: SuiteFile | None) -> dict[Path, str]:
    """Return the text of every file of the suite; those that are there keep theirs, and get more at their end."""
    is_folder = suite.suffix != ".toml"
    if before is None:
        texts = suite_texts(draft.outcomes, draft.access, without=LEFT_OUT)
        return {suite / name: text for name, text in texts.items()} if is_folder else {suite: joined(texts)}
    found = {file.path: file.text for file in before.files}
    files = [path.name for path in found] if is_folder else []
    added = added_texts(draft.outcomes, taken=_names(before), bound=before.suite.bindings, files=files)
    for name, text in added.items():
        path = suite / name if is_folder else suite
        found[path] = joined({"there": found[path].rstrip("\n") + "\n", "more": text}) if path in found else text
    return found


def _names(file: SuiteFile | None) -> list[str]:
    return [one.name for one in file.suite.scenario] if file is not None else []


def _audit(
    file: SuiteFile,
    draft: Draft,
    folder: Path,
    context: CommandContext,
    policy: Policy,
    *,
    before: SuiteFile | None,
    workers: int,
) -> SuiteFile:
    """Audit with the draft, and return the suite; a scenario that cannot be measured after all becomes a waiver."""
    console = context.console
    with recording(folder / RECORD, header_of(file, run=folder.name)) as record:
        # What was there already is left to `audit`: it was not touched.
        new = None if before is None else frozenset(_names(file)) - frozenset(_names(before))
        measured = audit(file, extent=Extent(workers=workers, names=new), say=console.progress, builds=2)
        ensure_own_servers()
        if measured.is_interrupted:
            raise KeyboardInterrupt
        if broken := _broken(measured, but=_names(before)):
            file = _written(file.path, _without(draft, broken, taken=_names(before)), before=before)
            measured = replace(
                measured,
                suite=file,
                coverage=coverage_of(file, Endpoints()),
                results=tuple(one for one in measured.results if one.scenario.name not in broken),
            )
            console.say(f"{plural(len(broken), 'scenario')} could not be measured after all, now waived:")
            for name, complaint in broken.items():
                console.say(wrapped(f"{name}: {complaint}", indent=2))
        expected = _accepted(measured, expectations_of(file, context.project, policy), console)
        for line in expected.lines(measured):
            record.write(line)
    _tell_known(expected.known.work_list(), context)
    return file


def _tell_known(causes: Sequence[str], context: CommandContext) -> None:
    """Say what is wrong already: an audit fails for what is new, and this is what to mend first."""
    if not causes:
        return
    say = context.console.say
    say(f"{plural(len(causes), 'known problem')}; none fails an audit until it grows:")
    for line in (line for cause in causes[:SHOWN_CAUSES] for line in cause.splitlines()):
        say(wrapped(line, indent=2))
    if len(causes) > SHOWN_CAUSES:
        say(f"  and {len(causes) - SHOWN_CAUSES} more: `{context.program} audit --known`")


def _accepted(measured: Audit, expected: Expectations, console: Console) -> Expectations:
    """Accept the scenarios that are new; what is wrong with them is known from here on. Others are left to `audit`."""
    new = {one.scenario.name for one in measured.results} - set(expected.ledger.names)
    added = replace(measured, results=tuple(one for one in measured.results if one.scenario.name in new))
    expected.accept(added, why=WHY, console=console, is_first=True)
    return expected.knowing(measured, newly={AUDIT, *new})


def _broken(measured: Audit, *, but: Iterable[str]) -> dict[str, str]:
    """Return the first complaint of each scenario that has one."""
    complaints = {
        one.scenario.name: taking.complaint
        for one in measured.results
        for takings in one.takings.values()
        for taking in reversed(takings)
        if taking.complaint
    }
    return {name: complaint for name, complaint in complaints.items() if name not in set(but)}


def _without(draft: Draft, broken: dict[str, str], *, taken: Iterable[str]) -> Draft:
    names = {id(outcome): name for name, outcome in scenario_names(draft.outcomes, taken).items()}
    outcomes = tuple(
        waived(one.endpoint, broken[names[id(one)]], group="cannot be measured")
        if one.is_measured and names[id(one)] in broken
        else one
        for one in draft.outcomes
    )
    return replace(draft, outcomes=outcomes)


def _settings_name() -> str:
    """Return the module of the settings; the ones that an audit has put in their place have no name."""
    return str(settings.SETTINGS_MODULE or os.environ["DJANGO_SETTINGS_MODULE"])


def _write_project_file(context: CommandContext, suite: Path) -> None:
    folder = context.project.folder.resolve()
    try:
        relative = suite.resolve().relative_to(folder).as_posix()
    except ValueError:
        relative = str(suite)
    path = write_project(context.project, settings=_settings_name(), suite=relative, ledger="")
    if path is not None:
        context.console.tell(f"{path}: settings and suite written down below [tool.reglab]")
