"""Git checkouts of every kind: an unchanged tree is its commit, and git's own sentence reaches the user."""

import hashlib
import sys
from pathlib import Path

import pytest

from reglab.errors import ComparisonError, GitError
from reglab.timing.checkouts import Revisions, exported
from reglab.timing.repository import Repository, same_files
from reglab.timing.touched.changes import changes_between
from tests.environments.checkouts import KINDS, commit, git, links, submodule, write
from tests.environments.kiosks import NAMELESS, Kiosk, assert_one_sentence, nameless

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize {}\n"
LARGE = b"a large file's content\n"


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """A repository in a folder whose name has spaces and letters beyond ASCII."""
    folder = tmp_path / "ein Ordner für 'alles'"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    return folder


@pytest.fixture
def project(top: Path) -> Path:
    """A project in a folder of it, with one module."""
    write(top / "site" / "module.py", "def one():\n    return 1\n")
    return top / "site"


def both_sides(project: Path, tmp_path: Path) -> tuple[Path, Path, tuple[str, ...]]:
    """Write the last commit and the work tree as a comparison does; return both folders and the notes."""
    repository = Repository(folder=project, paths=(".",))
    revisions = Revisions(baseline=repository.commit("HEAD"), candidate="")
    (tmp_path / "sides").mkdir()
    sides, notes = exported(
        repository, revisions, folder=tmp_path / "sides", baseline_python=sys.executable, python=sys.executable
    )
    return sides[0].folder, sides[1].folder, notes


@pytest.mark.parametrize("kind", KINDS)
def test_a_tree_without_changes_is_its_commit(project: Path, tmp_path: Path, kind: object) -> None:
    """Both sides hold the same files, links and bytes, whatever git does with them on the way."""
    kind(project)  # type: ignore[operator]
    commit(project)
    baseline, candidate, _ = both_sides(project, tmp_path)
    assert same_files(baseline, candidate)
    assert (baseline / "module.py").is_file()


def test_links_lead_where_they_led(project: Path, tmp_path: Path) -> None:
    """A link inside the project is each side's own; one that leads out of it still finds its target."""
    links(project)
    commit(project)
    baseline, _, _ = both_sides(project, tmp_path)
    assert (baseline / "file").resolve() == (baseline / "module.py").resolve()
    assert (baseline / "full").resolve() == (baseline / "module.py").resolve()
    assert (baseline / "up").read_text(encoding="utf-8") == "SHARED = 1\n"
    assert (baseline / "outside").read_text(encoding="utf-8") == "outside"


def test_a_submodule_is_filled_with_its_own_commit(project: Path, tmp_path: Path) -> None:
    """The baseline has the submodule's commit of its day, the candidate the one that lies there."""
    submodule(project)
    commit(project)
    write(project / "vendor" / "inner" / "vendored.py", "VENDORED = 2\n")
    baseline, candidate, _ = both_sides(project, tmp_path)
    texts = [(side / "vendor" / "inner" / "vendored.py").read_text(encoding="utf-8") for side in (baseline, candidate)]
    assert texts == ["VENDORED = 1\n", "VENDORED = 2\n"]


def test_a_submodules_commit_that_is_not_here_is_said(project: Path, tmp_path: Path) -> None:
    """A baseline that needs a commit of the submodule which nobody fetched cannot be written: the command is named."""
    submodule(project)
    commit(project)
    git(project.parent, "update-index", "--cacheinfo", f"160000,{'1' * 40},site/vendor")
    git(project, "commit", "--quiet", "-m", "Points to nowhere")
    with pytest.raises(GitError, match=r"has no commit 111111111111.*: git -C .*vendor fetch origin 1{40}"):
        both_sides(project, tmp_path)


def _as_large_file(project: Path) -> str:

    identity = hashlib.sha256(LARGE).hexdigest()
    write(project / "large.bin", POINTER.format(identity, len(LARGE)))
    commit(project)
    return identity


def test_a_large_file_that_is_here_is_on_both_sides(project: Path, tmp_path: Path) -> None:
    """What git-lfs has fetched is filled in, although the export never asks a server."""
    identity = _as_large_file(project)
    write(project.parent / ".git" / "lfs" / "objects" / identity[:2] / identity[2:4] / identity, LARGE)
    baseline, candidate, notes = both_sides(project, tmp_path)
    assert not notes
    assert [(side / "large.bin").read_bytes() for side in (baseline, candidate)] == [LARGE, LARGE]


def test_a_large_file_of_the_work_tree_serves_the_baseline(project: Path, tmp_path: Path) -> None:
    """Where the checkout holds the content and git its pointer, the baseline gets the content too."""
    _as_large_file(project)
    write(project / "large.bin", LARGE)
    baseline, candidate, notes = both_sides(project, tmp_path)
    assert not notes
    assert same_files(baseline, candidate)


