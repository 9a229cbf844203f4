"""Dataset of a suite: its hook, and the login that every request carries."""

import http.cookies
import sys
from collections.abc import Callable, Mapping

from django.core.management import call_command
from django.utils.module_loading import import_string

from reglab.config.suite import SuiteFile
from reglab.project.data.baking.rows import SEED
from reglab.project.data.superuser import add_superuser
from reglab.project.requests.binding import first_row
from reglab.project.requests.forced_user import login_cookies
from reglab.project.requests.scenario_user import log_in, scenario_logins


def dataset_hook(file: SuiteFile) -> Callable[..., object]:
    """Import the suite's dataset hook; without one there is an empty dataset. Raises AuditError with the line."""
    name = file.suite.dataset.replace(":", ".")
    if not name:
        return lambda **_: None
    try:
        hook: Callable[..., object] = import_string(name)
    except ImportError as error:
        raise file.complaint(f"the dataset hook cannot be imported: {error}", "dataset") from None
    return hook


def factories(file: SuiteFile) -> list[Callable[[int], object]]:
    """Import the suite's factories: each is then called with a number of rows. Raises AuditError with the line."""
    return [_factory(file, name, number) for number, name in enumerate(file.suite.factories)]


def _factory(file: SuiteFile, name: str, number: int) -> Callable[[int], object]:
    try:
        found = import_string(name.replace(":", "."))
    except ImportError as error:
        raise file.complaint(f"the factory cannot be imported: {error}", "factories", number) from None
    batch: Callable[[int], object] = getattr(found, "create_batch", found)
    if (random := sys.modules.get("factory.random")) is not None:
        # factory_boy's own generator: rows must be the same in every process.
        return lambda count: (random.reseed_random(SEED + number), batch(count))
    return batch


class Dataset:
    """The suite's dataset hook with its login: called once for each size of the data."""

    def __init__(self, file: SuiteFile) -> None:
        self._file = file
        self._hook = dataset_hook(file)
        self._factories = factories(file)
        self._cookies: dict[str, list[http.cookies.SimpleCookie]] = {}

    def fill(self, **sizes: int) -> None:
        """Fill the present databases: with fixtures, by the hook, and by the factories."""
        if fixtures := self._file.suite.fixtures:
            call_command("loaddata", *fixtures, verbosity=0)
        self._hook(**sizes)
        for make in self._factories:
            make(next(iter(sizes.values()), 1))

    def build(self, **sizes: int) -> None:
        """Fill the present databases, and log the suite's user in there."""
        self.fill(**sizes)
        cookies = http.cookies.SimpleCookie()
        if login := self._file.suite.login:
            where = f"{self._file.path}: login"
            user = first_row(model=login.model, filters=login.filter, order_by=("pk",), index=0, where=where)
            cookies = login_cookies(user, is_forced=login.force)
        if any(scenario.as_superuser for scenario in self._file.suite.scenario):
            add_superuser()
        for name, scenario_login in scenario_logins(self._file.suite).items():
            log_in(scenario_login, where=f"{self._file.path}: scenario {name!r}")
        self._cookies.setdefault(_key(sizes), []).append(cookies)

    def cookies(self, **sizes: int) -> http.cookies.SimpleCookie:
        """Return the cookies that every request on the newest data of these sizes carries."""
        return self.cookies_of_build(sizes, build=-1)

    def cookies_of_build(self, sizes: Mapping[str, int], *, build: int) -> http.cookies.SimpleCookie:
        """Return those of one of several buildings of the same sizes: each has a session of its own, by chance."""
        built = self._cookies.get(_key(sizes))
        return built[build] if built else http.cookies.SimpleCookie()


def _key(sizes: Mapping[str, int]) -> str:
    return str(sorted(sizes.items()))
