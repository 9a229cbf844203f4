"""Every quantity that an instrument may record: its unit, its better direction, its assumption.

A work counter declares its metrics in its own file of reglab.counters; they are collected from there. Here stand the
metrics that no counter takes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import import_module
from typing import Final


class Better(StrEnum):
    """The direction in which a change of a metric is an improvement."""

    LOWER = "lower"
    HIGHER = "higher"
    SAME = "same"


class Assumption(StrEnum):
    """What a metric's values are allowed to do between two runs of the same code."""

    EXACT = "exact"
    SAMPLED = "sampled"


class Shown(StrEnum):
    """The table of an endpoint's page that a metric belongs to."""

    FIGURES = "figures"
    STATEMENTS = "statements"
    WRITES = "writes"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Metric:
    """A measured quantity. Nothing downstream special-cases one: all that matters is declared here.

    Each is declared once and compared by identity. `told_as` says what its part "{table}: {order}" means, for a reader.
    """

    name: str
    unit: str
    meaning: str
    better: Better = Better.LOWER
    assumption: Assumption = Assumption.EXACT
    shown: Shown = Shown.FIGURES
    told_as: str = ""

    @property
    def is_accepted(self) -> bool:
        """Whether somebody accepts its values: only a work counter's stand in the ledger."""
        return False


def _exact(name: str, unit: str, meaning: str, better: Better = Better.LOWER, shown: Shown = Shown.FIGURES) -> Metric:
    return Metric(name=name, unit=unit, better=better, meaning=meaning, shown=shown)


def _sampled(name: str, unit: str, meaning: str, better: Better = Better.LOWER) -> Metric:
    return Metric(name=name, unit=unit, better=better, assumption=Assumption.SAMPLED, meaning=meaning)


_AUDIT: Final = (
    _exact(
        "writes_outside_contract",
        "rows",
        "rows written or lost that the scenario's write-set does not allow",
        shown=Shown.WRITES,
    ),
    _exact(
        "writes_missing",
        "rows",
        "rows that the write-set promises and the scenario did not write",
        shown=Shown.WRITES,
    ),
    _exact("growth_exponent", "exponent", "k where the counter grows like size to the power of k"),
    _exact("uncovered_endpoints", "endpoints", "endpoint and method pairs with neither a scenario nor a waiver"),
    _exact("audit_errors", "errors", "scenarios that could not be measured as declared"),
    _exact("unstable_counters", "counters", "counters that disagreed with themselves within one audit"),
)

_RACE: Final = (
    _exact("races_run", "meetings", "meetings of a pair of requests: in both orders, and interleaved", Better.HIGHER),
    _exact("race_hangs", "interleavings", "interleavings in which one request waits for the other outside of SQL"),
    _exact("race_deadlocks", "interleavings", "interleavings in which each request waits for the other"),
    _exact("race_server_errors", "answers", "answers of 5xx to a request that another one met"),
    _exact("race_row_anomalies", "interleavings", "interleavings whose rows no serial order leaves"),
    _exact(
        "race_answer_anomalies", "interleavings", "interleavings with right rows whose answers no serial order gives"
    ),
    _exact("races_undecided", "interleavings", "interleavings that neither ended nor were refuted"),
    _exact("unraced_scenarios", "scenarios", "writing scenarios in no race and not left out with a reason"),
)

