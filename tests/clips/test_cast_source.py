"""From a file to its clips: every event in one clip, every file a clip or a reason, the same bytes every time."""

import json
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise, permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from canaries import ALL
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clips.recordings import EXACT, clips_of, decoded, input_of, recorded, source, write_cast
from tracekit.casts.read import read_cast
from tracekit.casts.scrub import Scrubbed, Span, scrub
from tracekit.clips import cast_source, recording
from tracekit.clips.clip import Clip, Input
from tracekit.clips.screen import MOST_SECRETS
from tracekit.clips.settings import Canvas, ClipSettings, LookSettings
from tracekit.core.clock import CLIP_FRAMES, FPS, frame_of, frame_time_ns
from tracekit.core.errors import Rejected
from tracekit.shards.events import load_events
from tracekit.shards.sample import Sample
from tracekit.terminal.grid import Grid
from tracekit.video.decode import frame_count

TALK = [(number * 0.37, "o", f"line {number}\r\n") for number in range(60)]
SMALL = LookSettings(font_size_px=6)


def reason(made: cast_source.CastSource, path: Path) -> str:
    with pytest.raises(Rejected) as rejected:
        clips_of(made, path)
    assert str(path) not in rejected.value.message
    return rejected.value.reason


def test_every_event_is_in_one_clip_at_the_frame_of_its_time(tmp_path: Path) -> None:
    talk = [(time_s, *rest) for time_s, *rest in TALK] + [(22.2, "i", "k"), (22.3, "m", "here"), (23.0, "x", "0")]
    path = write_cast(tmp_path / "talk.cast", talk)
    clips = clips_of(source(clip=ClipSettings(idle_limit_s=None), look=SMALL), path)
    _, events, _ = read_cast(path)
    told = []
    for clip in clips:
        start_ns = clip.sample["clock"]["start_ns"]
        start = frame_of(start_ns)
        for event in load_events(clip.files["events.jsonl"]):
            assert 0 <= frame_of(event.time_ns) < CLIP_FRAMES
            told.append((event.code, event.data))
            original = next(one for one in events if (one.code, one.data) == (event.code, event.data))
            if clip.sample["clock"]["fitted"] != "subsampled":
                assert frame_of(event.time_ns) == max(0, frame_of(original.time_ns) - start)
    assert told == [(event.code, event.data) for event in events]
    assert all(a.sample["clock"]["start_ns"] <= b.sample["clock"]["start_ns"] for a, b in pairwise(clips))


def test_a_clip_is_a_whole_sample(tmp_path: Path) -> None:
    path = write_cast(
        tmp_path / "talk.cast", TALK, title="A talk", timestamp=1_700_000_000, env={"TERM": "xterm", "X": "1"}
    )
    for clip in clips_of(source(look=SMALL), path):
        assert set(clip.files) == {"mp4", "events.jsonl", "cells.npz"}
        sample = Sample.model_validate_json(json.dumps({**clip.sample, "split": "train", "captions": {}}))
        assert sample.key == clip.key
        assert clip.key.startswith(sample.provenance.recording)
        assert sample.provenance.title == "A talk"
        assert sample.provenance.recorded_at == 1_700_000_000
        assert sample.provenance.environment == {"TERM": "xterm"}
        assert str(tmp_path) not in sample.model_dump_json()
        assert frame_count(clip.files["mp4"]) == CLIP_FRAMES
        assert Grid.load(clip.files["cells.npz"]).frames == CLIP_FRAMES
        times = sample.clock.source_time_ns
        assert len(times) == CLIP_FRAMES
        assert times == sorted(times)


@pytest.mark.parametrize("version", [1, 2, 3])
def test_all_versions_of_the_format_make_the_same_pictures(tmp_path: Path, version: int) -> None:
    steps = [0.5] * 20
    if version == 1:
        document = {"version": 1, "width": 20, "height": 4, "env": {"TERM": "vt100"}}
        lines = [json.dumps(document | {"stdout": [[step, f"{n}\r\n"] for n, step in enumerate(steps)]})]
    else:
        size = (
            {"width": 20, "height": 4, "env": {"TERM": "vt100"}}
            if version == 2
            else {"term": {"cols": 20, "rows": 4, "type": "vt100"}}
        )
        times = steps if version == 3 else [0.5 * (n + 1) for n in range(20)]
        lines = [
            json.dumps({"version": version, **size}),
            *(json.dumps([t, "o", f"{n}\r\n"]) for n, t in enumerate(times)),
        ]
    path = tmp_path / "talk.cast"
    path.write_text("\n".join(lines) + "\n")
    reference = write_cast(tmp_path / "reference.cast", [(0.5 * (n + 1), "o", f"{n}\r\n") for n in range(20)])
    made = source(look=SMALL)
    clips = clips_of(made, path)
    assert [clip.files for clip in clips] == [clip.files for clip in clips_of(made, reference)]
    assert clips[0].sample["provenance"]["environment"] == {"TERM": "vt100"}


