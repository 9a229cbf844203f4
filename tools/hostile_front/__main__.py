"""`python -m tools.hostile_front`: a thousand load tests behind a front that turns hostile; none may do any harm."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from tools.hostile_front.simulation import Worlds, simulated

# Committed: what is there is not run again.
RESULTS: Final = Path(__file__).with_name("results.jsonl")
FAIL: Final = 1
HARMS: Final = {
    "touched": "touched a row that was not the run's",
    "created": "made a row in the foreign service",
    "sent_after_cut": "issued a request after the first unproven answer",
    "unaccounted": "had a request received that was never issued, or issued after it",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is still missing, print the sums, and return 0 where no run did harm, 1 otherwise."""
    options = _parser().parse_args(arguments)
    options.results.parent.mkdir(parents=True, exist_ok=True)
    done = {each["number"] for each in _read(options.results)}
    wanted = [number for number in range(options.runs) if number not in done and number % options.of == options.part]
    worlds = Worlds()
    try:
        for number in wanted:
            outcome = simulated(number, worlds)
            with options.results.open("a", encoding="utf-8") as results:
                results.write(json.dumps(asdict(outcome)) + "\n")
            if sys.stderr.isatty():
                print(f"\r{number} of {options.runs}", end="", file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        print(f"interrupted; what is done is kept in {options.results}, the same command goes on", file=sys.stderr)
    finally:
        worlds.close()
    return _summarised(_read(options.results))


def _summarised(outcomes: Sequence[dict[str, Any]]) -> int:
    harmful = [each for each in outcomes if any(each[name] for name in HARMS)]
    cut = sum(each["was_cut"] for each in outcomes)
    reached = sum(bool(each["foreign_writes"]) for each in outcomes)
    print(f"{len(outcomes)} runs; {cut} were stopped by an answer without proof")
    print(f"in {reached} a write reached the foreign service, in flight or never answered; it knows no such path")
    for name, what in HARMS.items():
        print(f"{sum(bool(each[name]) for each in outcomes)} runs {what}")
    for each in harmful[:20]:
        print(json.dumps(each), file=sys.stderr)
    return FAIL if harmful or not outcomes else 0


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except FileNotFoundError:
        return []


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.hostile_front", description=__doc__)
    parser.add_argument("--runs", type=int, default=1000, help="how many runs there shall be (default: %(default)s)")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where they are kept (default: %(default)s)")
    parser.add_argument("--part", type=int, default=0, help="this process's part of the runs, from 0")
    parser.add_argument("--of", type=int, default=1, help="how many processes share them")
    return parser


if __name__ == "__main__":
    sys.exit(main())
