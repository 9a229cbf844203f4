"""A run that plain Locust has started: watched, reconciled, recorded and judged as `reglab load` does it."""

import os
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from reglab.console import Console
from reglab.load.generator.arrivals import planned_counts
from reglab.load.generator.coordinator import Coordinator
from reglab.load.load_module import LoadProject
from reglab.load.load_run import LoadRun, ready_path_of
from reglab.load.record_header import RECORD, header_of
from reglab.load.run_facts import clean_command, held
from reglab.load.server.pg_stat_statements import Counts, statement_counts, top_statements
from reglab.load.server.server_monitor import READINESS_TIMEOUT_S, ServerSide
from reglab.load.server.system_under_test import named_database
from reglab.load.target.http_client import DEADLINE_S, Api
from reglab.load.writes.teardown import Settlement, Teardown, sql_url
from reglab.report.conclusion import conclude
from reglab.report.policy import Policy
from reglab.report.record_files import recording
from reglab.report.records import Header


@dataclass(slots=True, kw_only=True)
class PlainRun:
    """One run, from its first arrival to its verdict. `run_folder` gets the record, its folder `load` the rest."""

    project: LoadProject
    policy: Policy
    coordinator: Coordinator
    run_folder: Path
    header: Header
    server_side: ServerSide
    database_url: str | None = field(repr=False)
    statements_before: Counts | None
    token: str = field(default="", repr=False)
    _stack: ExitStack = field(default_factory=ExitStack)
    _hold: ExitStack = field(default_factory=ExitStack)

    @classmethod
    def begun(cls, coordinator: Coordinator, *, project: LoadProject, policy: Policy, run_folder: Path) -> Self:
        """Begin to watch the server's side, as far as it can be seen from here."""
        database_url = named_database()
        api = Api(
            origin=coordinator.target.origin,
            proof=coordinator.proof,
            tripwire=coordinator.tripwire,
            deadline_s=READINESS_TIMEOUT_S,
        )
        begun = cls(
            project=project,
            policy=policy,
            coordinator=coordinator,
            run_folder=run_folder,
            header=header_of(
                project,
                coordinator.profile,
                run_folder=run_folder,
                run=coordinator.run,
                workers=coordinator.workers,
                target=coordinator.target.origin,
            ),
            server_side=ServerSide(
                api=api,
                ready_path=ready_path_of(project.load, run=coordinator.run),
                service_pid=None,
                database_pid=None,
                database_url=database_url,
            ),
            database_url=database_url,
            statements_before=statement_counts(database_url) if database_url else None,
            token=os.environ.get("LOADTEST_TOKEN", ""),
        )
        begun._hold.enter_context(held(coordinator.folder))
        begun._stack.callback(api.close)
        begun._stack.enter_context(begun.server_side)
        return begun

    def concluded(self) -> int:
        """Reconcile, clean up, record, judge, print; return the verdict's exit code. Raises RegLabError, OSError."""
        self._stack.close()
        coordinator = self.coordinator
        if coordinator.tripwire.is_cut():
            coordinator.state.add_reason("unsafe", f"during the run: {coordinator.tripwire.reason}")
        if not coordinator.state.is_complete and not coordinator.state.reasons:
            coordinator.state.add_reason("inconclusive", "the run was stopped before its end")
        with self._hold, recording(self.run_folder / RECORD, self.header) as record:
            settlement = self._settlement()
            for line in (*self._load_run().lines(), *settlement.lines(coordinator.profile.name)):
                record.write(line)
        return conclude(self.run_folder, self.policy, only=("load",), console=Console.of_process())

    def _load_run(self) -> LoadRun:
        coordinator = self.coordinator
        after = (
            statement_counts(self.database_url) if self.database_url and self.statements_before is not None else None
        )
        statements = top_statements(before=self.statements_before or {}, after=after) if after is not None else []
        return LoadRun(
            profile=coordinator.profile,
            load=self.project.load,
            policy=self.policy,
            planned=planned_counts(coordinator.profile, self.project.load),
            state=coordinator.state,
            reasons=(),
            samples=self.server_side.samples,
            connections_limit=self.server_side.connections_limit,
            statements=tuple(statements),
            served=None,
        )

    def _settlement(self) -> Settlement:
        coordinator = self.coordinator
        api = Api(
            origin=coordinator.target.origin,
            token=self.token,
            proof=coordinator.proof,
            tripwire=coordinator.tripwire,
            deadline_s=DEADLINE_S,
        )
        try:
            return Teardown(
                load=self.project.load,
                folder=coordinator.folder,
                api=api,
                run=coordinator.run,
                prove=coordinator.prove_anew,
                database_url=sql_url(self.database_url),
                doubt=coordinator.doubt,
                clean_with=clean_command(self.run_folder),
            ).settle()
        finally:
            api.close()