def test_idle_time_is_limited_as_recipe_or_header_say(tmp_path: Path) -> None:
    events = [(1.0, "o", "a"), (41.0, "o", "b"), (42.0, "o", "c")]
    plain, asking = (
        write_cast(tmp_path / "plain.cast", events),
        write_cast(tmp_path / "asking.cast", events, idle_time_limit=2),
    )
    endless = write_cast(tmp_path / "endless.cast", events, idle_time_limit=9e14)
    none = write_cast(tmp_path / "none.cast", events, idle_time_limit=1e-12)

    def length_s(path: Path, **settings: Any) -> float:
        clips = clips_of(source(clip=ClipSettings(**settings), look=SMALL), path)
        assert clips[-1].sample["clock"]["source_time_ns"][-1] >= 42 * 10**9
        return clips[-1].sample["clock"]["end_ns"] / 1e9

    assert length_s(asking) == 4.0
    assert length_s(plain) == 7.0
    assert length_s(plain, default_idle_limit_s=None) == 42.0
    assert length_s(asking, idle_limit_s=None) == 42.0
    assert length_s(asking, idle_limit_s=0.5) == 1.5
    assert length_s(endless) == 42.0
    assert length_s(none) == 0.0


def test_frames_name_the_instant_of_the_recording_that_they_show(tmp_path: Path) -> None:
    path = write_cast(tmp_path / "talk.cast", TALK)
    for clip in clips_of(source(clip=ClipSettings(idle_limit_s=None, tolerance_s=0), look=SMALL), path):
        first = frame_of(clip.sample["clock"]["start_ns"])
        wanted = [frame_time_ns(first + frame) for frame in range(CLIP_FRAMES)]
        if clip.sample["clock"]["fitted"] == "exact":
            assert clip.sample["clock"]["source_time_ns"] == wanted


def test_a_long_window_is_subsampled_and_a_recording_without_length_holds_its_frame(tmp_path: Path) -> None:
    (long,) = clips_of(source(clip=ClipSettings(window_s=30), look=SMALL), write_cast(tmp_path / "long.cast", TALK))
    assert long.sample["clock"]["fitted"] == "subsampled"
    (short,) = clips_of(source(look=SMALL), write_cast(tmp_path / "short.cast", [(0, "o", "all at once")]))
    assert short.sample["clock"]["fitted"] == "held"
    assert short.sample["clock"]["source_time_ns"] == [0] * CLIP_FRAMES
    assert short.sample["statistics"]["changed_frames"] == 0
    assert frame_count(short.files["mp4"]) == CLIP_FRAMES


def bytes_of(clip: Clip) -> tuple[str, Mapping[str, bytes], str, bytes]:
    return clip.key, clip.files, json.dumps(clip.sample), clip.fingerprint


def test_a_clip_does_not_depend_on_what_was_filmed_before(tmp_path: Path, demo_casts: list[Path]) -> None:
    own = {"fg": "#102030", "bg": "#ffeedd", "palette": ":".join(["#123456"] * 8)}
    paths = [
        write_cast(tmp_path / "a.cast", TALK[:20]),
        write_cast(tmp_path / "b.cast", [(t, c, f"\x1b[3{n % 8}m{d}") for n, (t, c, d) in enumerate(TALK[:20])]),
        write_cast(tmp_path / "c.cast", [*TALK[:9], (4.0, "r", "30x9"), (4.1, "o", "\x1b]11;#884400\x07世界\x1b[?5h")]),
        write_cast(tmp_path / "d.cast", TALK[:20], theme=own),
        write_cast(tmp_path / "e.cast", [(3, "o", "\x1b[?25lhidden")]),
        *demo_casts[:2],
    ]
    clip = ClipSettings(stride_s=3)
    fresh = {path: [bytes_of(one) for one in clips_of(source(clip=clip), path)] for path in paths}
    used = source(clip=clip)
    for path in [*paths[::-1], *paths]:
        assert [bytes_of(one) for one in clips_of(used, path)] == fresh[path]


