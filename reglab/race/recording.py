"""From the races' results to lines of a record."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from reglab.config.suite import Scenario, SuiteFile
from reglab.metrics import METRICS
from reglab.project.proposals.lines_to_add import race_to_add
from reglab.project.requests.raced import writing_scenarios
from reglab.race.anomalies import METRICS as ANOMALIES
from reglab.race.pair_runner import PairResult
from reglab.report.findings import counted
from reglab.report.records import Evidence, Measurement, Remark, RemarkKind

_OTHERS_NAMED = 6


def lines_of_pair(result: PairResult) -> Iterator[Measurement]:
    """Yield the number of meetings, and of those with each kind of anomaly; the first of these is told in full."""
    yield _measurement(result, metric="races_run", value=result.meetings)
    for metric in ANOMALIES:
        found = [anomaly for anomaly in result.anomalies if anomaly.metric == metric]
        evidence = found[0].evidence if found else ()
        others = tuple(
            Evidence(kind="hint", text=f"also: {anomaly.evidence[0].text}", source=anomaly.evidence[0].source)
            for anomaly in found[1 : 1 + _OTHERS_NAMED]
        )
        yield _measurement(result, metric=metric, value=len(found), evidence=(*evidence, *others))


def lines_of_suite(file: SuiteFile, *, unraced: tuple[Scenario, ...]) -> Iterator[Measurement | Remark]:
    """Yield the writing scenarios that nobody races, and each exception that the suite makes, with its reason."""
    evidence = tuple(
        Evidence(kind="hint", text=text)
        for scenario in unraced
        for text in (f"{scenario.name} writes, and is in no race", race_to_add(file, scenario))
    )
    yield Measurement(
        scenario="(races)", metric=METRICS["unraced_scenarios"], values=(len(unraced),), evidence=evidence
    )
    if several := [one.name for one in writing_scenarios(file.suite) if len(one.all_steps) > 1]:
        text = f"in no race, for only single requests are interleaved: {counted(several)}"
        yield Remark(kind=RemarkKind.NOTE, text=text)
    for exception in file.suite.race_exception:
        pair = "+".join(exception.scenarios)
        fields = ", ".join(exception.fields)
        yield Remark(kind=RemarkKind.NOTE, text=f"{pair}: {fields} may be of another moment: {exception.reason}")
    names = [scenario.name for scenario in file.suite.scenario]
    for out in file.suite.without_race:
        idle = not any(fnmatchcase(name, out.scenario) for name in names)
        text = f"{out.scenario}: in no race: {out.reason}" + (" (but no scenario is called so)" if idle else "")
        yield Remark(kind=RemarkKind.WARNING if idle else RemarkKind.NOTE, text=text)


def _measurement(result: PairResult, *, metric: str, value: int, evidence: tuple[Evidence, ...] = ()) -> Measurement:
    return Measurement(
        scenario=result.pair.name,
        endpoint=result.pair.endpoint,
        part=result.pair.race,
        metric=METRICS[metric],
        values=(value,),
        evidence=evidence,
    )
