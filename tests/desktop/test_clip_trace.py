"""A trace's clips show what the trace showed, and each event stands in the clip that first shows it."""

import json
from pathlib import Path
from typing import Any

import pytest
from traces import numbers, write_trace

from tracekit.actions.archive import ActionArchive
from tracekit.actions.cursor_track import CursorTrack
from tracekit.actions.events import InputEvent, load_inputs
from tracekit.clips.clip import Capture, Clip, Input
from tracekit.clips.settings import Canvas, ClipSettings, LookSettings, VideoSettings
from tracekit.core.clock import frame_of, frame_time_ns
from tracekit.core.errors import Rejected
from tracekit.desktop.clip_trace import TraceCutter
from tracekit.desktop.source import DesktopSource, DesktopSourceConfig
from tracekit.shards.sample import Sample

S = 1_000_000_000


def clips_of(folder: Path, look: LookSettings | None = None, **clip: Any) -> list[Clip]:
    settings = ClipSettings(**{"tolerance_s": 0, "idle_limit_s": None} | clip)
    capture = Capture(settings, look or LookSettings(), VideoSettings(qp=8), None, 0)
    return list(TraceCutter(capture).clips(folder, Input(folder.name, "ab" * 32, 1, str(folder))))


def shown(clip: Clip) -> list[int]:
    """The frames of the trace that a clip's clock says it shows."""
    return [frame_of(time_ns) for time_ns in clip.sample["clock"]["source_time_ns"]]


def test_each_frame_of_a_clip_is_the_frame_of_the_trace_that_its_clock_names(tmp_path: Path) -> None:
    write_trace(tmp_path / "t", 160)
    clips = clips_of(tmp_path / "t")
    assert [len(shown(clip)) for clip in clips] == [75, 75, 75]
    assert [clip.sample["clock"]["fitted"] for clip in clips] == ["exact", "exact", "held"]
    for clip in clips:
        assert numbers(clip.files["mp4"]) == shown(clip)
    assert sorted({frame for clip in clips for frame in shown(clip)}) == list(range(160))


def test_clips_that_overlap_show_the_same_frames(tmp_path: Path) -> None:
    write_trace(tmp_path / "t", 150)
    clips = clips_of(tmp_path / "t", stride_s=2)
    assert len(clips) == 4
    for clip in clips:
        assert numbers(clip.files["mp4"]) == shown(clip)


def test_a_frame_that_did_not_change_is_shown_again(tmp_path: Path) -> None:
    write_trace(tmp_path / "t", 75, still=range(10, 70))
    (clip,) = clips_of(tmp_path / "t")
    assert numbers(clip.files["mp4"]) == [frame if frame < 10 else 9 if frame < 70 else frame for frame in range(75)]
    assert clip.sample["statistics"]["changed_frames"] == 14


@pytest.mark.parametrize("fit", ["scale", "pad", "crop"])
def test_a_screen_lies_in_the_canvas_as_the_sample_says(tmp_path: Path, fit: str) -> None:
    write_trace(tmp_path / "t", 75, width_px=320, height_px=192)
    canvas = Canvas(width_px=640, height_px=480) if fit != "crop" else Canvas(width_px=320, height_px=128)
    (clip,) = clips_of(tmp_path / "t", LookSettings(canvas=canvas, fit=fit))
    geometry = clip.sample["geometry"]
    left, top, _, _ = geometry["padding_px"]
    if fit == "crop":
        assert geometry["crop_px"] == (0, 32, 0, 32)
    else:
        assert numbers(clip.files["mp4"], left_px=left, top_px=top, scale=geometry["scale"]) == list(range(75))


def test_a_screen_that_does_not_go_into_the_canvas_is_refused(tmp_path: Path) -> None:
    write_trace(tmp_path / "t", 75)
    with pytest.raises(Rejected) as refused:
        clips_of(tmp_path / "t", LookSettings(canvas=Canvas(width_px=64, height_px=64), fit="pad"))
    assert refused.value.reason == "too-large"


def test_every_event_stands_in_one_clip_at_the_frame_that_first_shows_it(tmp_path: Path) -> None:
    events = [InputEvent(time_ns, "move", 3, 4) for time_ns in range(0, 10 * S, 123_456_789)]
    write_trace(tmp_path / "t", 151, events=events)
    found = []
    for clip in clips_of(tmp_path / "t"):
        for event in load_inputs(clip.files["events.jsonl"]):
            found.append(shown(clip)[frame_of(event.time_ns)])
    assert found == [frame_of(event.time_ns) for event in events]


