"""Derivations of keys are counted at their line, with what they cost; other hashes are not."""

import hashlib
from collections.abc import Callable
from hashlib import pbkdf2_hmac
from pathlib import Path

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher, ScryptPasswordHasher

from reglab.counters.outside_calls import OutsideCalls
from reglab.project.source_lines import ProjectFrames
from reglab.report.records import Measurement
from tests.counters.support import ROOT

SALT = b"0123456789abcdef"


def counted(do: Callable[[], object], *, base: Path = ROOT) -> tuple[Measurement, ...]:
    """Return what doing something counts."""
    counter = OutsideCalls(frames=ProjectFrames(base=base))
    with counter:
        do()
    return counter.counts()


@pytest.mark.parametrize(
    ("do", "text"),
    [
        (lambda: hashlib.pbkdf2_hmac("sha256", b"secret", SALT, 10), "hashlib.pbkdf2_hmac(iterations=10)"),
        (lambda: pbkdf2_hmac("sha256", b"secret", SALT, 10), "hashlib.pbkdf2_hmac(iterations=10)"),
        (lambda: PBKDF2PasswordHasher().encode("secret", "salt", 7), "hashlib.pbkdf2_hmac(iterations=7)"),
        (lambda: hashlib.scrypt(b"secret", salt=SALT, n=4, r=2, p=1), "hashlib.scrypt(n=4, r=2, p=1)"),
        (lambda: ScryptPasswordHasher().encode("secret", "salt", n=4, r=2, p=1), "hashlib.scrypt(n=4, r=2, p=1)"),
    ],
)
def test_a_derivation_is_counted_at_its_line_with_its_cost(do: Callable[[], object], text: str) -> None:
    """By whichever name it is called, also from within a library; the password is never told."""
    (measurement,) = counted(do)
    assert (measurement.part, measurement.value) == (text.partition("(")[0], 1)
    (evidence,) = measurement.evidence
    assert evidence.text == text
    assert evidence.source.startswith("tests/counters/test_key_derivations.py:")


def test_other_hashes_are_none() -> None:
    """A digest, and the same function outside of what is counted."""
    assert counted(lambda: hashlib.sha256(b"text").hexdigest()) == ()
    counter = OutsideCalls(frames=ProjectFrames(base=ROOT))
    with counter:
        pass
    hashlib.pbkdf2_hmac("sha256", b"secret", SALT, 10)
    assert counter.counts() == ()


def test_what_no_line_of_the_project_asked_for_is_left_out(tmp_path: Path) -> None:
    """The harness signs with such functions, too."""
    assert counted(lambda: hashlib.pbkdf2_hmac("sha256", b"secret", SALT, 10), base=tmp_path) == ()
