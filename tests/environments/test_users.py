"""Users of containers: the server runs, or one sentence says what would let it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.environments.kiosks import PROJECT, mounted, nameless, outer_environment, without, without_namespaces

pytestmark = pytest.mark.namespaces
SCRIPT = """
from reglab.console import Console
from reglab.last_handler import exit_code_of
from reglab.postgres.connection import connected, run
from reglab.postgres.server import Server

def ask():
    with Server.throwaway() as server, connected(server.url()) as connection:
        print(run(connection, "SELECT 6 * 7")[0][0])
    return 0

raise SystemExit(exit_code_of("server", ask, Console.of_process()))
"""
_HIDDEN = "for file in /usr/lib/*-linux-gnu/libnss_wrapper.so; do [ ! -e $file ] || mount --bind /dev/null $file; done"
RUNS = {
    "root": (),
    "a user id without a name": nameless(),
    "root of a user namespace alone": ("unshare", "--user", "--map-root-user"),
    "root without CAP_CHOWN": without("chown"),
    "root that can become nobody else": without("setuid", "setgid"),
    "root that may not enter others' folders": without("dac_override", "dac_read_search"),
    "a /dev/shm of 64 kB": mounted("mount -t tmpfs -o size=64k none /dev/shm"),
    "a /dev/shm that cannot be written": mounted("mount -t tmpfs -o ro none /dev/shm"),
    "a strict umask": ("sh", "-c", 'umask 077; exec "$@"', "sh"),
    "few open files": ("sh", "-c", 'ulimit -n 256; exec "$@"', "sh"),
    "a child of a shell that ignores signals": ("nohup",),
}
ADVISED = {
    "a nameless user id where no namespace can be made": (
        (*mounted(_HIDDEN), *without_namespaces(), *nameless(uid=31_234)),
        ("user id 31234 has no name in /etc/passwd", "useradd --uid 31234", "libnss-wrapper", "DATABASE_URL"),
    ),
    "root without any capability": (
        without("all"),
        ("can become no other user", "docker run --user 1000", "CAP_SETUID", "DATABASE_URL"),
    ),
}


def started(prefix: tuple[str, ...], temporary: Path) -> subprocess.CompletedProcess[str]:
    # Somebody else could not write its coverage beside ours.
    outer = {name: value for name, value in outer_environment().items() if not name.startswith("COVERAGE_")}
    return subprocess.run(
        [*prefix, sys.executable, "-c", SCRIPT],
        cwd=PROJECT,
        env={**outer, "TMPDIR": str(temporary), "HOME": "/nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("prefix", RUNS.values(), ids=RUNS)
def test_the_server_runs(temporary: Path, prefix: tuple[str, ...]) -> None:
    """It starts, answers and leaves nothing, whoever runs it in whatever container."""
    done = started(prefix, temporary)
    assert (done.returncode, done.stdout) == (0, "42\n"), done.stderr
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize(("prefix", "parts"), ADVISED.values(), ids=ADVISED)
def test_where_it_cannot_run_the_true_advice_is_given(
    temporary: Path, prefix: tuple[str, ...], parts: tuple[str, ...]
) -> None:
    """It ends with exit 2 and the sentence that names the reason and every way on."""
    done = started(prefix, temporary)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    for part in parts:
        assert part in done.stderr
    assert list(temporary.iterdir()) == []


def test_nss_wrapper_gives_a_name(temporary: Path) -> None:
    """Where the library is installed, a nameless user needs no namespace."""
    library = next((path for path in Path("/usr/lib").glob("*-linux-gnu/libnss_wrapper.so")), None)
    if library is None:
        pytest.skip("libnss-wrapper is not installed on this machine")
    done = started((*without_namespaces(), *nameless(uid=31_234)), temporary)
    assert (done.returncode, done.stdout) == (0, "42\n"), done.stderr