def test_what_was_pressed_in_an_earlier_clip_is_still_held(tmp_path: Path) -> None:
    events = [
        InputEvent(1 * S, "key-down", 3, 4, keycode=50, keysym="Shift_L", held=("Shift_L",)),
        InputEvent(7 * S, "key-up", 3, 4, keycode=50, keysym="Shift_L"),
    ]
    write_trace(tmp_path / "t", 225, events=events)
    held = [ActionArchive.load(clip.files["actions.npz"]).raw.held.any(axis=1) for clip in clips_of(tmp_path / "t")]
    assert not held[0][0]
    assert held[0][-1]
    assert held[1][0]  # before its first frame
    assert not held[1][-1]
    assert not held[2].any()


def test_a_clip_has_its_cursor_and_its_windows(tmp_path: Path) -> None:
    write_trace(tmp_path / "t", 150)
    first, second = clips_of(tmp_path / "t")
    assert CursorTrack.load(second.files["cursor.npz"]).positions[:, 0].tolist() == list(range(75, 150))
    assert [json.loads(line)["t"] for line in first.files["windows.jsonl"].splitlines()] == [0]
    told = [json.loads(line) for line in second.files["windows.jsonl"].splitlines()]
    assert [(line["t"], len(line["windows"])) for line in told] == [(0, 0), (frame_time_ns(112) - 5 * S, 1)]


def test_a_clip_says_what_a_sample_must_say(tmp_path: Path) -> None:
    write_trace(tmp_path / "t", 75, instruction="Do it.", seed=3, cursor="both")
    (clip,) = clips_of(tmp_path / "t")
    sample = Sample.model_validate({**clip.sample, "split": "train"})
    assert sample.desktop is not None
    assert (sample.desktop.seed, sample.captions.instruction) == (3, "Do it.")
    assert numbers(clip.files["clean.mp4"]) == numbers(clip.files["mp4"])


def test_a_failed_trace_is_rejected_by_its_own_reason(tmp_path: Path) -> None:
    write_trace(tmp_path / "t", 75, status="failed", reason="api-error", problem="the model answered 500")
    with pytest.raises(Rejected, match="500") as refused:
        clips_of(tmp_path / "t")
    assert refused.value.reason == "api-error"


@pytest.mark.parametrize("name", ["screen.mp4", "events.jsonl", "cursor.npz", "frames.npz", "windows.jsonl"])
def test_a_trace_with_a_file_that_was_changed_or_lost_is_rejected(tmp_path: Path, name: str) -> None:
    write_trace(tmp_path / "t", 75)
    path = tmp_path / "t" / name
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(Rejected) as refused:
        clips_of(tmp_path / "t")
    assert refused.value.reason == "damaged-trace"
    assert str(tmp_path) not in str(refused.value)
    path.unlink()
    with pytest.raises(Rejected) as refused:
        clips_of(tmp_path / "t")
    assert refused.value.reason == "damaged-trace"


def test_the_source_finds_traces_and_rejects_what_is_none(tmp_path: Path) -> None:
    write_trace(tmp_path / "a", 75)
    write_trace(tmp_path / "b", 75)
    (tmp_path / "b" / "trace.json").write_text("{}")
    capture = Capture(ClipSettings(), LookSettings(), VideoSettings(), None, 0)
    source = DesktopSource(DesktopSourceConfig(paths=[str(tmp_path)]), capture)
    good, bad = source.plan()
    assert (good.uri, good.problem) == ("a", "")
    assert (bad.uri, bad.sha256) == ("b", "")
    assert bad.problem
    assert [clip.key for clip in source.clips(good)] == ["a-" + good.sha256[:10] + "-0000"]


def test_traces_to_be_made_are_told_apart_by_all_that_decides_about_them() -> None:
    def plan(**config: Any) -> list[Input]:
        capture = Capture(ClipSettings(), LookSettings(), VideoSettings(), None, 0)
        return list(DesktopSource(DesktopSourceConfig(count=3, **config), capture).plan())

    hashes = [
        item.sha256 for config in ({}, {"seconds": 5}, {"seed": 1}, {"cursor": "both"}) for item in plan(**config)
    ]
    assert len(set(hashes)) == 12
    assert plan() == plan()
    assert [item.uri for item in plan(seed=7)] == ["random-slow-000007", "random-slow-000008", "random-slow-000009"]
