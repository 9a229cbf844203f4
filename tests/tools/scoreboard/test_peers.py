"""The peers' file, and one real peer on one regression and one neutral change."""

import sys
from pathlib import Path

import pytest

from reglab.postgres.server import Server
from tools.planted.catalogue import everything_planted
from tools.scoreboard.cells import TIMED_SCENARIOS, Bench, concerned_scenarios
from tools.scoreboard.changes import Change, planted_changes, unchanged
from tools.scoreboard.environments import locked_version
from tools.scoreboard.errors import ScoreboardError
from tools.scoreboard.peers import read_peers


def test_every_peer_has_a_folder_and_a_locked_version() -> None:
    """A peer without either could not be set up by anybody else."""
    for peer in read_peers():
        assert peer.folder.is_dir()
        assert locked_version(peer.name, peer.name)


def test_a_misspelt_key_is_named(tmp_path: Path) -> None:
    """A mistake in the peers' file is one line with its place."""
    path = tmp_path / "peers.toml"
    path.write_text('[[peer]]\nnmae = "zeal"\n', encoding="utf-8")
    with pytest.raises(ScoreboardError) as raised:
        read_peers(path)
    assert str(raised.value).startswith(f"{path}: peer.0.")
    assert "\n" not in str(raised.value)


def test_every_planted_change_is_shown_to_the_peers() -> None:
    """What the catalogue plants, the scoreboard shows: nothing is left out for being hard on somebody."""
    names = {change.name for change in planted_changes()}
    assert names == {entry.name for entry in everything_planted()}


def test_a_change_is_asked_about_by_the_scenarios_that_it_names() -> None:
    """A glob and a pair name scenarios; what names none, as a load profile does, gets the five timed ones."""
    names = {
        only: concerned_scenarios(Change(name="x", kind="regression", title="x", only=only))
        for only in ("archive-*", "cancel-order + summary", "smoke")
    }
    assert names["archive-*"] == ("archive-order", "archive-archived-order")
    assert names["cancel-order + summary"] == ("cancel-order", "summary")
    assert names["smoke"] == TIMED_SCENARIOS


@pytest.mark.postgres
def test_a_real_peer_catches_a_regression_and_leaves_a_neutral_change_alone(tmp_path: Path) -> None:
    """Exact counts fail on the summary as a loop by their own assertion, and are quiet about comments."""
    peer = next(one for one in read_peers() if one.name == "pytest-django").model_copy(
        update={"scenarios": "concerned"}
    )
    patches = {entry.name: entry.patch for entry in everything_planted()}
    slow, same = "summary-as-a-loop", "comments"
    loop = Change(name=slow, kind="regression", title=slow, only="summary", patch=patches[slow])
    comments = Change(name=same, kind="neutral", title=same, only="summary", patch=patches[same])
    with Server.throwaway() as server:
        bench = Bench.of(peer, python=Path(sys.executable), server=server, root=tmp_path)
        caught, left = bench.observe(loop), bench.observe(comments)
    assert (caught.outcome, caught.reason) == ("failed", "own"), caught
    assert caught.signal.startswith("Failed: Expected to perform 1 queries but")
    assert left.outcome == "quiet", left


def test_the_unchanged_service_is_named_by_all_its_files() -> None:
    """A baseline of another service holds for nothing."""
    assert unchanged().digest != Change(name="x", kind="regression", title="x", patch=Path(__file__)).digest
