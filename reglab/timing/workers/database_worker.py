"""A side's first process: it makes the side's databases, binds and examines the scenarios, and hands out copies."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.db import connections

from reglab.config.suite import SuiteFile
from reglab.counters.engine.execution import Execution, Executor
from reglab.counters.engine.point_bench import PointBench
from reglab.project.data.bloat_cleanup import Traces
from reglab.project.data.databases import MeasuringDatabases, measuring_databases, own_aliases
from reglab.project.data.dataset import Dataset
from reglab.project.data.dataset_sizes import Point
from reglab.project.data.isolation import no_collection
from reglab.project.requests.binding import bound_values
from reglab.project.requests.request_builder import prepared
from reglab.project.source_lines import ProjectFrames
from reglab.timing.precheck import COUNTS
from reglab.timing.workers.project_loader import SideProject
from reglab.timing.workers.request_codec import packed


class Builder:
    """Makes databases by the side's own migrations and the suite's dataset hook, and keeps them until it is closed."""

    def __init__(self, project: SideProject, file: SuiteFile) -> None:
        self._project = project
        self._file = file
        self._copies: set[str] = set()
        self._databases: MeasuringDatabases | None = None
        self._bench: PointBench | None = None

    def described(self) -> dict[str, str]:
        """Say what this side runs on."""
        return self._project.described()

    def build(self, *, sizes: Mapping[str, int]) -> dict[str, str]:
        """Make the databases; give the cookies that every request on them carries."""
        file = self._file
        in_dataset = {name: size for name, size in sizes.items() if not file.suite.axes[name].in_request}
        dataset = Dataset(file)
        self._project.refuse_strangers()
        self._databases = self._project.stack.enter_context(measuring_databases(build=dataset.build))
        self._databases.use(in_dataset)
        cookies = dataset.cookies(**in_dataset)
        self._bench = PointBench(
            file=file,
            point=Point(variant="", axis="", sizes=sizes, dataset_sizes=in_dataset),
            executor=Executor(cookies=cookies, traces=Traces(restore=self._databases.restore)),
            frames=ProjectFrames(base=Path.cwd()),
        )
        return {name: morsel.value for name, morsel in cookies.items()}

    def examine(self, *, scenario: str) -> dict[str, Any]:
        """Count a scenario's work, and give what it answers, twice. `complaint` says what is not as declared."""
        assert self._bench is not None  # noqa: S101  # `build` came first
        declared = next(each for each in self._file.suite.scenario if each.name == scenario)
        with no_collection():
            taking = self._bench.take(declared, is_first=True)
        if taking.complaint:
            return {"complaint": taking.complaint}
        # The copies have the same rows: what is bound here holds for every process that is timed.
        values = bound_values(self._file, declared, sizes=self._bench.point.sizes)
        requests = prepared(self._file.suite, declared, values)
        answers = [_answers(self._bench.executor.execute(requests)) for _ in range(2)]
        self._bench.executor.clean_up()
        self._project.refuse_strangers()
        return {
            "complaint": "",
            "answers": answers,
            "counts": COUNTS.dump_json(list(taking.counts)).decode(),
            "requests": packed(requests),
        }

    def clone(self, *, suffix: str) -> dict[str, str]:
        """Copy the databases as they were built; give the copies' names by alias."""
        if not self._copies:
            assert self._databases is not None  # noqa: S101  # `build` came first
            self._databases.restore()
        self._copies.add(suffix)
        names = {}
        for alias in own_aliases():
            connections[alias].creation.clone_test_db(suffix=suffix, verbosity=0)
            names[alias] = str(connections[alias].creation.get_test_db_clone_settings(suffix)["NAME"])
        return names

    def drop(self, *, suffix: str) -> None:
        """Drop copies whose users have ended."""
        for alias in own_aliases():
            connections[alias].creation.destroy_test_db(suffix=suffix, verbosity=0)
        self._copies.discard(suffix)

    def close(self) -> None:
        """Drop every database that was made."""
        for suffix in list(self._copies):
            with suppress(Exception):  # its user may still be dying, and the server with it
                self.drop(suffix=suffix)
        self._project.close()


def _answers(execution: Execution) -> list[tuple[int, str]]:
    return [(answer.status, answer.body.decode(errors="replace")) for answer in execution.answers]
