"""`manage.py compare`."""

from reglab.management.instrument_command import InstrumentCommand


class Command(InstrumentCommand):
    """The command `compare`, on the settings that Django has loaded."""

    name = "compare"
