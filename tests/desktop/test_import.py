"""Recordings made elsewhere: a video put on the grid by the clock rule, a log of events, what is wrong with them."""

import json
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from traces import BITS, CODE_PX, numbers

from tracekit.actions.cursor_track import HIDDEN, CursorTrack
from tracekit.actions.events import InputEvent, dump_inputs, load_inputs
from tracekit.core.clock import FPS, NS_PER_S, frame_of
from tracekit.core.errors import TracekitError
from tracekit.desktop.foreign.problems import Problems
from tracekit.desktop.foreign.tables import read_log
from tracekit.desktop.importing import import_recording
from tracekit.desktop.trace import read_trace

SIZE = 320, 240
HEADER = "Timestamp,Timestamp_formated,X,Y,Left Click,Right Click,Key Events\n"
Place = Callable[[float], tuple[int, int]]


def write_video(path: Path, times_ms: Sequence[int], cursor: Place | None = None) -> None:
    """Picture n, at its time, shows n in binary, and a black block as a cursor."""
    with av.open(str(path), "w") as file:
        stream = file.add_stream("mpeg4", rate=25)
        stream.width, stream.height = SIZE
        stream.pix_fmt, stream.bit_rate = "yuv420p", 8_000_000
        stream.codec_context.time_base = Fraction(1, 1000)
        for number, time_ms in enumerate(times_ms):
            picture = np.full((SIZE[1], SIZE[0], 3), 180, np.uint8)
            for bit in range(BITS):
                picture[:CODE_PX, bit * CODE_PX : (bit + 1) * CODE_PX] = 255 * (number >> bit & 1)
            if cursor:
                x, y = cursor(time_ms / 1000)
                picture[y : y + 14, x : x + 10] = 0
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = time_ms, Fraction(1, 1000)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))


def write_log(path: Path, text: str = HEADER + "0.0,0:0,10,20,False,False,[]\n") -> Path:
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    "times_ms",
    [
        [round(number * 1000 / 15) for number in range(30)],
        [round(number * 1000 / 25) for number in range(50)],
        [number * 100 for number in range(20)],
        [0, 30, 31, 32, 400, 410, 900, 966, 1000, 1500],
        [5000, 5040, 5700],
    ],
    ids=["15", "25", "10", "irregular", "late start"],
)
def test_frame_k_shows_the_newest_picture_at_its_instant(tmp_path: Path, times_ms: list[int]) -> None:
    write_video(tmp_path / "video.mkv", times_ms)
    trace = import_recording(tmp_path / "video.mkv", write_log(tmp_path / "log.csv"), tmp_path, key="one")
    shown = numbers((tmp_path / "one" / "screen.mp4").read_bytes())
    since_ms = [time_ms - times_ms[0] for time_ms in times_ms]
    # Matroska's milliseconds are rounded: half of one is nothing.
    wanted = [
        max(number for number, at in enumerate(since_ms) if at - 0.5 <= frame * 1000 / FPS)
        for frame in range(trace.frames)
    ]
    assert shown == wanted
    assert trace.frames == trace.duration_ns * FPS // NS_PER_S
    assert since_ms[-1] <= trace.frames * 1000 / FPS <= since_ms[-1] + 1100


