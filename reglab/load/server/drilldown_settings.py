"""Settings of a service in a drill-down: the project's own, and the statement log before every other middleware."""

import os
from importlib import import_module

from reglab.load.server.drilldown_names import SETTINGS_VARIABLE

_own = import_module(os.environ[SETTINGS_VARIABLE])
globals().update({name: getattr(_own, name) for name in dir(_own) if name.isupper()})
MIDDLEWARE = ["reglab.load.server.statement_log.StatementLog", *getattr(_own, "MIDDLEWARE", ())]
