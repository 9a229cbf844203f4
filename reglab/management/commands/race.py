"""`manage.py race`."""

from reglab.management.instrument_command import InstrumentCommand


class Command(InstrumentCommand):
    """The command `race`, on the settings that Django has loaded."""

    name = "race"