def test_rows_of_a_csv_become_events_at_their_instants(tmp_path: Path) -> None:
    write_video(tmp_path / "video.mp4", [number * 40 for number in range(50)])
    keys = "\"[('keydown', 'Shift_L'), ('keydown', 'a'), ('keyup', 'a'), ('keyup', 'Shift_L')]\""
    rows = [
        "0.0,0:0,10,20,False,False,[]",
        "0.1,0:100,10,20,True,False,[]",
        "0.2,0:200,30,40,False,True,[]",
        f"0.3,0:300,30,40,False,False,{keys}",
        "0.4,0:400,30,40,False,False,\"[('scroll', 'down:5')]\"",
    ]
    write_log(tmp_path / "log.csv", HEADER + "\n".join(rows))
    trace = import_recording(tmp_path / "video.mp4", tmp_path / "log.csv", tmp_path, key="one")
    events = load_inputs((tmp_path / "one" / "events.jsonl").read_bytes())
    assert [(event.time_ns // 1_000_000, event.code, event.x, event.y, event.button) for event in events[:6]] == [
        (0, "move", 10, 20, ""),
        (100, "button-down", 10, 20, "left"),
        (100, "button-up", 10, 20, "left"),
        (200, "move", 30, 40, ""),
        (200, "button-down", 30, 40, "right"),
        (200, "button-up", 30, 40, "right"),
    ]
    assert [(event.code, event.keysym, event.text, event.held) for event in events[6:10]] == [
        ("key-down", "Shift_L", "", ("Shift_L",)),
        ("key-down", "A", "A", ("Shift_L", "a")),
        ("key-up", "A", "", ("Shift_L",)),
        ("key-up", "Shift_L", "", ()),
    ]
    assert (events[10].code, events[10].dy) == ("scroll", 5)
    assert (trace.events, trace.policy, trace.recorder) == (11, "import", "import")


def test_the_cursor_track_says_where_the_log_has_the_pointer_at_each_frame(tmp_path: Path) -> None:
    write_video(tmp_path / "video.mp4", [number * 40 for number in range(50)])
    log = HEADER + "".join(f"{number / 30},0:0,{number},{2 * number},False,False,[]\n" for number in range(60))
    trace = import_recording(tmp_path / "video.mp4", write_log(tmp_path / "log.csv", log), tmp_path, key="one")
    track = CursorTrack.load((tmp_path / "one" / "cursor.npz").read_bytes())
    events = load_inputs((tmp_path / "one" / "events.jsonl").read_bytes())
    for frame in range(trace.frames):
        newest = [event for event in events if frame_of(event.time_ns) <= frame][-1]
        assert tuple(track.positions[frame]) == (newest.x, newest.y)
    assert set(track.shapes.tolist()) == {HIDDEN}


def test_actions_of_an_agent_become_the_inputs_that_they_stand_for(tmp_path: Path) -> None:
    actions = [
        {"action": "left_click", "coordinate": [50, 60], "timestamp": 0.1},
        {"action": "left_click_success", "timestamp": 0.2},
        {"action": "type", "text": "Hi!\n", "timestamp": 0.3},
        {"action": "key", "text": "ctrl+shift+t", "timestamp": 0.4},
        {"action": "left_click_drag", "start_coordinate": [1, 2], "coordinate": [90, 80], "timestamp": 0.5},
        {"action": "scroll", "coordinate": [90, 80], "scroll_direction": "up", "scroll_amount": 3, "timestamp": 0.6},
        {"action": "double_click", "timestamp": 0.7},
        {"action": "wait", "timestamp": 0.8},
        {"action": "fly", "timestamp": 0.9},
        {"action": "key", "text": "ctrl+nonsense", "timestamp": 1.0},
    ]
    (tmp_path / "log.json").write_text(json.dumps({"metadata": {}, "actions": actions}))
    problems = Problems()
    log = read_log(tmp_path / "log.json", problems)
    assert "".join(event.text for event in log.events) == "Hi!\n"
    assert [event.keysym for event in log.events if event.time_ns == 400_000_000 and event.code == "key-down"] == [
        "Control_L",
        "Shift_L",
        "T",
    ]
    dragged = [(event.code, event.x, event.y) for event in log.events if event.time_ns == 500_000_000]
    assert dragged == [("move", 1, 2), ("button-down", 1, 2), ("move", 90, 80), ("button-up", 90, 80)]
    assert [event.drag for event in log.events if event.time_ns == 500_000_000] == [False, False, True, False]
    assert [event.dy for event in log.events if event.code == "scroll"] == [-3]
    assert sum(event.code == "button-down" and event.time_ns == 700_000_000 for event in log.events) == 2
    assert log.unused == {"left_click_success": 1, "wait": 1}
    assert [line.partition(": ")[0] for line in problems.lines()] == ["log.json:actions[8]", "log.json:actions[9]"]


def test_what_cannot_be_used_is_listed_with_its_file_and_line(tmp_path: Path) -> None:
    write_video(tmp_path / "video.mp4", [number * 40 for number in range(50)])
    rows = [
        "0.0,0:0,10,20,False,False,[]",
        "nan,0:0,10,20,False,False,[]",
        "0.2,0:0,here,20,False,False,[]",
        "0.3,0:0,10,20,False,False,__import__('os')",
        "0.4,0:0,10,20,False,False,\"[('explode', 'a')]\"",
        "0.1,0:0,11,21,False,False,[]",
        "0.5,0:0,5000,20,False,False,[]",
        "99,0:0,12,22,False,False,[]",
    ]
    write_log(tmp_path / "log.csv", HEADER + "\n".join(rows))
    trace = import_recording(tmp_path / "video.mp4", tmp_path / "log.csv", tmp_path, key="one")
    places = [line.split(": ")[0] for line in trace.problems]
    assert places[:5] == ["log.csv:3", "log.csv:4", "log.csv:5", "log.csv:6", "log.csv:7"]
    assert [line for line in trace.problems if "5000" in line]
    assert [line for line in trace.problems if "not within the video" in line]
    events = load_inputs((tmp_path / "one" / "events.jsonl").read_bytes())
    assert [(event.x, event.y) for event in events] == [(10, 20), (11, 21)]


def test_a_log_that_is_late_is_found_to_be_so_and_put_right(tmp_path: Path) -> None:
    def place(time_s: float) -> tuple[int, int]:
        return round(150 + 120 * np.sin(2.3 * time_s)), round(120 + 90 * np.cos(3.1 * time_s))

    late_s = 0.31
    write_video(tmp_path / "video.mkv", [number * 40 for number in range(200)], lambda time_s: place(time_s - late_s))
    log = HEADER + "".join(
        "{},0:0,{},{},False,False,[]\n".format(number / 15, *place(number / 15)) for number in range(110)
    )
    write_log(tmp_path / "log.csv", log)
    told = import_recording(tmp_path / "video.mkv", tmp_path / "log.csv", tmp_path, key="told")
    bound_s = told.policy_options["offset_bound_s"]
    assert abs(told.policy_options["measured_offset_s"] - late_s) <= bound_s
    assert bound_s < 0.05
    assert told.timing.event_error_p50_ns == told.policy_options["measured_offset_s"] * NS_PER_S
    right = import_recording(tmp_path / "video.mkv", tmp_path / "log.csv", tmp_path, key="right", offset_s="measured")
    events = [load_inputs((tmp_path / key / "events.jsonl").read_bytes()) for key in ("told", "right")]
    assert events[1][0].time_ns - events[0][0].time_ns == told.policy_options["measured_offset_s"] * NS_PER_S
    assert right.timing.event_error_p50_ns == 0


def test_an_offset_that_nothing_shows_is_said_to_be_unknown(tmp_path: Path) -> None:
    write_video(tmp_path / "video.mp4", [number * 40 for number in range(50)])
    log = write_log(tmp_path / "log.csv")
    trace = import_recording(tmp_path / "video.mp4", log, tmp_path, key="one")
    assert (trace.timing.measured, trace.policy_options["measured_offset_s"]) == (False, None)
    assert any("could not be measured" in line for line in trace.problems)
    with pytest.raises(TracekitError, match="can't be measured"):
        import_recording(tmp_path / "video.mp4", log, tmp_path, key="two", offset_s="measured")
    assert not (tmp_path / "two").exists()
    assert not (tmp_path / "two.partial").exists()


def test_our_own_lines_come_back_as_they_were(tmp_path: Path) -> None:
    write_video(tmp_path / "video.mp4", [number * 40 for number in range(50)])
    events = [
        InputEvent(0, "move", 3, 4),
        InputEvent(1_234_567, "key-down", 3, 4, keycode=38, keysym="a", text="a", held=("a",)),
        InputEvent(90_000_000, "key-up", 3, 4, keycode=38, keysym="a"),
    ]
    (tmp_path / "events.jsonl").write_bytes(dump_inputs(events) + b'{"t":"soon"}\n')
    trace = import_recording(tmp_path / "video.mp4", tmp_path / "events.jsonl", tmp_path, key="one")
    assert load_inputs((tmp_path / "one" / "events.jsonl").read_bytes()) == events
    assert trace.problems[0].startswith("events.jsonl:4: not an event: t:")
    assert read_trace(tmp_path / "one") == trace


@given(st.one_of(st.binary(max_size=400), st.text(max_size=400).map(str.encode)))
def test_no_log_brings_anything_but_an_error_for_people(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("log") / "log"
    path.write_bytes(data)
    try:
        log = read_log(path, Problems())
    except TracekitError:
        return
    assert all(earlier.time_ns <= later.time_ns for earlier, later in zip(log.events, log.events[1:], strict=False))


@given(st.text(st.characters(codec="utf-8", exclude_characters='"\r\n'), max_size=200))
def test_no_key_events_of_a_row_are_run_or_lost(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("log") / "log.csv"
    path.write_text(HEADER + f'0.5,0:0,1,2,False,False,"{text}"\n', encoding="utf-8")
    problems = Problems()
    log = read_log(path, problems)
    assert len(log.events) > 1 or problems.count or not text.strip() or text.strip() in ("[]", "()", "set()")


@pytest.mark.parametrize("keys", ["[" * 4000, "-" * 4000 + "1", "9" * 4000, "[('keydown','a')]" * 300])
def test_key_events_that_are_a_trap_are_a_problem(tmp_path: Path, keys: str) -> None:
    problems = Problems()
    log = read_log(write_log(tmp_path / "log.csv", HEADER + f'0.5,0:0,1,2,False,False,"{keys}"\n'), problems)
    assert problems.count == 1
    assert [event.code for event in log.events] in ([], ["move"])


def test_a_video_that_is_none_leaves_nothing_behind(tmp_path: Path) -> None:
    log = write_log(tmp_path / "log.csv")
    (tmp_path / "video.mp4").write_bytes(b"no video at all" * 100)
    with pytest.raises(TracekitError, match="does not decode"):
        import_recording(tmp_path / "video.mp4", log, tmp_path / "out", key="one")
    with pytest.raises(TracekitError, match="no such video"):
        import_recording(tmp_path / "other.mp4", log, tmp_path / "out", key="one")
    assert [path.name for path in tmp_path.glob("out/*")] == []
