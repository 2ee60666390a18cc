"""What a piece of work costs: seconds, seconds of the processor, memory. Knows nothing of what is done."""

import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

_CLEAR, _STATUS = Path("/proc/self/clear_refs"), Path("/proc/self/status")
_RESET_PEAK = "5"
"""What Linux takes for "forget the highest memory so far" (proc(5), since 4.0)."""


@dataclass
class Cost:
    """Measures the block that it is the context of, in this process and all its threads.

    >>> with Cost() as cost:
    ...     _ = sum(range(1000))
    >>> cost.seconds > 0 and cost.peak_mib > 0
    True
    """

    seconds: float = 0.0
    """Wall clock."""
    cpu_seconds: float = 0.0
    peak_mib: float = 0.0
    """Highest resident memory of the process during the block; since its start where the system cannot forget the highest."""

    def __enter__(self) -> Self:
        _forget_peak()
        self._began, self._cpu = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.seconds = time.perf_counter() - self._began
        self.cpu_seconds = time.process_time() - self._cpu
        self.peak_mib = _peak_mib()


def _forget_peak() -> None:
    try:
        _CLEAR.write_text(_RESET_PEAK, encoding="ascii")
    except OSError:  # no Linux, or one that does not allow it: the peak is then that of the whole process
        return


def _peak_mib() -> float:
    try:
        status = _STATUS.read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1024
    except (OSError, StopIteration):
        unit = 2**20 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
