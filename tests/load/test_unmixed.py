"""Endpoints in no load mix are named, and `load check` looks at everything and sends nothing."""

from reglab.config.project import read_project
from reglab.load.figures.unmixed import unmixed_endpoints
from reglab.load.load_module import load_project
from reglab.load.profiles import checked_profiles
from tests.docs.documented import ROOT


def test_an_endpoint_in_no_mix_is_named_and_one_in_a_mix_is_not() -> None:
    """Parameters are compared by their places: the suite's `{order}` is the URL's `{pk}`."""
    found = unmixed_endpoints(load_project(read_project(ROOT)))
    assert "GET /api/items/{item}/" in found
    assert not {"GET /api/orders/", "GET /api/orders/{order}/", "POST /api/orders/{order}/cancel/"} & {*found}


def test_a_check_counts_what_it_looked_at() -> None:
    """Every operation and every profile of the orders' load is fit to be sent."""
    said = checked_profiles(load_project(read_project(ROOT)))
    profiles = len(list((ROOT / "loadtests" / "profiles").glob("*.toml")))
    assert profiles
    assert said.startswith(
        f"loadtests.operations: the effects of 13 operations can be reconciled, and {profiles} profiles"
    )
    assert said.endswith("nothing was sent")
