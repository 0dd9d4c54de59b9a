"""Law 1 on grids and on pixels: frame k shows every output with t <= k/15 s and none later."""

import itertools
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clips.recordings import EXACT, Instant, Picture, at_frame, decoded, painted, recorded, replay, shown
from tracekit.clips.cut import CutRule, Segment, segments
from tracekit.clips.film import Film, film, ticks
from tracekit.clips.fit_time import fit_time
from tracekit.clips.screen import Screen
from tracekit.clips.settings import LookSettings
from tracekit.clips.studio import Studio
from tracekit.clips.timeline import limit_idle
from tracekit.core.clock import CLIP_FRAMES, frame_of, frame_time_ns, frames_for
from tracekit.core.events import Event
from tracekit.terminal.engine import open_engine

COLUMNS, ROWS = 12, 4
LOOK = LookSettings(font_size_px=6)
_some = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def film_all(events: Sequence[Event], cuts: Sequence[Segment], studio: Studio, size: tuple[int, int]) -> list[Film]:
    look = studio.look(None)
    screen = Screen(open_engine("pyte", COLUMNS, ROWS), None)
    return list(film(events, [fit_time(cut) for cut in cuts], screen, lambda n: studio.camera(look, *size, n)))


def largest(events: Sequence[Event]) -> tuple[int, int]:
    sizes = [(COLUMNS, ROWS), *(tuple(map(int, event.data.split("x"))) for event in events if event.code == "r")]
    return max(size[0] for size in sizes), max(size[1] for size in sizes)


def states(events: Sequence[Event], frames: Sequence[int], studio: Studio) -> list[tuple[Instant, Picture]]:
    """Each trace frame from scratch: a new terminal, a new painter."""
    look, size = studio.look(None), largest(events)
    known: dict[int, tuple[Instant, Picture]] = {}
    found = []
    for frame in frames:
        taken = at_frame(events, frame)
        if len(taken) not in known:
            engine = replay(taken, COLUMNS, ROWS)
            known[len(taken)] = shown(engine), painted(engine, look, *size)
        found.append(known[len(taken)])
    return found


def assert_true_to_time(take: Film, events: Sequence[Event], studio: Studio) -> None:
    video = decoded(take.video)
    assert len(video) == take.grid.frames == CLIP_FRAMES
    for frame, (instant, picture) in enumerate(states(events, take.time.shown, studio)):
        assert recorded(take.grid, frame) == instant, f"grid of frame {frame}"
        assert np.array_equal(video[frame], picture), f"pixels of frame {frame}"


near_a_frame_ns = st.builds(
    lambda frame, offset_ns: max(0, frame_time_ns(frame) + offset_ns),
    st.integers(0, 200),
    st.sampled_from([-1, 0, 1, 33_333_333]),
)
SEQUENCES = [
    "\x1b[2J\x1b[H",
    "\x1b[31;1m",
    "\x1b[0m",
    "\x1b[7m",
    "\x1b[2;3H",
    "\x1b[?25l",
    "\x1b[?25h",
    "\x1b[38;2;10;200;30m",
    "\x1b]4;1;#00ff88\x07",
    "\x1b[5X",
    "\x1b]11;#202060\x07",
    "\x1b[?5h",
    "\x1b[?5l",
    "\x1b[?1049h",
    "\x1b[?1049l",
    "\x1b[10@",
    "\x1b[L",
    "\x1b[3S",
    "\x1bc",
    "é",
    "🧑\u200d🔧",
    "\x1b[38;5",
    ";9mQ",
]
outputs = st.one_of(st.text("abXY─é界 \r\n", min_size=1, max_size=8), st.sampled_from([*SEQUENCES, "\x1b[4 q"])).map(
    lambda data: ("o", data)
)
resizes = st.tuples(st.integers(1, 16), st.integers(1, 6)).map(lambda size: ("r", f"{size[0]}x{size[1]}"))
others = st.sampled_from([("i", "k"), ("m", "here")])


@st.composite
def recordings(draw: st.DrawFn) -> list[Event]:
    times = sorted(draw(st.lists(near_a_frame_ns, min_size=1, max_size=14)))
    kinds = st.one_of(outputs, outputs, outputs, resizes, others)
    return [Event(time_ns, *draw(kinds)) for time_ns in times]


