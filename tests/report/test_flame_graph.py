"""The flame graph of a difference: widths, colours and words."""

import re

from reglab.report.records import Profile
from reglab.report.renderings.html.flame_graph import difference, grown_most


def profile(variant: str, **stacks: float) -> Profile:
    named = {"caller": "shop/views.py in shelf", "callee": "shop/views.py in shelf;shop/books.py in titles"}
    return Profile(
        scenario="shelf", variant=variant, stacks=tuple((named[key], value) for key, value in stacks.items())
    )


BASE = profile("baseline", caller=0.004, callee=0.002)
HEAD = profile("candidate", caller=0.004, callee=0.006)


def test_a_box_is_as_wide_as_its_time_at_the_head() -> None:
    """Of 10 ms, 6 are the callee's: 6/10 of the width; all, caller and callee stand one below the other."""
    svg = difference(baseline=BASE, candidate=HEAD, title="shelf")
    boxes = re.findall(r'class="(\w+)" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"', svg)
    assert boxes == [
        ("grown", "0.0", "0.0", "639.5"),
        ("grown", "0.0", "17.0", "639.5"),
        ("grown", "0.0", "34.0", "383.5"),
    ]


def test_the_difference_is_told_in_words() -> None:
    """The function whose own time grew is named with by how much; who calls it grew by nothing of its own."""
    assert grown_most(baseline=BASE, candidate=HEAD) == ["shop/books.py in titles +4 ms"]
    assert "<title>shop/books.py in titles: 6 ms, +4 ms</title>" in difference(baseline=BASE, candidate=HEAD, title="x")


def test_what_took_less_has_the_other_colour() -> None:
    """A function that got faster is drawn as such; where nothing moved there is no colour."""
    assert 'class="shrunk"' in difference(baseline=HEAD, candidate=BASE, title="x")
    same = difference(baseline=BASE, candidate=BASE, title="x")
    assert set(re.findall(r'rect class="(\w+)"', same)) == {"same"}


def test_names_stay_text() -> None:
    """A function's name is no markup."""
    hostile = Profile(scenario="x", variant="candidate", stacks=(("<script>alert(1)</script>", 1.0),))
    assert "<script" not in difference(baseline=hostile, candidate=hostile, title="<b>")


def test_a_side_without_samples_draws_nothing() -> None:
    """No time at the head: no picture."""
    empty = Profile(scenario="x", variant="candidate", stacks=())
    assert difference(baseline=BASE, candidate=empty, title="x") == ""