# Audits beyond counting. Each value is a number of findings of one kind, told in the measurement's evidence.
_PROBES: Final = (
    _exact(
        "lost_conditions",
        "statements",
        "statements that are accepted ones without a condition, a limit or the index that served them",
    ),
    _exact("faults_tried", "faults", "statements that were made to fail, one an execution", Better.HIGHER),
    _exact(
        "partial_writes",
        "faults",
        "failed statements after which a part of the rows, or a lock, stays; lost commits that are written twice",
    ),
    _exact("unwritten_successes", "faults", "failed statements after which a 2xx answers for rows that are not there"),
    _exact(
        "failures_blamed",
        "faults",
        "failures of the database that are answered with a 4xx, as if the client were wrong",
    ),
    _exact("commit_work_failures", "requests", "requests whose rows stay although work after the commit fails them"),
    _exact("cells_opened", "cells", "pairs of endpoint and caller that are let in and were not accepted so"),
    _exact("cells_changed", "cells", "pairs of endpoint and caller whose status is not the accepted one"),
    _exact("cells_tried", "cells", "pairs of endpoint and caller that were tried", Better.HIGHER),
    _exact("exposed_urls", "URLs", "URLs for developers that answer a caller without rights under closed settings"),
    _exact("deploy_issues", "issues", "issues of Django's deployment checks under closed settings"),
    _exact("header_issues", "issues", "security headers, and flags of cookies, that answers lack or lost"),
    _exact("guards_changed", "settings", "settings that guard callers or databases and are not as accepted"),
    _exact(
        "caller_queries", "queries", "queries more than accepted that a request costs a caller under closed settings"
    ),
    _exact("canaries_sent", "values", "values of requests that were a canary once", Better.HIGHER),
    _exact("injections", "values", "values of requests that reach the text of a statement unquoted"),
    _exact("values_inlined", "values", "values of requests that reach the text of a statement, quoted by the project"),
    _exact("unescaped_values", "values", "values of requests that reach HTML with their markup unescaped"),
    _exact("foreign_redirects", "values", "values of requests that lead a browser to another host"),
    _exact("inputs_tried", "inputs", "inputs at, inside and beyond the limits of fields that were sent", Better.HIGHER),
    _exact("inputs_crashed", "inputs", "inputs that ended the process, or kept it busy beyond its limit of CPU time"),
    _exact("inputs_failed", "inputs", "inputs that are answered with a 5xx"),
    _exact("inputs_taken", "values", "values that a field refused when it was accepted, and takes now"),
    _exact("inputs_refused", "values", "values that a field took when it was accepted, and refuses now"),
    _exact(
        "unsent_changed",
        "requests",
        "requests that no scenario sends and that are answered, or write, otherwise than accepted",
    ),
    _exact("values_altered", "fields", "fields whose value is stored otherwise than it was sent, with a 2xx"),
    _exact("read_only_written", "fields", "fields that only the service sets, and that a request can set"),
    _exact("variants_tried", "kinds", "kinds of rows that a scenario was measured on alone", Better.HIGHER),
    _exact("variant_growth", "queries", "queries more a row of one kind alone"),
    _exact("variant_repeats", "filters", "filters that no scenario sends and that can give one row several times"),
    _exact("variant_errors", "kinds", "kinds of rows on which a scenario answers 5xx"),
    _exact("leak_rounds", "executions", "executions on different rows", Better.HIGHER),
    _exact("rows_failed", "requests", "requests on another row than the scenario's that are answered 5xx"),
    _exact("entries_kept", "objects", "objects and entries that each execution on another row leaves in memory"),
    _exact("threads_left", "threads", "threads that are alive after the answer"),
    _exact("sessions_left", "sessions", "database sessions that are open after the answer"),
    _exact("files_left", "files", "files and sockets that are open after the answer"),
    _exact("answers_stale", "answers", "answers that depend on what was asked before"),
    _exact("answers_unordered", "answers", "answers whose rows stand otherwise when they lie otherwise in their table"),
    _exact("migrations_tried", "migrations", "new migrations that ran on the base's filled database", Better.HIGHER),
    _exact("rows_lost", "rows", "rows that a migration deletes or changes, outside of what it declares"),
    _exact("blocking_locks", "tables", "tables that a migration locks against readers or writers"),
    _exact("long_locks", "tables", "tables that readers wait for while a migration writes or reads rows"),
    _exact("tables_rewritten", "tables", "tables that a migration rewrites as a whole"),
    _exact("irreversible_migrations", "migrations", "migrations that cannot be undone, or undone otherwise than done"),
    _exact("constraints_lost", "constraints", "constraints that a migration drops and that nothing stands in for"),
    _exact("indexes_lost", "indexes", "indexes that a migration drops and that a scenario's statement asks for"),
    _exact(
        "schemas_apart", "tables", "tables of an upgraded database that a new one has otherwise: a migration was edited"
    ),
    _exact("migration_errors", "migrations", "migrations that fail on the base's filled database"),
)

_PAIRS: Final = (
    _exact("pair_bounds_broken", "bounds", "bounds of a before/after pair that its measured sides do not keep"),
    _exact("unjudged_pairs", "pairs", "before/after pairs without bounds that no rule of the policy names"),
)

