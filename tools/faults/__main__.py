"""`tox -e faults`: the fault campaign on the orders service; resumed where it stopped, figures to docs/reliability.md.

Exit codes: 0 every promise was kept, 1 one was broken, 2 it could not run, 3 it was stopped before its end.
"""

import argparse
import sys
import traceback
from pathlib import Path

from reglab.errors import ServerError
from tools.faults import campaign, page
from tools.faults.outcome import Outcome

ROOT = Path(__file__).resolve().parents[2]
RECORD = ROOT / "tools" / "faults" / "results.jsonl"
PAGE = ROOT / "docs" / "reliability.md"
PASS, FAIL, COULD_NOT_RUN, INCONCLUSIVE = 0, 1, 2, 3


def main(arguments: list[str]) -> int:
    """Run a part of the campaign and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.faults", description=__doc__)
    parser.add_argument("part", nargs="?", choices=campaign.PARTS, default="all")
    parser.add_argument("--minutes", type=float, help="stop after the round in which this time is up")
    parser.add_argument("--record", type=Path, help="the rounds' file (default: committed for `all`, else var/faults)")
    parser.add_argument("--again", action="store_true", help="begin anew instead of going on")
    options = parser.parse_args(arguments)
    is_whole = options.part == "all"
    record = options.record or (RECORD if is_whole else ROOT / "var" / "faults" / f"{options.part}.jsonl")
    if options.again or not is_whole:
        # A part tells about the service as it is now.
        record.unlink(missing_ok=True)
    try:
        found = campaign.run(part=options.part, record=record, minutes=options.minutes)
    except KeyboardInterrupt:
        print(f"Stopped; the rounds so far are in {record}: the same command goes on.", file=sys.stderr)
        return INCONCLUSIVE
    except (ServerError, TimeoutError, OSError) as error:
        print(f"The campaign could not go on: {error}", file=sys.stderr)
        return COULD_NOT_RUN
    except Exception as error:  # noqa: BLE001  # the last handler: one sentence, and where the rest is
        trace = record.with_suffix(".traceback.txt")
        trace.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
        print(f"The campaign itself failed ({type(error).__name__}); its traceback is in {trace}.", file=sys.stderr)
        return COULD_NOT_RUN
    if is_whole and record == RECORD:
        page.write(PAGE, found)
    return _verdict(found, part=options.part)


def _verdict(found: list[Outcome], *, part: str) -> int:
    print(page.figures(found))
    for outcome in found:
        if not outcome.is_good:
            print(f"FAIL {outcome.fault} #{outcome.round}: {outcome}")
    if not all(outcome.is_good for outcome in found):
        return FAIL
    return PASS if campaign.is_complete(found, part=part) else INCONCLUSIVE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
