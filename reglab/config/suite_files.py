"""A suite in several files: joined into one, and each place of the whole found again in the file that holds it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from reglab.config.reader import TomlFile

if TYPE_CHECKING:
    from reglab.config.suite import Suite

Place = tuple[str | int, ...]


def merged_suite(files: Sequence["TomlFile[Suite]"]) -> "Suite":
    """Join the tables of all files: arrays one behind the other; a key of a table, or a plain key, stands in one file.

    Raises the files' error where a key stands in two, but for a binding of which both say the same.
    """
    first, *others = files
    whole = first.content
    for file in others:
        given = [key for key in type(whole).model_fields if key in file.content.model_fields_set]
        whole = whole.model_copy(update={key: _joined(key, whole, file) for key in given})
    return whole


def place_in_files(files: Sequence["TomlFile[Suite]"], place: Place) -> tuple["TomlFile[Suite]", Place]:
    """Return the file that holds `place`, a path in the whole suite, and the path inside that file."""
    if len(place) > 1 and isinstance(place[1], int):
        index = place[1]
        for file in files:
            count = len(getattr(file.content, str(place[0])))
            if index < count:
                return file, (place[0], index, *place[2:])
            index -= count
    holding = [file for file in files if place and _holds(file.content, place)]
    return (holding or list(files))[0], place


def _joined(key: str, whole: "Suite", file: "TomlFile[Suite]") -> Any:
    ours, theirs = getattr(whole, key), getattr(file.content, key)
    if isinstance(theirs, tuple):
        return (*ours, *theirs)
    if key == "schema_version" or key not in whole.model_fields_set:
        return theirs
    if isinstance(theirs, dict):
        # Two branches may each have added the same binding, in a file of its own.
        same = {name for name in ours.keys() & theirs.keys() if key == "bindings" and ours[name] == theirs[name]}
        if twice := sorted((ours.keys() & theirs.keys()) - same):
            raise file.complaint(f"{key}.{twice[0]} stands in another file of the suite too", key, twice[0])
        return {**ours, **theirs}
    raise file.complaint(f"{key!r} stands in another file of the suite too", key)


def _holds(content: "Suite", place: Place) -> bool:
    if place[0] not in content.model_fields_set:
        return False
    value = getattr(content, str(place[0]))
    return len(place) < 2 or not isinstance(value, dict) or place[1] in value
