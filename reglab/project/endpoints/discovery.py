"""Every endpoint × method of a project's URLconf, Django REST Framework's or plain Django's."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

from django.urls import Resolver404, get_resolver

from reglab.project.development_tools import is_development_tool
from reglab.project.endpoints.routes import HOLE, Parameter, Route, in_present_language, routes_of
from reglab.project.endpoints.view_methods import accepted_methods

View = Callable[..., Any]
_BINDING: Final = re.compile(r"\{[A-Za-z_]\w*\}")
# Left out: doubles of DRF's views for suffixes that choose a format.
_FORMAT_SUFFIXES: Final = ("{format}", ".{format}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One URL pattern with a method that its view answers; `path` shows parameters in braces."""

    method: str
    path: str
    route: str
    view: View
    parameters: tuple[Parameter, ...] = ()

    @property
    def name(self) -> str:
        """The endpoint as records call it: "POST /api/things/{pk}/close/"."""
        return f"{self.method} {self.path}"


class Endpoints:
    """The endpoints of the project whose settings are loaded."""

    @cached_property
    def routes(self) -> tuple[Route, ...]:
        """Every route in Django's order, tools of development left out."""
        return tuple(route for route in routes_of(get_resolver()) if not is_development_tool(route.view))

    @cached_property
    def all(self) -> tuple[Endpoint, ...]:
        """Every endpoint, sorted by path and method; DRF's doubles for format suffixes are left out.

        Where two routes have one path, Django asks the first.
        """
        found: dict[tuple[str, str], Endpoint] = {}
        for route in self.routes:
            if route.path.rstrip("/").endswith(_FORMAT_SUFFIXES):
                continue
            for method in accepted_methods(route.view):
                endpoint = Endpoint(
                    method=method, path=route.path, route=route.text, view=route.view, parameters=route.parameters
                )
                found.setdefault((route.path, method), endpoint)
        return tuple(found[key] for key in sorted(found))

    @cached_property
    def paths(self) -> MappingProxyType[str, str]:
        """The path of each route, as Django's resolver spells routes."""
        return MappingProxyType({route.text: route.path for route in self.routes})

    def path_of(self, url: str) -> str | None:
        """Return the endpoint's path that answers `url`, or None where the URLconf has none.

        `{name}` in it stands for a value that is not known yet: the URL's own pattern then says where it fits.
        """
        path = urlsplit(url).path
        found = self._path_of(path)
        if found is None and (other := in_present_language(path)):
            return self._path_of(other)
        return found

    def _path_of(self, path: str) -> str | None:
        if _BINDING.search(path):
            with_holes = _BINDING.sub(HOLE, path)
            return next((route.path for route in self.routes if route.matches(with_holes)), None)
        try:
            match = get_resolver().resolve(path)
        except Resolver404:
            return None
        return self.paths.get(match.route)
