"""Finds the profile of a load test, and checks it against what the project's load module declares."""

import hashlib
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from reglab.config.nearest_word import nearest
from reglab.config.profile import Profile
from reglab.config.reader import TomlFile, read_toml
from reglab.errors import LoadTestError
from reglab.load.load_module import LoadProject, check_operations, load_project
from reglab.load.operations import Load

PROFILE: Final[TypeAdapter[Profile]] = TypeAdapter(Profile)


def find_profile(name: str, *, project: LoadProject | None = None) -> Profile:
    """Read a profile of the project by its name, or by the path of a TOML file, and check what it asks for.

    Raises LoadTestError.
    """
    project = project or load_project()
    path = Path(name) if name.endswith((".toml", ".json")) else project.profiles / f"{name}.toml"
    try:
        if path.suffix == ".json":  # as the supervisor hands it to the processes that it starts
            return PROFILE.validate_json(path.read_bytes())
        file = read_toml(path, Profile, error=LoadTestError)
    except FileNotFoundError:
        known = sorted(each.stem for each in project.profiles.glob("*.toml"))
        raise LoadTestError(
            f"no profile {name!r}{nearest(name, known)}; there are {', '.join(known) or 'none'} in {project.profiles}"
        ) from None
    except ValidationError as error:
        raise LoadTestError(f"{path}: is no profile as a load test saves it ({error.error_count()} mistakes)") from None
    return check_profile(file, load=project.load)


def checked_profiles(project: LoadProject) -> str:
    """Check every profile and every operation, send nothing, and say what was checked. Raises LoadTestError."""
    names = sorted(path.stem for path in project.profiles.glob("*.toml"))
    for name in names:
        find_profile(name, project=project)
    check_operations(project.load, project.load.operations)
    return (
        f"{project.module}: the effects of {len(project.load.operations)} operations can be reconciled, and "
        f"{len(names)} profiles ask for what there is; nothing was sent"
    )


def check_profile(file: TomlFile[Profile], *, load: Load) -> Profile:
    """Check that a profile asks for what the load module declares, and for nothing else. Raises LoadTestError."""
    profile = file.content
    for table, names, known, what in (
        ("mix", profile.mix, load.operations, "operation"),
        ("data", profile.data, load.data, "number of rows"),
    ):
        for name in names:
            if name not in known:
                raise file.complaint(f"{table}.{name}: no such {what}{nearest(name, known)}", table, name)
    check_operations(load, profile.mix)
    return profile


def save_profile(profile: Profile, path: Path) -> None:
    """Write a profile for `find_profile` to read in another process."""
    path.write_bytes(PROFILE.dump_json(profile))


def digest_of(profile: Profile) -> str:
    """Return a digest of all that a profile says: two runs compare only where it is equal."""
    return hashlib.blake2b(PROFILE.dump_json(profile), digest_size=6).hexdigest()
