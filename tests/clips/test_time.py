"""Idle time, cuts and fitting: nothing is lost, and the clock rule holds on the clip's clock too."""

from bisect import bisect_left
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tracekit.clips.cut import CutRule, Segment, segments
from tracekit.clips.fit_time import fit_time
from tracekit.clips.timeline import limit_idle
from tracekit.core.clock import CLIP_FRAMES, frame_of, frames_for
from tracekit.core.events import Event

gaps_ns = st.lists(st.integers(0, 20_000_000_000), min_size=1, max_size=60)


def events_of(gaps: list[int]) -> list[Event]:
    now_ns, events = 0, []
    for number, gap_ns in enumerate(gaps):
        now_ns += gap_ns
        events.append(Event(now_ns, "o", str(number)))
    return events


@given(gaps_ns, st.integers(1, 5_000_000_000))
def test_limited_idle_keeps_short_pauses_and_the_way_back(gaps: list[int], limit_ns: int) -> None:
    events = events_of(gaps)
    timeline = limit_idle(events, limit_ns)
    times = [0, *(event.time_ns for event in timeline.events)]
    assert [b - a for a, b in pairwise(times)] == [min(gap, limit_ns) for gap in gaps]
    last_at = {event.time_ns: source for event, source in zip(timeline.events, timeline.source_ns, strict=True)}
    assert all(timeline.source_time_ns(time_ns) == source for time_ns, source in last_at.items())


@given(gaps_ns, st.integers(2, 90), st.integers(0, 40), st.booleans())
def test_clips_end_to_end_cover_every_frame_once_and_every_event_once(
    gaps: list[int], window: int, tolerance: int, held: bool
) -> None:
    events = events_of(gaps)
    total = frames_for(events[-1].time_ns) + (30 if held else 0)
    active = sorted({frame_of(event.time_ns) for event in events})
    rule = CutRule(window, min(tolerance, window - 1), None, minimum=2)
    found = list(segments(active, total, rule))
    assert found[0].start == 0
    assert found[-1].end == total
    assert all(a.end == b.start for a, b in pairwise(found))
    assert all(rule.window - rule.tolerance <= s.end - s.start <= rule.window + rule.tolerance for s in found[:-1])
    shown = [event for segment in found for event in fit_time(segment).events(events)]
    assert [event.data for event in shown] == [event.data for event in events]


@given(st.integers(0, 1000), st.integers(1, 400), st.lists(st.integers(0, 30_000_000_000), max_size=40).map(sorted))
def test_an_event_of_a_clip_belongs_to_the_first_frame_that_shows_it(start: int, length: int, times: list[int]) -> None:
    fitted = fit_time(Segment(start, start + length))
    assert len(fitted.shown) == CLIP_FRAMES
    assert fitted.shown == sorted(fitted.shown)
    assert (fitted.shown[0], fitted.shown[-1]) == (start, start + length - 1)
    events = [Event(time_ns, "o", str(time_ns)) for time_ns in times]
    mine = fitted.events(events)
    assert [event.time_ns for event in mine] == sorted(event.time_ns for event in mine)
    for event in mine:
        trace_frame = frame_of(int(event.data))
        assert start <= trace_frame < start + length
        assert frame_of(event.time_ns) == bisect_left(fitted.shown, trace_frame)


def test_a_short_clip_holds_its_last_frame_and_a_long_one_is_subsampled_uniformly() -> None:
    held = fit_time(Segment(10, 13))
    assert held.kind == "held"
    assert held.shown[:4] == [10, 11, 12, 12]
    long = fit_time(Segment(0, 149))
    assert long.kind == "subsampled"
    assert long.shown == list(range(149))[::2]
    assert fit_time(Segment(5, 80)).kind == "exact"


def test_a_cut_falls_at_the_end_of_the_longest_pause() -> None:
    active = [*range(65), *range(72, 200)]
    assert next(segments(active, 300, CutRule(75, 15))) == Segment(0, 72)


def test_windows_with_a_stride_overlap() -> None:
    found = list(segments(list(range(300)), 300, CutRule(75, 0, stride=30)))
    assert [segment.start for segment in found[:4]] == [0, 30, 60, 90]
    assert {segment.end - segment.start for segment in found[:-1]} == {75}
    assert found[-1].end == 300


@given(gaps_ns, st.integers(2, 60), st.integers(0, 30), st.integers(1, 200))
def test_windows_of_any_stride_show_something_and_end_in_order(
    gaps: list[int], window: int, tolerance: int, stride: int
) -> None:
    events = events_of(gaps[:12])
    total = frames_for(events[-1].time_ns)
    active = sorted({frame_of(event.time_ns) for event in events})
    found = list(segments(active, total, CutRule(window, min(tolerance, window - 1), stride)))
    assert all(0 <= segment.start < segment.end <= total for segment in found)
    assert all(a.start < b.start for a, b in pairwise(found))
    assert all(a.end <= b.end for a, b in pairwise(found))
