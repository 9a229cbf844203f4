"""Places: folders with odd names, full or read-only disks, other owners, no locale; a pass or one sentence."""

import json
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tests.environments.kiosks import Kiosk, assert_one_sentence, copied, mounted

pytestmark = pytest.mark.slow
ODD = "a, b; c:d 'ü' %20 #1 $HOME"
AUDIT = ("audit", "--only", "papers")


def test_a_project_and_a_temporary_folder_of_odd_names(accepted_kiosk: Path, place: Path) -> None:
    """A comma, a colon, spaces and letters beyond ASCII in both paths: the audit passes."""
    kiosk = copied(accepted_kiosk, place / ODD / "kiosk")
    (place / ODD / "tmp").mkdir()
    done = kiosk.run(*AUDIT, TMPDIR=str(place / ODD / "tmp"))
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_long_temporary_folder_and_no_locale(kiosk: Kiosk, place: Path) -> None:
    """A path far longer than a socket's, and a container without any locale: the audit passes."""
    long = place / ("x" * 100) / ("y" * 100)
    long.mkdir(parents=True)
    done = kiosk.run(*AUDIT, TMPDIR=str(long), LANG="C", LC_ALL="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 0, done.stdout + done.stderr


def test_variables_of_libpq_change_nothing(kiosk: Kiosk, temporary: Path) -> None:
    """An environment made for another server: the audit's own clients do not read it, and it is said."""
    done = kiosk.run(
        *AUDIT,
        TMPDIR=str(temporary),
        PGSERVICE="elsewhere",
        PGHOSTADDR="192.0.2.1",
        PGCHANNELBINDING="require",
        PGGSSENCMODE="require",
        PGTARGETSESSIONATTRS="standby",
        PGOPTIONS="-c statement_timeout=1 -c search_path=nowhere",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "left out of the environment on the audit's own server: PGCHANNELBINDING, PGGSSENCMODE" in done.stderr


def test_a_byte_order_mark_is_read_over(kiosk: Kiosk) -> None:
    """Files that an editor on Windows has saved: configuration, suite and ledger are read."""
    for path in (
        kiosk.folder / "pyproject.toml",
        kiosk.folder / "suite" / "kiosk.toml",
        *kiosk.folder.glob("ledger/*.json"),
    ):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    done = kiosk.run(*AUDIT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_same_command_from_elsewhere(kiosk: Kiosk, place: Path) -> None:
    """Through a link to the project, with the suite in full and the run folder relative: the audit passes."""
    link = place / "link"
    link.symlink_to(kiosk.folder)
    done = kiosk.run(*AUDIT, "--suite", str(kiosk.folder / "suite"), "--run", "../here", folder=link)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (kiosk.folder.parent / "here" / "work.jsonl").exists()


def test_two_runs_at_once_in_one_checkout(kiosk: Kiosk, temporary: Path) -> None:
    """Two jobs on one machine share a checkout: both pass, in run folders of their own."""
    processes = [
        subprocess.Popen(
            kiosk.command(*AUDIT),
            cwd=kiosk.folder,
            env={**kiosk.environment, "TMPDIR": str(temporary)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for _ in range(2)
    ]
    outputs = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outputs
    assert len(list((kiosk.folder / "var" / "runs").iterdir())) == 2


@pytest.mark.namespaces
def test_a_read_only_checkout(kiosk: Kiosk, temporary: Path) -> None:
    """Where nothing can be written the run goes elsewhere, which is said."""
    below = kiosk.below(*mounted(f"mount --bind -o ro '{kiosk.folder}' '{kiosk.folder}'"), TMPDIR=str(temporary))
    done = below.run(*AUDIT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "cannot be written (Read-only file system); this run is in" in done.stderr


@pytest.mark.namespaces
def test_a_temporary_folder_that_runs_no_programs(kiosk: Kiosk, temporary: Path) -> None:
    """A noexec TMPDIR holds data; what has to run is taken from elsewhere."""
    below = kiosk.below(*mounted(f"mount -t tmpfs -o noexec,mode=1777 none '{temporary}'"), TMPDIR=str(temporary))
    done = below.run(*AUDIT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.namespaces
@pytest.mark.parametrize("size", ["1m", "30m"])
def test_a_full_disk_is_one_sentence(kiosk: Kiosk, temporary: Path, size: str) -> None:
    """Without room for the database the command could not run, and says which place is full."""
    below = kiosk.below(*mounted(f"mount -t tmpfs -o size={size},mode=1777 none '{temporary}'"), TMPDIR=str(temporary))
    assert_one_sentence(below.run(*AUDIT), "No space left on device")


def test_an_answer_that_nests_too_deeply(kiosk: Kiosk) -> None:
    """200,000 brackets in an answer are no crash of the harness, nor a bad change before somebody accepted it."""
    views = kiosk.folder / "stock" / "views.py"
    text = views.read_text(encoding="utf-8")
    views.write_text(
        text.replace(
            '    return JsonResponse({"rows"',
            "    from django.http import HttpResponse\n\n    Paper.objects.count()\n"
            "    return HttpResponse('[' * 200000, content_type='application/json')\n"
            '    return JsonResponse({"rows"',
        ),
        encoding="utf-8",
    )
    shutil.rmtree(kiosk.folder / "ledger")
    done = kiosk.run(*AUDIT, "--accept", "brackets")
    assert "Traceback" not in done.stderr
    assert "harness" not in done.stderr
    assert done.returncode in (0, 1), done.stdout + done.stderr  # 1: it reads all rows of a growing table


def test_files_of_a_strict_umask_are_the_users_alone(kiosk: Kiosk, temporary: Path) -> None:
    """With umask 077 the audit passes, and what it writes is for its user alone."""
    done = kiosk.below("sh", "-c", 'umask 077; exec "$@"', "sh", TMPDIR=str(temporary)).run(*AUDIT)
    assert done.returncode == 0, done.stdout + done.stderr
    (run,) = (kiosk.folder / "var" / "runs").iterdir()
    assert stat.S_IMODE((run / "work.jsonl").stat().st_mode) == 0o600


def test_without_any_git_the_audit_goes_on(kiosk: Kiosk) -> None:
    """A checkout that came as an archive has no revision: a note, and a pass."""
    shutil.rmtree(kiosk.folder / ".git")
    done = kiosk.run(*AUDIT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the revision is unknown: git rev-parse fails" in done.stderr
    (run,) = (kiosk.folder / "var" / "runs").iterdir()
    lines = [json.loads(line) for line in (run / "work.jsonl").read_text(encoding="utf-8").splitlines()]
    assert lines[0]["revision"] == "unknown"
