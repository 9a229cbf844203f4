"""A profile that cannot be meant is refused in one line with its place and the fix."""

from pathlib import Path

import pytest

from reglab.config.profile import Profile
from reglab.errors import LoadTestError
from reglab.load.profiles import digest_of, find_profile, save_profile
from tests.load.conftest import PROFILES

SMOKE = (PROFILES / "smoke.toml").read_text(encoding="utf-8")


def read(folder: Path, text: str) -> Profile:
    """Return the profile of a text, read from a file as a load test does."""
    path = folder / "p.toml"
    path.write_text(text, encoding="utf-8")
    return find_profile(str(path))


def complaint_after(folder: Path, before: str, after: str) -> tuple[str, int]:
    """Return the complaint about a changed smoke profile, and the line of the change."""
    text = SMOKE.replace(before, after, 1)
    assert text != SMOKE
    with pytest.raises(LoadTestError) as raised:
        read(folder, text)
    line = next(number for number, line in enumerate(text.splitlines(), start=1) if after.splitlines()[0] in line)
    return str(raised.value), line


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("seed = 20260218", "sed = 20260218", "unknown key 'sed'; did you mean 'seed'?"),
        ("list-orders = 20", "list-order = 20", "no such operation; did you mean 'list-orders'?"),
        ("judged = false", "juged = false", "unknown key 'juged'; did you mean 'judged'?"),
        ("seconds = 12", "seconds = -18", "greater than 0"),
        ("seconds = 12", 'seconds = "long"', "valid number"),
        ("[data]", "[dta]", "unknown key 'dta'; did you mean 'data'?"),
        ("[mix]", "[mix", "not TOML"),
        ("summary = 10", "summary = 0", "greater than 0"),
        ("hot_orders = 4", "hot_orders = -1", "greater than or equal to 0"),
        ("hot_orders = 4", "hot_order = 4", "no such number of rows; did you mean 'hot_orders'?"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, before: str, after: str, words: str) -> None:
    """The complaint begins with the file and the very line, and says what is wrong and what comes nearest."""
    complaint, line = complaint_after(tmp_path, before, after)
    assert complaint.startswith(f"{tmp_path / 'p.toml'}:{line}: ")
    assert words in complaint


def test_a_profile_that_judges_nothing_is_refused(tmp_path: Path) -> None:
    """Without a judged stage nothing could be decided."""
    with pytest.raises(LoadTestError, match="no stage is judged"):
        read(tmp_path, SMOKE.replace("judged = true", "judged = false"))


def test_an_unknown_name_lists_the_known_ones() -> None:
    """A misspelt profile is answered with the nearest and all others."""
    with pytest.raises(LoadTestError, match=r"did you mean 'smoke'.*there are average, breakpoint"):
        find_profile("smok")


def test_a_saved_profile_is_the_same_profile(tmp_path: Path) -> None:
    """What the supervisor writes for its processes reads back as it was."""
    profile = find_profile("smoke")
    save_profile(profile, tmp_path / "profile.json")
    assert find_profile(str(tmp_path / "profile.json")) == profile


def test_any_change_changes_the_digest(tmp_path: Path) -> None:
    """Two profiles that differ in one weight have different digests, so that their runs are not compared."""
    changed = read(tmp_path, SMOKE.replace("summary = 10", "summary = 11"))
    assert digest_of(changed) != digest_of(find_profile("smoke"))


def test_a_scaled_profile_peaks_at_the_rate_and_keeps_its_shape() -> None:
    """At 80/s the smoke profile's ramp from 5 to 50 becomes one from 8 to 80."""
    ramp = find_profile("smoke").at_rate(80).stage[0]
    assert (ramp.from_rps, ramp.to_rps) == (8, 80)
