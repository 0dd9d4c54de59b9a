"""The X server's clock is ours."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from x_servers import started

from tracekit.core.errors import TracekitError
from tracekit.desktop.connect import close, connect
from tracekit.desktop.server_clock import absolute_ns, measure_clock


@given(st.integers(0, 1 << 62), st.integers(-(1 << 31) + 1, (1 << 31) - 1))
def test_wrapped_times_are_found_again(now_ms: int, away_ms: int) -> None:
    event_ms = now_ms + away_ms
    found_ns = absolute_ns(event_ms % (1 << 32), now_ms * 1_000_000)
    assert found_ns == event_ms * 1_000_000 + 500_000


def test_it_is_measured_to_be_ours() -> None:
    with started(64, 64) as server:
        display = connect(server.socket)
        before_ns = time.monotonic_ns()
        reading = measure_clock(display, 40)
        spent_ns = time.monotonic_ns() - before_ns
        assert len(reading.round_trips_ns) == 40
        assert all(trip_ns > 0 for trip_ns in reading.round_trips_ns)
        assert sum(reading.round_trips_ns) <= spent_ns
        # What is possible contains an offset of nothing, but for a coarse clock's tick.
        assert abs(reading.offset_ns) <= reading.bound_ns + 4_000_000
        assert reading.bound_ns <= 500_000 + max(reading.round_trips_ns)
        server.process.kill()
        server.process.wait()
        with pytest.raises(TracekitError, match="gone"):
            measure_clock(display)
        close(display)
