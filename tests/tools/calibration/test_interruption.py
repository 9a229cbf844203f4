"""A calibration that is told to end."""

import subprocess
import sys
from pathlib import Path

from tools.calibration.figures import BEGIN, END
from tools.calibration.results import RESULTS

PROJECT = Path(__file__).resolve().parents[3]
# Its only trial is there already when it is told to end.
CALIBRATION = """
import os, shutil, signal, sys
from pathlib import Path
from tools.calibration import __main__ as calibration

trial, results, document = sys.argv[1:]

def complete(*_, **__):
    shutil.copy(trial, results)
    os.kill(os.getpid(), signal.SIGTERM)

calibration._complete = complete
sys.exit(calibration.main(["--results", results, "--document", document]))
"""


def test_a_terminated_calibration_writes_its_figures(tmp_path: Path) -> None:
    """SIGTERM, as a CI server sends it, is Ctrl-C: the figures hold the trials that were finished."""
    trial, results, document = (tmp_path / name for name in ("trial.jsonl", "results.jsonl", "method.md"))
    trial.write_text(f"{RESULTS.read_text(encoding='utf-8').splitlines()[0]}\n", encoding="utf-8")
    document.write_text(f"{BEGIN}\nstale\n{END}\n", encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-c", CALIBRATION, str(trial), str(results), str(document)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (130, "calibration: interrupted; what was finished is kept\n")
    assert "1 trials from 1 batches" in document.read_text(encoding="utf-8")
