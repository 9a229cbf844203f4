"""The audits beyond counting that share one process and one set of data, in the order in which they run."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from reglab.atomicity import recording as atomicity
from reglab.injection import recording as injection
from reglab.leaks import recording as leaks
from reglab.project.audit_ground import AuditGround
from reglab.report.records import Instrument, Measurement, Remark
from reglab.variants import recording as variants

Lines = Callable[[AuditGround], Iterator[Measurement | Remark]]

IN_PROCESS: Final[Mapping[Instrument, Lines]] = {
    "injection": injection.lines,
    "atomicity": atomicity.lines,
    "variants": variants.lines,
    "leaks": leaks.lines,
}