def test_a_recording_that_is_put_aside_half_way_leaves_no_trace(tmp_path: Path) -> None:
    first, second = write_cast(tmp_path / "a.cast", TALK), write_cast(tmp_path / "b.cast", TALK[::2])
    made = source(look=SMALL)
    running = made.clips(input_of(first))
    next(running)
    running.close()
    assert [bytes_of(one) for one in clips_of(made, second)] == [
        bytes_of(one) for one in clips_of(source(look=SMALL), second)
    ]


@pytest.mark.parametrize("sizes", [["8x2"], ["40x10"], ["40x2", "8x10", "20x4"], ["1x1", "20x4"]])
def test_a_resize_keeps_grid_and_picture_together(tmp_path: Path, sizes: list[str]) -> None:
    resizes = [event for n, size in enumerate(sizes) for event in ((1.0 + n, "r", size), (1.2 + n, "o", f"now {size}"))]
    path = write_cast(tmp_path / "resize.cast", [(0.1, "o", "before"), *resizes])
    (clip,) = clips_of(source(look=SMALL, video=EXACT), path)
    grid, video = Grid.load(clip.files["cells.npz"]), decoded(clip.files["mp4"])
    geometry = clip.sample["geometry"]
    columns, rows = zip(*(map(int, size.split("x")) for size in ["20x4", *sizes]), strict=True)
    assert (geometry["columns"], geometry["rows"]) == (max(columns), max(rows))
    assert (geometry["width_px"], geometry["height_px"]) == video[0].shape[:0:-1]
    assert [grid.size(frame_of(int((1.0 + n) * 1e9))) for n in range(len(sizes))] == list(
        zip(columns, rows, strict=True)
    )[1:]
    assert grid.size(0) == (20, 4)
    for frame in range(1, CLIP_FRAMES):
        same = recorded(grid, frame) == recorded(grid, frame - 1)
        if same:
            assert np.array_equal(video[frame], video[frame - 1])


def test_resizes_that_cannot_be_are_dropped_and_told(tmp_path: Path) -> None:
    odd = [(1 + n, "r", size) for n, size in enumerate(["0x5", "-1x-1", "20", "axb", "9999999999x1"])]
    path = write_cast(tmp_path / "odd.cast", [*TALK[:40], *((t + 20, c, d) for t, c, d in odd)])
    clip = clips_of(source(look=SMALL, max_error_rate=0.2), path)[0]
    assert (clip.sample["geometry"]["columns"], clip.sample["geometry"]["rows"]) == (20, 4)
    assert clip.sample["provenance"]["repairs"] == [f"line {42 + n}: bad-resize" for n in range(5)]


def test_what_was_repaired_is_told_without_quoting_the_file(tmp_path: Path) -> None:
    path = write_cast(tmp_path / "odd.cast", [*TALK[:40], (20, "r", "s3cretxs3cret"), (21, "s3cret", "")])
    told = [json.dumps(clip.sample) for clip in clips_of(source(look=SMALL), path)]
    assert "bad-resize" in told[0]
    assert "unknown-code" in told[0]
    assert not [text for text in told if "s3cret" in text]


CANVAS_SIZES = [(80, 24), (30, 5), (120, 33), (7, 28)]
FITS = ["pad", "scale", "shrink-font", "crop"]


@pytest.mark.parametrize(
    ("fit", "columns", "rows"),
    [(fit, *size) for fit in FITS for size in CANVAS_SIZES if (fit, size) != ("pad", (120, 33))],
)
def test_a_canvas_gives_its_size_and_the_geometry_adds_up(tmp_path: Path, fit: str, columns: int, rows: int) -> None:
    path = write_cast(tmp_path / "talk.cast", TALK[:8], columns, rows)
    look = LookSettings.model_validate({"canvas": {"width_px": 832, "height_px": 480}, "fit": fit})
    (clip,) = clips_of(source(look=look, video=EXACT), path)
    place, video = clip.sample["geometry"], decoded(clip.files["mp4"])
    assert (place["width_px"], place["height_px"]) == (832, 480) == video[0].shape[:0:-1]
    assert place["screen_width_px"] == columns * place["cell_width_px"]
    assert place["screen_height_px"] == rows * place["cell_height_px"]
    left, top, right, bottom = place["padding_px"]
    for side, before, after, least in ((0, left, right, 832), (1, top, bottom, 480)):
        screen = (
            place[("screen_width_px", "screen_height_px")[side]] - place["crop_px"][side] - place["crop_px"][side + 2]
        )
        assert abs(before + after + screen * place["scale"] - least) < 2
    around = np.ones(video[0].shape[1:], dtype=bool)
    around[top : 480 - bottom, left : 832 - right] = False
    assert all(len(np.unique(plane[around])) <= 1 for plane in video[-1])
    shrunk = fit == "shrink-font" and columns == 120
    assert (clip.sample["look"]["font_size_px"] < 13) == shrunk


