"""`manage.py benchmark`."""

from reglab.management.instrument_command import InstrumentCommand


class Command(InstrumentCommand):
    """The command `benchmark`, on the settings that Django has loaded."""

    name = "benchmark"
