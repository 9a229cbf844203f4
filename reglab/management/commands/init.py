"""`manage.py init`."""

from reglab.management.instrument_command import InstrumentCommand


class Command(InstrumentCommand):
    """The command `init`, on the settings that Django has loaded."""

    name = "init"
