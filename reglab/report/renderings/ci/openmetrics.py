"""The verdict's measurements as OpenMetrics text, for Prometheus and whatever else reads it."""

from collections.abc import Iterable

from reglab.report.records import Measurement
from reglab.report.verdict import Verdict


def render(verdict: Verdict) -> str:
    """Return a gauge a metric, and one for the verdict's exit code (prometheus.io, OpenMetrics 1.0)."""
    by_metric: dict[str, list[Measurement]] = {}
    for sample in verdict.samples:
        by_metric.setdefault(sample.metric.name, []).append(sample)
    parts = ["# TYPE reglab_exit_code gauge\n", "# HELP reglab_exit_code 0 pass, 1 fail, 3 inconclusive.\n"]
    parts.append(f"reglab_exit_code{_labels((('run', verdict.run),))} {verdict.exit_code}\n")
    for name, samples in by_metric.items():
        metric = samples[0].metric
        parts.append(f"# TYPE reglab_{name} gauge\n# HELP reglab_{name} {_escaped(metric.meaning)}, {metric.unit}.\n")
        parts += [f"reglab_{name}{_labels(_of(sample))} {sample.median}\n" for sample in samples]
    return f"{''.join(parts)}# EOF\n"


def _of(sample: Measurement) -> Iterable[tuple[str, str]]:
    return (
        ("instrument", sample.instrument),
        ("scenario", sample.scenario),
        ("endpoint", sample.endpoint),
        ("part", sample.part),
        ("variant", sample.variant),
    )


def _labels(pairs: Iterable[tuple[str, str]]) -> str:
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in pairs if value) + "}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
