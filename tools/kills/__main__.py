"""`tox -e kills`: kills of random processes of every command; resumed where it stopped.

Exit codes: 0 every promise was kept, 1 one was broken, 2 it could not run, 3 it was stopped before its end.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Final

from tools.kills.projects import Projects
from tools.kills.rounds import COMMANDS, NOTHING, Round, Undisturbed, play, undisturbed

ROOT: Final = Path(__file__).resolve().parents[2]
PASS, FAIL, COULD_NOT_RUN, INCONCLUSIVE = 0, 1, 2, 3


def main(arguments: list[str]) -> int:
    """Play the rounds that are missing, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.kills", description=__doc__)
    parser.add_argument("--rounds", type=int, default=200, help="how many kills in all (default: 200)")
    parser.add_argument("--record", type=Path, default=ROOT / "var" / "kills" / "rounds.jsonl")
    parser.add_argument("--only", choices=tuple(COMMANDS), help="rounds of one command alone")
    parser.add_argument("--again", action="store_true", help="begin anew instead of going on")
    options = parser.parse_args(arguments)
    options.record.parent.mkdir(parents=True, exist_ok=True)
    if options.again:
        options.record.unlink(missing_ok=True)
    try:
        return _play(options)
    except KeyboardInterrupt:
        print(f"Stopped; the rounds so far are in {options.record}: the same command goes on.", file=sys.stderr)
        return INCONCLUSIVE
    except OSError as error:
        print(f"The campaign could not go on: {error}", file=sys.stderr)
        return COULD_NOT_RUN


def _play(options: argparse.Namespace) -> int:
    found = _read(options.record)
    names = [options.only] if options.only else list(COMMANDS)
    with Projects.made(ROOT) as projects:
        wholes: dict[str, Undisturbed] = {}
        for number in range(len(found), options.rounds):
            name = names[number % len(names)]
            if name not in wholes:
                wholes[name] = undisturbed(name, projects)
            done = play(name, projects, seed=number, whole=wholes[name])
            found.append(done)
            with options.record.open("a", encoding="utf-8") as file:
                file.write(json.dumps(done.line()) + "\n")
            print(done.sentence, flush=True)
    broken = [each for each in found if each.broken]
    met = sum(each.victim != NOTHING for each in found)
    print(f"{len(found)} rounds, {met} kills that met a process, {len(broken)} broken promises")
    for each in broken:
        print(f"FAIL {each.sentence}")
    return FAIL if broken else PASS


def _read(record: Path) -> list[Round]:
    if not record.exists():
        return []
    return [Round.of_line(json.loads(line)) for line in record.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
