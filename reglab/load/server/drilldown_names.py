"""Variables by which a drill-down tells the service that it starts what to count, and where to write it."""

from typing import Final

SETTINGS: Final = "reglab.load.server.drilldown_settings"
SETTINGS_VARIABLE: Final = "REGLAB_PROJECT_SETTINGS"
FILE_VARIABLE: Final = "REGLAB_STATEMENT_LOG"
ROOT_VARIABLE: Final = "REGLAB_PROJECT_ROOT"