@pytest.fixture(scope="module")
def studio() -> Studio:
    return Studio(LOOK, EXACT)


@pytest.mark.parametrize("frame", [1, 2, 7, 14, 15, 30, 74])
def test_an_output_shows_at_its_instant_and_not_before(studio: Studio, frame: int) -> None:
    # k/15 s is a whole number of nanoseconds for every third k only; else the last that frame k shows lies below it.
    instant_ns = 1_000_000_000 * frame // 15
    events = [
        Event(max(0, instant_ns - 1), "o", "before"),
        Event(instant_ns, "o", "\r\nexactly"),
        Event(instant_ns + 1, "o", "\r\nafter"),
    ]
    (take,) = film_all(events, [Segment(0, CLIP_FRAMES)], studio, (COLUMNS, ROWS))
    assert take.grid.lines(frame)[:3] == ["before", "exactly", ""]
    if frame + 1 < CLIP_FRAMES:
        assert take.grid.lines(frame + 1)[:3] == ["before", "exactly", "after"]
    assert_true_to_time(take, events, studio)


@_some
@given(
    recordings(),
    st.one_of(st.none(), st.integers(1, 4_000_000_000)),
    st.integers(2, 150),
    st.integers(0, 20),
    st.one_of(st.none(), st.integers(5, 80)),
)
def test_every_frame_of_every_clip_shows_the_state_at_its_instant(
    studio: Studio, events: list[Event], limit_ns: int | None, window: int, tolerance: int, stride: int | None
) -> None:
    timeline = limit_idle(events, limit_ns)
    events = timeline.events
    active = sorted({frame_of(event.time_ns) for event in events if event.code in "or"})
    rule = CutRule(window, min(tolerance, window - 1), stride)
    cuts = list(itertools.islice(segments(active, frames_for(timeline.duration_ns), rule), 6))
    takes = film_all(events, cuts, studio, largest(events))
    assert sorted(take.time.segment.start for take in takes) == [cut.start for cut in cuts]
    for take in takes:
        assert_true_to_time(take, events, studio)
        times = [timeline.source_time_ns(frame_time_ns(frame)) for frame in take.time.shown]
        assert times == sorted(times)
        if limit_ns is None:
            assert times == [frame_time_ns(frame) for frame in take.time.shown]


@_some
@given(recordings(), st.integers(10, 90), st.integers(3, 40))
def test_overlapping_clips_are_what_each_is_when_filmed_alone(
    studio: Studio, events: list[Event], window: int, stride: int
) -> None:
    total = frames_for(events[-1].time_ns)
    cuts = list(itertools.islice(segments([], total, CutRule(window, 0, stride)), 12))
    together = film_all(events, cuts, studio, largest(events))
    assert [take.time.segment for take in together] == cuts
    for cut, take in zip(cuts, together, strict=True):
        (alone,) = film_all(events, [cut], Studio(LOOK, EXACT), largest(events))
        assert alone.video == take.video
        assert alone.grid.save() == take.grid.save()


moves = st.tuples(st.integers(1, ROWS), st.integers(1, COLUMNS), st.text("ab#", max_size=2)).map(
    lambda move: f"\x1b[{move[0]};{move[1]}H{move[2]}"
)


@_some
@given(st.lists(st.tuples(st.integers(0, 74), moves), min_size=1, max_size=20))
def test_pixels_stay_exactly_when_text_and_cursor_do(studio: Studio, drawn: list[tuple[int, str]]) -> None:
    events = [Event(frame_time_ns(frame), "o", text) for frame, text in sorted(drawn, key=lambda one: one[0])]
    (take,) = film_all(events, [Segment(0, CLIP_FRAMES)], studio, (COLUMNS, ROWS))
    video = decoded(take.video)
    for frame in range(1, CLIP_FRAMES):
        same_grid = recorded(take.grid, frame) == recorded(take.grid, frame - 1)
        assert same_grid == np.array_equal(video[frame], video[frame - 1])
        assert same_grid == (
            take.grid.screen_of(frame) == take.grid.screen_of(frame - 1)
            and take.grid.cursor(frame) == take.grid.cursor(frame - 1)
        )


