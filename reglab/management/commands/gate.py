"""`manage.py gate`."""

from reglab.management.instrument_command import InstrumentCommand


class Command(InstrumentCommand):
    """The command `gate`, on the settings that Django has loaded."""

    name = "gate"
