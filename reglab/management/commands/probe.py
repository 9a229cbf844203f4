"""`manage.py probe`."""

from reglab.management.instrument_command import InstrumentCommand


class Command(InstrumentCommand):
    """The command `probe`, on the settings that Django has loaded."""

    name = "probe"
