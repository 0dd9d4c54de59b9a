"""Several ranks on this machine, by torchrun's own agent: when one of them dies, it ends the others.

On several machines torchrun itself starts the command on each, with ``--launcher none``:
``torchrun --nnodes N ... -m tracekit train CONFIG.yaml --out DIR``.
"""

import os
import signal
import sys
import uuid
from collections.abc import Sequence

from torch.distributed.elastic.multiprocessing.api import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.launcher.api import LaunchConfig, elastic_launch

from tracekit.core.errors import TracekitError

STOPPED = (130, 143)
"""Exit codes of ranks that were asked to stop, and wrote a checkpoint."""


def torchrun(arguments: Sequence[str], processes: int) -> int:
    """Run ``tracekit ARGUMENTS`` as ranks of this machine, and wait for them.

    Args:
        arguments: of the command.
        processes: how many.

    Returns:
        The exit code: 0, or that of ranks that were asked to stop.

    Raises:
        TracekitError: a rank failed; what it said is above.
    """
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # as torchrun does: ranks share the machine
    config = LaunchConfig(
        run_id=uuid.uuid4().hex,
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=processes,
        rdzv_backend="c10d",
        rdzv_endpoint="localhost:0",
        max_restarts=0,
    )
    try:
        elastic_launch(config, sys.executable)("-m", "tracekit", *arguments)
    except SignalException as error:
        return 128 + int(error.sigval)
    except ChildFailedError as error:
        # One that was killed comes first: others may have ended because it was gone, or were ended by the agent.
        rank, failure = min(
            error.failures.items(), key=lambda found: (found[1].exitcode == -signal.SIGTERM, found[1].exitcode)
        )
        if failure.exitcode in STOPPED:
            return int(failure.exitcode)
        how = f"was killed by signal {-failure.exitcode}" if failure.exitcode < 0 else f"ended with {failure.exitcode}"
        raise TracekitError(
            f"rank {rank} {how}, and the other ranks were ended",
            remedy="see what it said above; the same command goes on from the last checkpoint",
        ) from None
    return 0
