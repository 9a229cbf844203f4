"""`manage.py audit`."""

from reglab.management.instrument_command import InstrumentCommand


class Command(InstrumentCommand):
    """The command `audit`, on the settings that Django has loaded."""

    name = "audit"
