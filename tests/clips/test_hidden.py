"""What a tape hides takes no time on the trace clock, is told by no clip, and has made the screen that follows it."""

import hashlib
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from clips.recordings import replay, shown
from tracekit.casts.model import Header
from tracekit.clips.clip import Capture, Clip, Input
from tracekit.clips.recording import Filming, Recording
from tracekit.clips.settings import ClipSettings, LookSettings, VideoSettings
from tracekit.clips.timeline import leave_out_hidden
from tracekit.core.clock import CLIP_FRAMES, NS_PER_S, frame_time_ns
from tracekit.core.events import Event
from tracekit.shards.events import load_events
from tracekit.terminal.grid import Grid

HEADER = Header(2, 20, 4)
WHOLE = ClipSettings(window_s=None, idle_limit_s=None)

EVENTS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from([("o", "x"), ("i", "k"), ("m", "hide"), ("m", "show"), ("m", "screenshot a.png")]),
    ),
    max_size=30,
)


def timed(steps: list[tuple[int, tuple[str, str]]]) -> tuple[list[Event], int]:
    """Events after so many nanoseconds each, numbered, and the length of the run."""
    now, events = 0, []
    for number, (after_ns, (code, data)) in enumerate(steps):
        now += after_ns
        events.append(Event(now, code, data if code == "m" else f"{data}{number}"))
    return events, now + 2


def hidden_at(events: list[Event], duration_ns: int) -> list[bool]:
    """Of each nanosecond of a run whether it is hidden, the slow and plain way."""
    hidden, flags = False, []
    for instant in range(duration_ns):
        for event in events:
            if event.time_ns == instant and event.code == "m" and event.data in ("hide", "show"):
                hidden = event.data == "hide"
        flags.append(hidden)
    return flags


@given(EVENTS)
def test_a_hidden_stretch_takes_no_time(steps: list[tuple[int, tuple[str, str]]]) -> None:
    events, duration_ns = timed(steps)
    timeline = leave_out_hidden(events, duration_ns)
    assert timeline.duration_ns == hidden_at(events, duration_ns).count(False)
    assert all(before.time_ns <= after.time_ns for before, after in pairwise(timeline.events))
    for event, source_ns in zip(timeline.events, timeline.source_ns, strict=True):
        if event in timeline.told:
            assert event.time_ns == hidden_at(events, duration_ns)[:source_ns].count(False)


@given(EVENTS)
def test_clips_tell_what_is_seen_and_where_something_was_hidden(steps: list[tuple[int, tuple[str, str]]]) -> None:
    events, duration_ns = timed(steps)
    hidden, wanted = False, []
    for event in events:
        if event.data == "hide":
            hidden = True
        elif event.data == "show":
            wanted.append(event.data)
            hidden = False
        elif not hidden:
            wanted.append(event.data)
    assert [event.data for event in leave_out_hidden(events, duration_ns).told] == wanted


@given(EVENTS)
def test_what_is_put_out_of_sight_is_on_the_screen_that_follows(steps: list[tuple[int, tuple[str, str]]]) -> None:
    events, duration_ns = timed(steps)
    if any(event.data == "hide" for event in events):
        events.append(Event(duration_ns, "m", "show"))  # else what comes last never shows
    played = leave_out_hidden(events, duration_ns).events
    assert shown(replay(played, 20, 4)) == shown(replay(events, 20, 4))


def test_a_stretch_without_end_is_left_out_with_its_output() -> None:
    events = [Event(0, "o", "seen"), Event(5, "m", "hide"), Event(6, "i", "k"), Event(7, "o", "unseen")]
    timeline = leave_out_hidden(events, 90)
    assert timeline.duration_ns == 5
    assert "unseen" not in {event.data for event in timeline.events}


def test_a_hidden_end_is_no_jump_in_the_middle() -> None:
    events = [Event(0, "m", "hide"), Event(4, "m", "show"), Event(9, "m", "hide")]
    assert leave_out_hidden(events, 20).source_time_ns(3) == 7


def clip_of(events: list[Event], duration_ns: int, settings: ClipSettings = WHOLE) -> Clip:
    capture = Capture(settings, LookSettings(font_size_px=6), VideoSettings(), None, 0)
    item = Input("a.tape", hashlib.sha256(b"a").hexdigest(), 1, "")
    (clip,) = Filming(capture).clips(Recording("tapes", item, HEADER, events, duration_ns=duration_ns))
    return clip


def test_the_screen_at_show_is_the_first_frame() -> None:
    events = [
        Event(0, "o", "> "),
        Event(0, "m", "hide"),
        Event(NS_PER_S, "i", "\r"),
        Event(NS_PER_S, "o", "\x1b[H\x1b[2Jready "),
        Event(2 * NS_PER_S, "m", "show"),
        Event(3 * NS_PER_S, "i", "x"),
        Event(3 * NS_PER_S, "o", "x"),
    ]
    clip = clip_of(events, 4 * NS_PER_S)
    grid = Grid.load(clip.files["cells.npz"])
    assert grid.lines(0)[0] == "ready"
    assert (grid.lines(14)[0], grid.lines(15)[0]) == ("ready", "ready x")
    assert [event[1:] for event in load_events(clip.files["events.jsonl"])] == [
        ("o", "> "), ("m", "show"), ("i", "x"), ("o", "x"),
    ]  # fmt: skip
    assert clip.sample["clock"]["source_time_ns"][0] == 2 * NS_PER_S
    assert clip.sample["statistics"]["duration_s"] == 2


def test_without_a_window_a_recording_of_any_length_is_one_clip() -> None:
    events = [Event(second * NS_PER_S, "o", f"{second}\r\n") for second in range(30)]
    short, long = clip_of(events[:2], 2 * NS_PER_S), clip_of(events, 30 * NS_PER_S)
    assert (short.sample["clock"]["fitted"], long.sample["clock"]["fitted"]) == ("held", "subsampled")
    assert long.sample["clock"]["frames"] == short.sample["clock"]["frames"] == CLIP_FRAMES
    assert long.sample["clock"]["end_ns"] == 30 * NS_PER_S
    assert long.sample["clock"]["source_time_ns"][-1] == frame_time_ns(30 * 15)
    assert len(load_events(long.files["events.jsonl"])) == len(events)


def test_the_pause_at_the_end_of_a_tape_is_part_of_it() -> None:
    events = [Event(0, "o", "a"), Event(NS_PER_S, "o", "b")]
    assert clip_of(events, 9 * NS_PER_S).sample["statistics"]["duration_s"] == 9
    limited = clip_of(events, 9 * NS_PER_S, ClipSettings(window_s=None, idle_limit_s=2))
    assert limited.sample["statistics"]["duration_s"] == 3
