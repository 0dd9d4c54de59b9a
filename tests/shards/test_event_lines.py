"""Event lines: written and read back the same, whatever the texts hold."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracekit.core.errors import TracekitError
from tracekit.core.events import Event
from tracekit.shards.events import dump_events, load_events

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
EVENTS = st.lists(st.builds(Event, st.integers(0, 10**15), st.sampled_from("oimrx"), TEXT)).map(sorted)


@given(EVENTS)
def test_events_come_back(events: list[Event]) -> None:
    data = dump_events(events)
    assert load_events(data) == events
    assert [json.loads(line)["t"] for line in data.decode().split("\n")[:-1]] == [event.time_ns for event in events]


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    with suppress(TracekitError):
        assert all(isinstance(event, Event) for event in load_events(data))


@pytest.mark.parametrize("line", ["[]", "{}", '{"t":-1,"code":"o","data":""}', '{"t":1,"code":"","data":""}', "nan"])
def test_what_is_no_event_is_told_with_its_line(line: str) -> None:
    with pytest.raises(TracekitError, match="line 2: not an event"):
        load_events(b'{"t":1,"code":"o","data":""}\n' + line.encode() + b"\n")
