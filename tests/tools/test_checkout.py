"""Copies of the checkout, made while other tests run."""

from pathlib import Path

from tools.checkout import PROJECT, copy_checkout


def test_a_copy_holds_what_git_knows_and_no_file_of_a_run(tmp_path: Path) -> None:
    """Coverage data and records appear and vanish while tests run: a copy never reads them."""
    passing = PROJECT / f".coverage.test-{tmp_path.name}"
    passing.write_text("of a run", encoding="utf-8")
    try:
        copy_checkout(tmp_path / "copy")
    finally:
        passing.unlink()
    assert (tmp_path / "copy" / "pyproject.toml").read_bytes() == (PROJECT / "pyproject.toml").read_bytes()
    assert not list((tmp_path / "copy").glob(".coverage*"))


def test_a_part_of_the_checkout_is_copied_alone(tmp_path: Path) -> None:
    """Named parts are copied to where they stood, and nothing beside them."""
    copy_checkout(tmp_path / "copy", "service", "manage.py")
    assert {path.name for path in (tmp_path / "copy").iterdir()} == {"service", "manage.py"}