@pytest.mark.parametrize("fit", ["pad", "shrink-font"])
def test_a_screen_that_does_not_go_into_the_canvas_is_rejected(tmp_path: Path, fit: str) -> None:
    path = write_cast(tmp_path / "wide.cast", TALK, 300, 24)
    look = LookSettings.model_validate({"canvas": {"width_px": 832, "height_px": 480}, "fit": fit})
    assert reason(source(look=look), path) == "too-large"


def test_padding_leaves_the_screen_as_it_is_without_a_canvas(tmp_path: Path) -> None:
    path = write_cast(tmp_path / "talk.cast", TALK[:8])
    (natural,) = clips_of(source(video=EXACT), path)
    (padded,) = clips_of(source(look=LookSettings(canvas=Canvas()), video=EXACT), path)
    left, top, right, bottom = padded.sample["geometry"]["padding_px"]
    for inside, whole in zip(decoded(padded.files["mp4"]), decoded(natural.files["mp4"]), strict=True):
        assert np.array_equal(inside[:, top : 480 - bottom, left : 832 - right], whole)


HEADER = '{"version": 2, "width": 20, "height": 4}\n'


@pytest.mark.parametrize(
    ("content", "expected"),
    {
        "nothing": ("", "empty"),
        "text": ("hello\n", "not-a-cast"),
        "a header alone": (HEADER, "empty"),
        "keystrokes alone": (HEADER + '[1, "i", "x"]\n', "no-output"),
        "half of the lines broken": (HEADER + '[1, "o", "x"]\nbroken\n' * 5, "too-many-errors"),
        "no size": ('{"version": 2}\n[1, "o", "x"]\n', "bad-size"),
        "no cells": ('{"version": 2, "width": 0, "height": 0}\n[1, "o", "x"]\n', "bad-size"),
        "a large header": ('{"version": 2, "width": 1001, "height": 2}\n[1, "o", "x"]\n', "too-large"),
        "a large resize": (HEADER + '[1, "o", "x"]\n[2, "r", "100000x100000"]\n', "too-large"),
        "a size that grows in turns": (HEADER + '[1, "o", "x"]\n[2, "r", "1000x9"]\n[3, "r", "9x500"]\n', "too-large"),
        "a time without end": (HEADER + '[1e400, "o", "x"]\n', "bad-time"),
        "a version to come": ('{"version": 9}\n', "unsupported-version"),
    }.values(),
)
def test_what_is_no_recording_is_rejected_with_the_reason(tmp_path: Path, content: str, expected: str) -> None:
    path = tmp_path / "x.cast"
    path.write_text(content)
    assert reason(source(), path) == expected


def test_a_file_that_went_away_is_rejected_as_unreadable(tmp_path: Path) -> None:
    path = write_cast(tmp_path / "x.cast", TALK)
    item = input_of(path)
    path.unlink()
    with pytest.raises(Rejected) as rejected:
        list(source().clips(item))
    assert rejected.value.reason == "unreadable"


