"""The user id that the server runs as, with setpriv and without it."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from reglab.postgres.account.server_user import Account
from tests.postgres.owners import Owner, is_gone, start_owner, wait_until

WITHOUT_SETPRIV = "__import__('shutil').__setattr__('which', lambda name: None) or Server.throwaway()"


def test_a_command_runs_as_the_account() -> None:
    """What the account runs has its user id, its group, and no other group."""
    account = Account.of_server()
    finished = subprocess.run(account.command("/usr/bin/id", "-u"), check=True, capture_output=True, text=True, cwd="/")
    assert finished.stdout.strip() == str(account.uid)


def test_without_setpriv_a_killed_owner_leaves_no_server(owners: list[Owner]) -> None:
    """Where there is no setpriv, the server has another user id and a death signal all the same."""
    owner = start_owner(WITHOUT_SETPRIV)
    owners.append(owner)
    assert psutil.Process(owner.facts["pid"]).uids().effective == Account.of_server().uid
    assert psutil.Process(owner.facts["pid"]).ppid() == owner.process.pid
    owner.kill()
    wait_until(lambda: is_gone(owner.facts["pid"]), what="the server of a killed owner to end")


def test_busyboxs_setpriv_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """BusyBox's setpriv knows no death signals: it is not used."""
    (tmp_path / "busybox").touch(mode=0o755)
    (tmp_path / "setpriv").symlink_to("busybox")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert Account.of_server().command("program")[0] == sys.executable


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: others can enter what they own")
def test_a_closed_folder_cannot_be_entered(tmp_path: Path) -> None:
    """A folder behind a closed parent is known to be out of the account's reach."""
    inside = tmp_path / "home" / "inside"
    inside.mkdir(parents=True)
    (tmp_path / "home").chmod(0o700)
    assert not Account.of_server().can_enter(inside)
    assert Account.of_server().can_enter(Path("/tmp"))  # noqa: S108  # only looked at
