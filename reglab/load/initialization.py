"""Writes a first load module and profile for a project: `reglab load init`."""

from pathlib import Path
from types import ModuleType
from typing import Final

from reglab.config.project import Project
from reglab.config.suite import read_suite
from reglab.errors import LoadTestError
from reglab.load.drafting import drafted
from reglab.load.load_module import check_operations
from reglab.load.operations import Load

MODULE: Final = Path("loadtests/operations.py")
PROFILE: Final = """# Drafted by `reglab load init`: set the rates and the mix of your users.
schema_version = 1
name = "smoke"
reason = "Shows within a minute that the service answers and loses nothing under light load."
seed = 20260218
samples_min = 100

[[stage]]
name = "warm-up"
seconds = 3
from_rps = 2
to_rps = 20
judged = false

[[stage]]
name = "steady"
seconds = 18
from_rps = 20
to_rps = 20
judged = true

[mix]
"""


def initialize(project: Project, *, module: str | None) -> list[str]:
    """Draft a module and a profile from the suite, check them, write them. Returns what to tell the user.

    Raises LoadTestError where there is a module already, or where the suite has nothing to draft from.
    """
    path = project.folder / (Path(*module.split(".")).with_suffix(".py") if module else MODULE)
    profile = project.folder / project.profiles / "smoke.toml"
    for file in (path, profile):
        if file.exists():
            raise LoadTestError(f"{file}: is there already, and stays as it is; name another module: load init MODULE")
    try:
        draft = drafted(read_suite(project.suite_path).suite)
    except FileNotFoundError:
        raise LoadTestError(f"{project.suite_path}: there is no suite to draft from; `reglab init` makes one") from None
    if not draft.names:
        raise LoadTestError(f"{project.suite_path}: has no scenario that a load could send")
    text = draft.module()
    check_operations(_loaded(text), draft.names)
    for file, content in ((path, text), (profile, PROFILE + "".join(f"{name} = 1\n" for name in draft.names))):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    name = ".".join(path.relative_to(project.folder).with_suffix("").parts)
    made = f"{len(draft.kinds)} kinds of rows, {len(draft.names)} operations"
    left = f"{len(draft.left_out)} scenarios are named at its end with the reason why not"
    next_step = f'write load = "{name}" below [tool.reglab], put the middleware into your settings, review the effects'
    return [f"{path}: {made}; {left}", f"{profile}: every operation equally often", f"Next: {next_step}"]


def _loaded(text: str) -> Load:
    """Read a drafted module as a load test would."""
    module = ModuleType("drafted_load")
    exec(compile(text, "drafted_load.py", "exec"), module.__dict__)  # noqa: S102  # our own draft, read before it is written
    load: Load = module.LOAD
    return load
