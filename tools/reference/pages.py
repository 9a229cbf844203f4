"""Each reference page as Markdown."""

import argparse
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from reglab.commands import COMMANDS
from reglab.metrics import METRICS, Assumption, Better
from reglab.report.policy import read_policy
from reglab.report.schemas import schema_files
from tools.reference.examples import examples
from tools.reference.schemas import tables

FOLDER: Final = Path(__file__).parents[2] / "docs" / "reference"
_NOTE: Final = "<!-- Written by `python -m tools.reference`; a test holds it up to date. -->\n"
_DIRECTIONS: Final = {Better.LOWER: "less is better", Better.HIGHER: "more is better", Better.SAME: "any change counts"}
_ONE_PARSER: Final = (
    "`reglab COMMAND` and, with `reglab` among the installed apps, `manage.py COMMAND` have one parser. "
    "Exit codes: 0 pass, 1 fail, 2 could not run, 3 inconclusive."
)
_ANY_PROJECT: Final = (
    "The rules that hold for any project, as reglab/report/policy.toml has them: why each exists, and what to do "
    "when it fails. A project changes one by its name, with a reason, in its own policy."
)
_FILES: Final = {
    "configuration": "`[tool.reglab]` in pyproject.toml, or the same keys in reglab.toml",
    "suite": "the scenarios: one TOML file, or a folder of them",
    "policy": "the project's own rules, laid over the package's",
    "profile": "a load profile",
    "targets": "the servers that a load test may send to",
}


def pages() -> Iterator[tuple[str, str]]:
    """Yield the name and the text of every page."""
    yield "commands.md", _NOTE + _commands()
    yield "files.md", _NOTE + _files()
    yield "rules.md", _NOTE + _rules()
    yield "metrics.md", _NOTE + _metrics()


def _commands() -> str:
    lines = [
        "# Commands\n",
        f"{_ONE_PARSER}\n",
    ]
    for command in COMMANDS:
        parser = argparse.ArgumentParser(prog=f"reglab {command.name}", add_help=False)
        command.add_arguments(parser)
        lines += [f"## {command.name}\n", f"{command.help}\n", *_options(parser)]
    return "\n".join(lines)


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    own = [action for action in parser._actions if action.help is not argparse.SUPPRESS]  # noqa: SLF001
    plain = [action for action in own if not isinstance(action, argparse._SubParsersAction)]  # noqa: SLF001
    if plain:
        yield from ("| option | meaning |", "|---|---|")
        yield from (f"| {_name(action)} | {_cell(_help(action))} |" for action in plain)
        yield ""
    for action in own:
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            helps = {choice.dest: choice.help for choice in action._choices_actions}  # noqa: SLF001
            for name, sub in action.choices.items():
                yield from (f"### {parser.prog.removeprefix('reglab ')} {name}\n", f"{helps.get(name) or ''}\n")
                yield from _options(sub)


def _name(action: argparse.Action) -> str:
    value = action.metavar or (action.dest.upper() if action.nargs != 0 else "")  # as argparse shows it
    text = _cell(" ".join(value) if isinstance(value, tuple) else value)
    if not action.option_strings:
        return f"`{text or action.dest}`"
    return f"`{action.option_strings[-1]}{f' {text}' if action.nargs != 0 else ''}`"


def _help(action: argparse.Action) -> str:
    shown = vars(action) | {"prog": "reglab"}
    said = (action.help or "") % shown
    words = [str(choice) for choice in action.choices or () if choice != []]
    if not all(word in said for word in words):
        said += f" ({', '.join(words)})"
    return said


def _files() -> str:
    lines = ["# Files\n", "Every key of the files that you write. A misspelt key is refused with the nearest one.\n"]
    schemas = {Path(name).stem: text for name, text in schema_files()}
    for kind, what in _FILES.items():
        lines += [f"## {kind}\n", f"{what}. Schema: [{kind}.json](../schema/{kind}.json).\n", *tables(schemas[kind])]
    return "\n".join(lines)


def _rules() -> str:
    lines = [
        "# Rules\n",
        f"{_ANY_PROJECT}\n",
    ]
    shown = examples()
    for instrument, rules in groupby(read_policy().rule, key=lambda rule: rule.instrument):
        lines.append(f"## {instrument}\n")
        for rule in rules:
            lines += [f"### {rule.name}\n", f"*{_bound(rule)}* {rule.reason}\n", f"**What to do.** {rule.next_step}\n"]
            if rule.name in shown:
                lines.append(shown[rule.name])
    return "\n".join(lines)


def _bound(rule: Any) -> str:
    """Return a rule's test in words: the kind of test, its bounds, and the metrics that it looks at."""
    bounds = [
        f"{name.replace('_', ' ')} {value:g}"
        for name in ("equals", "at_most", "at_least", "tolerance", "slack", "margin", "min_samples")
        if (value := getattr(rule, name, None))
        or (value == 0 and name in {"equals", "at_most"} and getattr(rule, name, None) is not None)
    ]
    return f"{rule.test}{': ' if bounds else ''}{', '.join(bounds)}; {_named(rule.metrics)}; a breach: {rule.breach}."


def _named(metrics: Iterable[str]) -> str:
    return ", ".join(f"`{metric}`" for metric in metrics)


def _metrics() -> str:
    lines = ["# Metrics\n", "Everything that an instrument records.\n"]
    for title, assumption in (("Exact", Assumption.EXACT), ("Sampled", Assumption.SAMPLED)):
        lines += [f"## {title}\n", "| metric | unit | meaning | direction |", "|---|---|---|---|"]
        lines += [
            f"| `{one.name}` | {_cell(one.unit)} | {_cell(one.meaning)} | {_DIRECTIONS[one.better]} |"
            for one in sorted(METRICS.values(), key=lambda each: each.name)
            if one.assumption is assumption
        ]
        lines.append("")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
