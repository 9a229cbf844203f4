"""Tools of development in a project's settings: an audit runs without them, as production does, and names them."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

# Packages whose middleware watches, profiles or changes answers while somebody develops.
PACKAGES: Final = frozenset(
    {
        "debug_toolbar",
        "debug_toolbar_force",
        "django_browser_reload",
        "django_cprofile_middleware",
        "django_fastdev",
        "django_pdb",
        "django_querycount",
        "graphiql_debug_toolbar",
        "kolo",
        "line_profiler",
        "livereload",
        "nplusone",
        "pyinstrument",
        "querycount",
        "scout_apm",
        "silk",
        "strawberry_django_debug_toolbar",
        "template_profiler_panel",
        "zeal",
    }
)


def is_development_name(name: str) -> bool:
    """Return whether a dotted name belongs to a tool of development."""
    return name.partition(".")[0] in PACKAGES


def without_development_tools(names: list[str] | tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Split dotted names into those of the project and those of tools of development."""
    kept = [name for name in names if not is_development_name(name)]
    return kept, [name for name in names if is_development_name(name)]


def is_development_tool(view: Callable[..., Any]) -> bool:
    """Return whether a view is a page of a tool of development."""
    inner = view.func if isinstance(view, partial) else view
    cls = getattr(view, "view_class", None) or getattr(view, "cls", None)
    module = getattr(cls or inner, "__module__", "") or type(inner).__module__
    return is_development_name(module)
