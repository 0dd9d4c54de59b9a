"""A wire never waits for ever, loses nothing, and neither side of it can block the other."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracekit.core.errors import Rejected
from tracekit.sandbox.base import Limits
from tracekit.sandbox.wire import Wire


@contextmanager
def wired(limits: Limits) -> Iterator[tuple[Wire, int, int]]:
    """A wire, and the program's ends of it: what it reads from, and what it writes to."""
    its_input, sink = os.pipe()
    source, its_output = os.pipe()
    wires: list[Wire] = []
    wires.append(Wire([source], sink, lambda descriptor, data: wires[0].take_output(data), limits))
    try:
        yield wires[0], its_input, its_output
    finally:
        for descriptor in (its_input, sink, source, its_output):
            os.close(descriptor)


@given(st.lists(st.binary(max_size=50), max_size=20))
def test_lines_are_whole_however_they_come(parts: list[bytes]) -> None:
    with wired(Limits()) as (wire, _, its_output):
        for part in parts:
            os.write(its_output, part)
        os.write(its_output, b"\n")
        sent = b"".join(parts) + b"\n"
        lines = [wire.readline() for _ in range(sent.count(b"\n"))]
        assert b"".join(lines) == sent
        assert all(line.endswith(b"\n") and line.count(b"\n") == 1 for line in lines)


def test_a_program_that_echoes_everything_blocks_nobody() -> None:
    sent = os.urandom(2 << 20).replace(b"\n", b" ") + b"\n"
    with wired(Limits(wall_s=60)) as (wire, its_input, its_output):

        def echo() -> None:
            left = len(sent)
            while left:
                data = os.read(its_input, 1 << 16)
                left -= len(data)
                while data:
                    data = data[os.write(its_output, data) :]

        program = threading.Thread(target=echo)
        program.start()
        wire.write(sent)
        assert wire.readline() == sent
        program.join()


def test_a_limit_once_reached_stays_reached() -> None:
    with wired(Limits(output_mb=0)) as (wire, _, its_output):
        os.write(its_output, b"one\n")
        for _ in range(2):
            with pytest.raises(Rejected, match="more than 0 MiB") as caught:
                wire.readline()
            assert caught.value.reason == "too-much-output"
        assert wire.reached is caught.value


@pytest.mark.parametrize("wait", ["readline", "drain", "left_s"])
def test_no_time_is_no_wait(wait: str) -> None:
    with wired(Limits(wall_s=0)) as (wire, _, _), pytest.raises(Rejected) as caught:
        getattr(wire, wait)()
    assert caught.value.reason == "timed-out"


def test_a_line_that_does_not_come_in_time_comes_later() -> None:
    with wired(Limits()) as (wire, _, its_output):
        os.write(its_output, b"half a ")
        for _ in range(2):
            with pytest.raises(TimeoutError):
                wire.readline(time.monotonic() + 0.01)
        os.write(its_output, b"line\n")
        assert wire.readline(time.monotonic() + 60) == b"half a line\n"


def test_a_line_without_end_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracekit.sandbox.wire._LONGEST", 1000)
    with wired(Limits()) as (wire, _, its_output):
        os.write(its_output, bytes(5000))
        with pytest.raises(Rejected, match="a line of more than") as caught:
            wire.readline()
        assert caught.value.reason == "too-much-output"