@pytest.mark.parametrize("change", ["\x1b]11;#204060\x07", "\x1b]10;#ff0000\x07", "\x1b[?5h", "\x1b]4;2;#ff00ff\x07"])
def test_a_change_of_colours_in_the_middle_of_a_clip_shows_at_its_frame(studio: Studio, change: str) -> None:
    events = [Event(0, "o", "\x1b[32mgreen\x1b[0m text"), Event(frame_time_ns(40), "o", change)]
    (take,) = film_all(events, [Segment(0, CLIP_FRAMES)], studio, (COLUMNS, ROWS))
    video = decoded(take.video)
    changed = [frame for frame in range(1, CLIP_FRAMES) if not np.array_equal(video[frame], video[frame - 1])]
    assert changed == [40]
    assert_true_to_time(take, events, studio)


def test_a_video_of_fixed_quantiser_repeats_pictures_to_the_bit() -> None:
    studio = Studio(LOOK, EXACT.model_copy(update={"pix_fmt": "yuv420p", "qp": 20}))
    events = [Event(frame_time_ns(frame), "o", "word ") for frame in (0, 9, 30)]
    (take,) = film_all(events, [Segment(0, CLIP_FRAMES)], studio, (COLUMNS, ROWS))
    video = decoded(take.video)
    changed = [frame for frame in range(1, CLIP_FRAMES) if not np.array_equal(video[frame], video[frame - 1])]
    assert changed == [9, 30]


@pytest.mark.parametrize("stop", ["close", "fail"])
def test_a_film_that_was_broken_off_leaves_no_trace_in_the_next(stop: str) -> None:
    studio = Studio(LOOK, EXACT)
    look = studio.look(None)
    first = [Event(frame_time_ns(frame), "o", str(frame)) for frame in range(0, 200, 3)]
    clips = [fit_time(Segment(0, 60)), fit_time(Segment(20, 90))]

    def cameras(number: int) -> object:
        return studio.camera(look, COLUMNS, ROWS, number)

    class Failing(Screen):
        def play(self, events: Sequence[Event]) -> set[int] | None:  # type: ignore[override]
            if events[0].time_ns > frame_time_ns(70):
                raise RuntimeError("broken")
            return super().play(events)  # type: ignore[return-value]

    kind = Failing if stop == "fail" else Screen
    running = film(first, clips, kind(open_engine("pyte", COLUMNS, ROWS), None), cameras)  # type: ignore[arg-type]
    next(running)
    if stop == "close":
        running.close()
    else:
        with pytest.raises(RuntimeError, match="broken"):
            next(running)
    second = [Event(0, "o", "another"), Event(frame_time_ns(70), "o", " one")]
    cuts = [Segment(0, 75), Segment(5, 80)]
    after = film_all(second, cuts, studio, (COLUMNS, ROWS))
    fresh = film_all(second, cuts, Studio(LOOK, EXACT), (COLUMNS, ROWS))
    assert [take.video for take in after] == [take.video for take in fresh]


def test_films_that_run_at_the_same_time_do_not_mix() -> None:
    studio = Studio(LOOK, EXACT)
    look = studio.look(None)

    def start(word: str) -> Callable[[], Film]:
        events = [Event(frame_time_ns(frame), "o", word) for frame in range(0, 150, 10)]
        clips = [fit_time(Segment(start, start + 75)) for start in (0, 30, 60)]
        screen = Screen(open_engine("pyte", COLUMNS, ROWS), None)
        return film(events, clips, screen, lambda n: studio.camera(look, COLUMNS, ROWS, n)).__next__

    one, other = start("one "), start("other ")
    mixed = [(one().video, other().video) for _ in range(3)]
    alone = start("one ")
    assert [video for video, _ in mixed] == [alone().video for _ in range(3)]


@given(recordings())
def test_ticks_play_every_event_once_in_the_frame_of_its_time(events: list[Event]) -> None:
    class Taking:
        def __init__(self) -> None:
            self.taken: list[Event] = []

        def play(self, events: Sequence[Event]) -> tuple[int, ...]:
            self.taken += events
            return ()

    screen = Taking()
    total = frames_for(events[-1].time_ns)
    for frame, _ in enumerate(ticks(events, screen, total)):  # type: ignore[arg-type]
        assert screen.taken == at_frame(events, frame)
    assert screen.taken == events