_TIME: Final = (
    _sampled("seconds", "s", "wall time of one round"),
    _sampled("cpu_seconds", "s", "CPU time of one round"),
)

_LOAD: Final = (
    _sampled("requests", "requests", "requests completed in the judged window", Better.HIGHER),
    _sampled("arrivals_planned", "arrivals", "intended requests of the whole run", Better.SAME),
    _sampled("arrivals_unaccounted", "arrivals", "planned arrivals that were neither completed, dropped nor unknown"),
    _sampled("arrivals_dropped", "arrivals", "arrivals that were not sent because too many were in flight"),
    _sampled("throughput_rps", "requests/s", "completed requests a second in the judged window", Better.HIGHER),
    _sampled("received_bytes", "bytes", "bytes of the answers' bodies in the judged window", Better.SAME),
    _sampled("failure_rate", "fraction", "failed requests over all, in the judged window"),
    _sampled("server_error_rate", "fraction", "5xx answers and broken connections over all requests"),
    _sampled("latency_ms_min", "ms", "smallest latency of a success, from the intended start"),
    _sampled("latency_ms_mean", "ms", "mean latency, from the intended start; no SLO: it hides what is slow"),
    _sampled("latency_ms_p50", "ms", "median latency of successes, from the intended start"),
    _sampled("latency_ms_p95", "ms", "95th percentile of latency, from the intended start"),
    _sampled("latency_ms_p99", "ms", "99th percentile of latency, from the intended start"),
    _sampled("latency_ms_max", "ms", "largest latency, from the intended start"),
    _sampled("dispatch_late_ms_p99", "ms", "99th percentile of how late an arrival was sent"),
    _sampled("generator_cpu_percent", "%", "CPU of the busiest load-generating process"),
    _sampled("generator_workers_lost", "workers", "load-generating processes that vanished during the run"),
    _sampled("server_count_difference", "requests", "requests that the service counted and the generator did not"),
    _sampled("target_revisions", "revisions", "distinct revisions that the target answered with", Better.SAME),
    _sampled("lost_writes", "writes", "acknowledged writes that are not found exactly once afterwards"),
    _sampled("ledger_violations", "rows", "rows that contradict the write ledger: totals, references, unknown rows"),
    _sampled("leftover_rows", "rows", "rows of the run that the clean-up left behind"),
    _sampled("database_cpu_percent", "%", "CPU of the database server, of one core"),
    _sampled("database_connections_percent", "%", "connections in use over the server's limit"),
    _sampled("service_cpu_percent", "%", "CPU of the service's processes, of one core"),
    _sampled("service_memory_growth", "% an hour", "growth of the service's memory, an end of its 95 % interval"),
    _sampled("database_sessions_growth", "% an hour", "growth of the database's sessions, an end of its 95 % interval"),
    _sampled("service_memory_bytes", "bytes", "largest resident memory of the service's processes"),
    _sampled("server_queries_per_request", "queries", "queries a request under load, from Server-Timing"),
    _sampled("server_database_ms_per_request", "ms", "database time a request under load, from Server-Timing"),
    _sampled("readiness_failures", "probes", "readiness probes that did not answer 200"),
    _sampled("against_queries", "x", "queries a request under load, over those of the run named by --against"),
    _sampled("against_latency_p95", "x", "p95 latency over that of the run named by --against"),
    _sampled("capacity_rps", "requests/s", "largest rate that meets all SLOs", Better.HIGHER),
)


class _Metrics(Mapping[str, Metric]):
    """All metrics by name. The counters are looked for at the first question, because they import records."""

    def __getitem__(self, name: str) -> Metric:
        return _by_name()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_by_name())

    def __len__(self) -> int:
        return len(_by_name())


METRICS: Final[Mapping[str, Metric]] = _Metrics()


@cache
def _by_name() -> dict[str, Metric]:
    # By name: the counters lie above the metrics, and a new one is a new file that nothing else names.
    counted = import_module("reglab.counters.engine.registry").counted_metrics()
    return {metric.name: metric for metric in (*counted, *_AUDIT, *_RACE, *_PROBES, *_PAIRS, *_TIME, *_LOAD)}
