"""`manage.py report`."""

from reglab.management.instrument_command import InstrumentCommand


class Command(InstrumentCommand):
    """The command `report`, on the settings that Django has loaded."""

    name = "report"
