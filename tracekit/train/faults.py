"""How a run ends before its time: asked to stop, out of memory, or with numbers that are none."""

import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

import torch

from tracekit.core.errors import TracekitError

_NO_MEMORY = ("can't allocate memory", "out of memory")
"""What torch says where it has no class for it: the CPU's allocator, cuBLAS."""
_NO_RANK = ("gloo", "NCCL", "Connection closed by peer", "Connection reset by peer")
"""Likewise, where another rank no longer answers."""


class Stopped(Exception):
    """The run was asked to stop, wrote a checkpoint, and stopped.

    Args:
        number: of the signal.
        step: of the checkpoint.
    """

    def __init__(self, number: int, step: int) -> None:
        super().__init__(f"stopped by {signal.Signals(number).name} at step {step}")
        self.number, self.step = number, step


class Signals:
    """SIGINT and SIGTERM are remembered while this is entered, so that a run can end after a whole step.

    Args:
        insist: whether a second one of them ends the process at once, as it would without this. A launcher passes on to
            its ranks what the terminal has sent them already, so ranks do not insist.
    """

    def __init__(self, insist: bool) -> None:
        self.caught = 0
        """The number of the first signal that came, or 0."""
        self._insist = insist
        # Python gives signals to the main thread alone; Ray Train runs the loop in another one.
        here = threading.current_thread() is threading.main_thread()
        self._numbers = (signal.SIGINT, signal.SIGTERM) if here else ()

    def __enter__(self) -> "Signals":
        self._before = {number: signal.signal(number, self._catch) for number in self._numbers}
        return self

    def __exit__(self, *_: object) -> None:
        self._restore()

    def _catch(self, number: int, _: FrameType | None) -> None:
        if not self.caught:
            self.caught = number
        elif self._insist:
            self._restore()
            signal.raise_signal(number)

    def _restore(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)


LESS_MEMORY = (
    "lower run.batch_size (and raise run.accumulate), data.frames or data.width_px and height_px; "
    "or use model.gradient_checkpointing, model.lora, run.precision: bf16, or run.strategy: fsdp2 on more ranks"
)
"""What makes a step of training smaller."""


@contextmanager
def told(less_memory: str = LESS_MEMORY) -> Iterator[None]:
    """Turn what torch raises where memory runs out, a GPU's or the machine's, or a rank is gone, into what can be done.

    Args:
        less_memory: what can be done where memory runs out.

    Raises:
        TracekitError: one of these happened.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, (MemoryError, torch.OutOfMemoryError)) or _says(error, _NO_MEMORY):
            raise TracekitError("out of memory", remedy=less_memory) from error
        if isinstance(error, torch.distributed.DistError) or _says(error, _NO_RANK):
            remedy = "see what that one said; the same command goes on from the last checkpoint"
            raise TracekitError("another rank is gone", remedy=remedy) from error
        raise


def _says(error: Exception, words: Sequence[str]) -> bool:
    return any(word in str(error) for word in words)


def not_finite(step: int, keys: Sequence[str], what: str) -> TracekitError:
    """The error of a step whose loss or gradient is not finite.

    Args:
        step: that was being made; its update is not applied.
        keys: of the samples that it was made of, of all ranks.
        what: is not finite.
    """
    return TracekitError(
        f"{what} is not finite in step {step}, of the samples {', '.join(keys)}",
        remedy="the last checkpoint is as it was: look at these samples, lower optimiser.learning_rate, "
        "raise optimiser.warmup_steps, or use run.precision: fp32",
    )