def test_a_share_of_broken_lines_below_the_limit_is_put_up_with(tmp_path: Path) -> None:
    path = write_cast(tmp_path / "x.cast", TALK[:19])
    path.write_text(path.read_text() + "broken\n")
    clips = clips_of(source(look=SMALL, max_error_rate=0.05), path)
    assert clips[0].sample["provenance"]["repairs"] == ["line 21: bad-line"]
    assert reason(source(look=SMALL, max_error_rate=0.04), path) == "too-many-errors"


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["o", "r", "9x3", "1e9x1"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
headers = st.fixed_dictionaries(
    {"version": st.sampled_from([1, 2, 3, "2"]), "width": st.integers(0, 60), "height": st.integers(0, 9)},
    optional={
        "idle_time_limit": json_values | st.floats(0),
        "env": json_values,
        "theme": json_values,
        "title": json_values,
    }
    | {"timestamp": json_values, "term": json_values | st.just({"cols": 9, "rows": 3}), "command": json_values}
    | {"stdout": st.lists(st.tuples(st.floats(0, 9), st.text(max_size=9)) | json_values, max_size=6)},
)
times_s = st.floats(0, 60) | st.floats() | st.integers(-5, 100_000)
escapes = st.binary(max_size=24).map(lambda data: "\x1b[" + data.decode("latin-1"))
events = st.tuples(times_s, st.sampled_from("ooooirmx") | st.text(max_size=3), st.text(max_size=20) | escapes)
lines = st.one_of(events.map(json.dumps), events.map(json.dumps), json_values.map(json.dumps), st.text(max_size=20))
hostile = st.one_of(
    st.binary(max_size=300),
    st.tuples(headers.map(json.dumps), st.lists(lines, max_size=12)).map(
        lambda parts: "\n".join([parts[0], *parts[1]]).encode("utf-8", "surrogatepass")
    ),
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(hostile)
def test_every_file_becomes_clips_or_a_rejection(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.cast"
    path.write_bytes(content)
    made = source(look=SMALL, clip=ClipSettings(window_s=600), max_error_rate=1)
    try:
        clips = clips_of(made, path)
    except Rejected:
        return
    assert clips
    for clip in clips:
        Sample.model_validate_json(json.dumps({**clip.sample, "split": "train", "captions": {}}))
        load_events(clip.files["events.jsonl"])
        assert Grid.load(clip.files["cells.npz"]).frames == frame_count(clip.files["mp4"]) == CLIP_FRAMES


TOKEN = "ghp_" + "aB3" * 12


def drawn(token: str) -> list[tuple[float, str, str]]:
    """A program that puts the token on the screen in three places' order: the end, the start, the middle."""
    parts = [(26, 14), (0, 13), (13, 13)]
    steps = [
        (1.0 + n / 4, "o", f"\x1b[2;{3 + start}H{token[start : start + size]}") for n, (start, size) in enumerate(parts)
    ]
    return [
        (0.2, "o", "\x1b[2J\x1b[1;1Htoken"),
        *steps,
        (7.0, "o", "\x1b[3;1Hdone"),
        (8.0, "o", f"\x1b[4;1H{token[:20]}"),
    ]


def test_a_token_that_only_the_drawn_screen_shows_is_in_no_clip(tmp_path: Path) -> None:
    made = source(look=SMALL, video=EXACT)
    clips = clips_of(made, write_cast(tmp_path / "drawn.cast", drawn(TOKEN), 60, 5))
    masked = clips_of(made, write_cast(tmp_path / "masked.cast", drawn("*" * len(TOKEN)), 60, 5))
    for clip, plain in zip(clips, masked, strict=True):
        grid = Grid.load(clip.files["cells.npz"])
        told = [*(line for frame in range(grid.frames) for line in grid.lines(frame)), json.dumps(clip.sample)]
        assert not [text for text in told if TOKEN[:12] in text]
        assert TOKEN not in clip.files["events.jsonl"].decode()
        assert TOKEN[:12] not in grid.lines(CLIP_FRAMES - 1)
        last, wanted = decoded(clip.files["mp4"])[-1], decoded(plain.files["mp4"])[-1]
        assert np.array_equal(last, wanted)
        assert sum(clip.sample["redactions"].values()) >= 1


def test_a_secret_in_the_header_is_in_no_sample(tmp_path: Path) -> None:
    header = {"version": 3, "term": {"cols": 20, "rows": 4, "type": TOKEN}, "title": TOKEN, "command": TOKEN}
    path = tmp_path / "a.cast"
    path.write_text(
        "\n".join(map(json.dumps, [header | {"env": {"SHELL": TOKEN}}, [1, "o", "x"], [1, TOKEN[:32], "y"]]))
    )
    (clip,) = clips_of(source(look=SMALL, max_error_rate=1), path)
    assert TOKEN[:12] not in json.dumps(clip.sample)


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_a_planted_secret_is_in_no_clip_in_whatever_order_it_is_drawn(tmp_path: Path, order: tuple[int, ...]) -> None:
    made = source(look=SMALL)
    for canary in ALL:
        text = canary.shown
        cuts = [0, len(text) // 3, 2 * len(text) // 3, len(text)]
        pieces = [f"\x1b[2;{3 + cuts[part]}H{text[cuts[part] : cuts[part + 1]]}" for part in order]
        steps = [(number / 4, "o", piece) for number, piece in enumerate(pieces)]
        for clip in clips_of(made, write_cast(tmp_path / "drawn.cast", steps, len(text) + 6, 3)):
            grid = Grid.load(clip.files["cells.npz"])
            lines = {line for frame in range(grid.frames) for line in grid.lines(frame)}
            told = [*lines, json.dumps(clip.sample), clip.files["events.jsonl"].decode()]
            assert not [text for text in told if canary.value in text], canary.name


class LearningGuard:
    """Stands for a guard that finds on the screen what the stream did not show."""

    def __init__(self, known: Sequence[str] = (), endless: bool = False) -> None:
        self.known = list(known)
        self._endless = endless

    def find(self, text: str) -> list[Span]:
        pattern = r".+" if self._endless else r"secret[A-Z][0-9]"
        return [Span(*match.span(), "toy") for match in re.finditer(pattern, text)]

    def learn(self, value: str, rule: str) -> bool:
        if value in self.known and not self._endless:
            return False
        self.known.append(value)
        return True


def test_a_recording_is_filmed_again_once_its_screen_gave_a_secret_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def guarded(header: Any, events: Any, known: Sequence[str] = ()) -> Scrubbed:
        clean, guard = scrub(header, events), LearningGuard(known)
        return Scrubbed(clean.header, clean.events, {"mail": 2}, guard, clean.findings)  # type: ignore[arg-type]

    monkeypatch.setattr(recording, "scrub", guarded)
    words = [(float(n), "o", "a word\r\n") for n in range(6)]
    path = write_cast(tmp_path / "a.cast", [*words, (7.0, "o", "secretA1"), (14.0, "o", " secretB2")])
    plain = write_cast(tmp_path / "b.cast", [*words, (7.0, "o", "*" * 8), (14.0, "o", " " + "*" * 8)])
    clips, wanted = clips_of(source(look=SMALL), path), clips_of(source(look=SMALL), plain)
    assert [clip.files["mp4"] for clip in clips] == [clip.files["mp4"] for clip in wanted]
    assert [clip.files["cells.npz"] for clip in clips] == [clip.files["cells.npz"] for clip in wanted]
    assert {json.dumps(clip.sample["redactions"]) for clip in clips} == {'{"mail": 2, "toy": 2}'}
    assert [clip.key[-5:] for clip in clips] == [f"-{number:04d}" for number in range(len(clips))]


def test_a_screen_that_gives_away_secrets_without_end_is_rejected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard = LearningGuard(endless=True)

    def guarded(header: Any, events: Any, known: Sequence[str] = ()) -> Scrubbed:
        return Scrubbed(header, list(events), {}, guard, ())  # type: ignore[arg-type]

    monkeypatch.setattr(recording, "scrub", guarded)
    assert reason(source(look=SMALL), write_cast(tmp_path / "a.cast", TALK[:2])) == "secrets"
    assert len(guard.known) == MOST_SECRETS


def test_keys_are_made_of_names_and_hashes() -> None:
    item = Input("Ünï/Some  Name!.cast", "0123456789abcdef", 1, "-")
    assert recording.recording_key(item) == "n-some-name-cast-0123456789"
    assert recording.recording_key(Input("…", "0" * 64, 1, "-")) == "cast-0000000000"
    long = recording.recording_key(Input("x" * 300 + ".cast", "0" * 64, 1, "-"))
    assert len(long) == 60 + 1 + 10


def test_tools_name_what_the_bytes_depend_on() -> None:
    tools = source().tools()
    assert {"pyte", "av", "numpy", "wcwidth", "detect-secrets", "zlib", "fonts"} <= set(tools)
    assert all(tools.values())


@pytest.mark.slow
def test_every_real_recording_becomes_clips_or_a_rejection(real_casts: list[Path]) -> None:
    made = source()
    for path in real_casts[::6]:
        try:
            clips = clips_of(made, path)
        except Rejected:
            continue
        told = [load_events(clip.files["events.jsonl"]) for clip in clips]
        _, events, _ = read_cast(path)
        assert sum(map(len, told)) == len(events)
        assert sum(clip.sample["statistics"]["outputs"] for clip in clips) == sum(event.code == "o" for event in events)
        assert all(0 <= event.time_ns <= frame_time_ns(CLIP_FRAMES - 1) for events in told for event in events)
        assert all(len(clip.sample["clock"]["source_time_ns"]) == 5 * FPS for clip in clips)
