"""`manage.py bisect`."""

from reglab.management.instrument_command import InstrumentCommand


class Command(InstrumentCommand):
    """The command `bisect`, on the settings that Django has loaded."""

    name = "bisect"
