"""`manage.py ledger`."""

from reglab.management.instrument_command import InstrumentCommand


class Command(InstrumentCommand):
    """The command `ledger`, on the settings that Django has loaded."""

    name = "ledger"
