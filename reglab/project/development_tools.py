"""Tools of development in a project's settings: an audit runs without them, as production does, and names them."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

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

# Packages whose pages are for developers. They show settings, statements or the whole interface.
_DEVELOPERS: Final = (
    *("debug_toolbar", "silk", "django.views.debug", "django_browser_reload", "drf_yasg", "drf_spectacular"),
    *("graphene_django", "explorer", "rosetta", "schema_viewer", "ninja.openapi", "django_extensions"),
)
_DEVELOPER_WORDS: Final = frozenset(
    {"dev", "debug", "__debug__", "silk", "profiler", "profiling", "seed", "__reload__"}
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
    return is_development_name(_module_of(view))


def is_for_developers(view: Callable[..., Any], path: str) -> bool:
    """Return whether a URL is one for developers, as its view's package or a word of its path tells."""
    words = set(urlsplit(path).path.strip("/").split("/"))
    return _module_of(view).startswith(_DEVELOPERS) or bool(words & _DEVELOPER_WORDS)


def _module_of(view: Callable[..., Any]) -> str:
    inner = view.func if isinstance(view, partial) else view
    cls = getattr(view, "view_class", None) or getattr(view, "cls", None)
    return getattr(cls or inner, "__module__", "") or type(inner).__module__
