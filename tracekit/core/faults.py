"""Places where tests kill the process, to see that a build started again ends as if it had not been killed."""

import os
import signal
from collections import Counter
from pathlib import Path

_passed: Counter[str] = Counter()


def fault_point(name: str) -> None:
    """Do nothing, unless ``TRACEKIT_FAULT`` is ``name`` or ``name:n``: then kill this process at the n-th passing.

    The signal is SIGKILL, so nothing is cleaned up and no handler runs. Where ``TRACEKIT_FAULT_ONCE`` names a file,
    only the process that manages to create it is killed: a worker that is started again lives.
    """
    fault = os.environ.get("TRACEKIT_FAULT")
    if not fault:
        return
    wanted, _, passing = fault.partition(":")
    _passed[name] += 1
    if wanted != name or _passed[name] != int(passing or 1):
        return
    if once := os.environ.get("TRACEKIT_FAULT_ONCE"):
        try:
            Path(once).touch(exist_ok=False)
        except FileExistsError:
            return
    os.kill(os.getpid(), signal.SIGKILL)