def test_a_large_file_that_is_not_here_is_noted(project: Path, tmp_path: Path) -> None:
    """A pointer stays a pointer, on both sides, and the record says how to fetch it."""
    _as_large_file(project)
    _, _, notes = both_sides(project, tmp_path)
    assert len(notes) == 2
    assert all("large.bin (git lfs fetch --all brings it)" in note for note in notes)


def test_small_ignored_files_beside_the_others_are_on_both_sides(project: Path, tmp_path: Path) -> None:
    """A generated module that git ignores is part of both programs; ignored folders are of neither."""
    write(project / ".gitignore", "_version.py\nnode_modules/\n*.pyc\n")
    commit(project)
    write(project / "_version.py", "VERSION = 1\n")
    write(project / "node_modules" / "module.js", "1")
    write(project / "module.pyc", "1")
    baseline, candidate, _ = both_sides(project, tmp_path)
    assert same_files(baseline, candidate)
    assert sorted(path.name for path in baseline.iterdir()) == [".gitignore", "_version.py", "module.py"]


def test_a_renamed_file_keeps_its_functions(project: Path) -> None:
    """A function is touched where its lines differ, under the name of each side; the rest of a moved file is not."""
    lines = "".join(f"def f{number}():\n    return {number}\n\n\n" for number in range(20))
    write(project / "before.py", lines)
    commit(project)
    git(project, "mv", "before.py", "after.py")
    write(project / "after.py", lines.replace("return 7\n", "return 70\n"))
    git(project, "add", "--all")
    found = changes_between(project, baseline="HEAD", candidate="", paths=(".",))
    assert found.functions == {("before.py", "f7"): 1, ("after.py", "f7"): 1}


def test_variables_of_another_repository_never_leak_in(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a hook of a linked work tree git's variables name another checkout: ours is read all the same."""
    first = commit(project)
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "--quiet")
    commit(other, "Another repository's")
    for name, value in {
        "GIT_DIR": other / ".git",
        "GIT_WORK_TREE": other,
        "GIT_INDEX_FILE": other / ".git" / "index",
        "GIT_OBJECT_DIRECTORY": other / ".git" / "objects",
        "GIT_EXTERNAL_DIFF": "false",
        "GIT_PREFIX": "nowhere/",
        "GIT_TRACE": "1",
    }.items():
        monkeypatch.setenv(name, str(value))
    assert Repository(folder=project, paths=(".",)).commit("HEAD") == first


def test_a_linked_work_tree_is_a_checkout_like_another(project: Path, tmp_path: Path) -> None:
    """`git worktree add` gives a folder that a comparison takes as it takes any."""
    commit(project)
    git(project, "worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"))
    baseline, candidate, _ = both_sides(tmp_path / "linked" / "site", tmp_path)
    assert same_files(baseline, candidate)


def test_a_shallow_clone_is_told_apart_from_a_wrong_name(project: Path, tmp_path: Path) -> None:
    """A base that a shallow clone lacks is named with the way to fetch it."""
    first = commit(project)
    commit(project, "Another")
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{project.parent}", "shallow")
    with pytest.raises(ComparisonError, match="shallow clone: git fetch --unshallow"):
        Repository(folder=tmp_path / "shallow" / "site", paths=(".",)).commit(first)


def test_configured_taste_changes_no_answer(project: Path, tmp_path: Path) -> None:
    """Colours, external diffs and quoted paths are a person's own, and no part of what git is asked for."""
    write(project / "naïve.py", "def two():\n    return 2\n")
    commit(project)
    for name, value in {
        "color.ui": "always",
        "diff.external": "false",
        "diff.mnemonicPrefix": "true",
        "core.quotePath": "true",
        "status.relativePaths": "false",
    }.items():
        git(project, "config", name, value)
    write(project / "naïve.py", "def two():\n    return 22\n")
    found = changes_between(project, baseline="HEAD", candidate="", paths=(".",))
    assert found.functions == {("naïve.py", "two"): 2}
    assert Repository(folder=project, paths=(".",)).changes() == ("site/naïve.py",)


@pytest.mark.namespaces
@pytest.mark.slow
def test_the_sentence_about_another_owner_reaches_the_user(bare_kiosk: Kiosk, temporary: Path) -> None:
    """A checkout of somebody else's, as a container job has it: git's own sentence with its advice, and exit 2."""
    kiosk = bare_kiosk.below(*nameless(uid=NAMELESS), TMPDIR=str(temporary), HOME=str(temporary))
    assert_one_sentence(
        kiosk.run("compare", "HEAD"),
        "detected dubious ownership in repository",
        f"git config --global --add safe.directory {kiosk.folder}",
    )


@pytest.mark.slow
def test_without_git_a_comparison_says_so(bare_kiosk: Kiosk, tmp_path: Path) -> None:
    """An image without git: exit 2, and what is missing."""
    (tmp_path / "bin").mkdir()
    for program in ("sh", "setpriv"):
        (tmp_path / "bin" / program).symlink_to(f"/usr/bin/{program}")
    assert_one_sentence(bare_kiosk.run("compare", "HEAD", PATH=str(tmp_path / "bin")), "git cannot be started")
