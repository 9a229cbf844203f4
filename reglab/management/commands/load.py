"""`manage.py load`."""

from reglab.management.instrument_command import InstrumentCommand


class Command(InstrumentCommand):
    """The command `load`, on the settings that Django has loaded."""

    name = "load"
