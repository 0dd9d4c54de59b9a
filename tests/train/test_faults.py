"""What ends a run before its time is told by one line that says what to do."""

import signal

import pytest
from train.training_runs import need_trainer

from tracekit.core.errors import TracekitError


@pytest.fixture(autouse=True, scope="module")
def _trainer() -> None:
    need_trainer()


def test_a_machine_out_of_memory_is_told_what_to_lower() -> None:
    import torch

    from tracekit.train.faults import told

    with pytest.raises(TracekitError, match="out of memory") as caught, told():
        torch.empty(1 << 60, dtype=torch.uint8)
    assert "run.batch_size" in caught.value.remedy


@pytest.mark.parametrize("kind", ["MemoryError", "torch.OutOfMemoryError"])
def test_a_gpu_out_of_memory_is_told_the_same(kind: str) -> None:
    import torch

    from tracekit.train.faults import told

    errors = {"MemoryError": MemoryError, "torch.OutOfMemoryError": torch.OutOfMemoryError}
    with pytest.raises(TracekitError, match="out of memory"), told():
        raise errors[kind]


def test_another_error_stays_what_it_is() -> None:
    from tracekit.train.faults import told

    with pytest.raises(RuntimeError, match="shapes"), told():
        raise RuntimeError("shapes differ")


def test_the_first_signal_is_remembered_and_the_second_ends() -> None:
    from tracekit.train.faults import Signals

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
    with Signals(insist=True) as signals:
        signal.raise_signal(signal.SIGINT)
        assert signals.caught == signal.SIGINT
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    signal.signal(signal.SIGINT, before)


def test_ranks_hear_a_signal_twice_and_go_on() -> None:
    from tracekit.train.faults import Signals

    before = signal.getsignal(signal.SIGTERM)
    with Signals(insist=False) as signals:
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)
    assert signals.caught == signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) is before
