"""Desktops to shards with the real desktop: recorded in a build, cut, captioned, packed, verified; traces are kept."""

import json
from pathlib import Path

import pytest
from data_sets import samples
from desktops import needed

from tracekit.actions.cursor_track import CursorTrack
from tracekit.actions.events import load_inputs
from tracekit.build.recipe_file import load_recipe
from tracekit.build.run import Workers, build
from tracekit.build.summary import Summary
from tracekit.core.clock import frame_of
from tracekit.desktop.check import check_trace
from tracekit.desktop.trace import read_trace
from tracekit.shards.verify import verify

RECIPES = Path(__file__).parents[2] / "recipes"


def built(out: Path, recipe: str, *settings: str) -> Summary:
    return build(load_recipe(RECIPES / recipe, settings), str(out), Workers(0))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    needed()
    folder = tmp_path_factory.mktemp("desktops")
    few = ("source.seconds=10", "source.count=1", "source.cursor=both", f"source.traces={folder / 'traces'}")
    summary = built(folder / "out", "guiworld_fast.yaml", *few, "filters.sync=false", "filters.no-action=false")
    assert (summary.inputs_kept, summary.clips_kept) == (1, 2)
    return folder


def test_every_sample_is_whole(folder: Path) -> None:
    report = verify(str(folder / "out"))
    assert report.ok, report.problems
    for files in samples(folder / "out").values():
        assert {"mp4", "clean.mp4", "events.jsonl", "cursor.npz", "actions.npz", "windows.jsonl", "txt"} < set(files)
        sample = json.loads(files["json"])
        assert sample["desktop"]["policy"] == "random-fast"
        assert sample["statistics"]["px_per_frame"] > 20
        track, events = CursorTrack.load(files["cursor.npz"]), load_inputs(files["events.jsonl"])
        last = {frame_of(event.time_ns): (event.x, event.y) for event in events}
        for frame, place in last.items():
            assert tuple(track.positions[frame].tolist()) == place


def test_the_trace_that_it_is_made_of_is_what_it_says(folder: Path) -> None:
    (trace,) = (folder / "traces").iterdir()
    found = check_trace(trace)
    assert found.ok, found.problems


def test_a_build_takes_the_traces_that_are_there(folder: Path) -> None:
    (trace,) = (folder / "traces").iterdir()
    recorded_at = read_trace(trace).recorded_at
    built(folder / "again", "guiworld_fast.yaml", f"source.paths={folder / 'traces'}", "filters.sync=false")
    told = [json.loads(files["json"])["provenance"]["recorded_at"] for files in samples(folder / "again").values()]
    assert set(told) == {recorded_at}
