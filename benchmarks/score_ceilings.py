"""What the scores of text and cursors give the truth itself: their ceilings, and what they cost.

    python benchmarks/score_ceilings.py [DATASETS...] [--problems 100] [--clips 20]

The arithmetic probe's true sessions, drawn in several font sizes, are read as predictions are: a perfect model would
score that. Of data sets, the first clips of each are read, and searched for their cursors, and held against their own
text and log. Seconds are real ones, of one frame that was not seen before.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from statistics import fmean

from tracekit.actions.cursor_track import CursorTrack
from tracekit.actions.letterbox import Letterbox
from tracekit.clips.clip import Capture
from tracekit.clips.settings import Canvas, ClipSettings, LookSettings, VideoSettings
from tracekit.core.files import Folder
from tracekit.metrics.arithmetic import Question, answer_in_grid, answer_in_video, probe, questions
from tracekit.metrics.arithmetic_set import SessionFilms
from tracekit.metrics.cursor import cursor_score
from tracekit.metrics.frames import read_video
from tracekit.metrics.grid import grid_accuracy
from tracekit.metrics.ocr import Reader
from tracekit.metrics.text_accuracy import frames_to_read
from tracekit.shards.read import StoredSample, iter_samples
from tracekit.shards.sample import Sample
from tracekit.terminal.grid import Grid

SIZES = ((13, 80, 24), (16, 80, 24), (20, 64, 20))
"""Font sizes in pixels, with the columns and rows that fit the canvas."""
READERS = {"ours": Reader, "as in the paper": Reader.as_in_paper}


def probe_ceilings(problems: int) -> None:
    print(f"arithmetic probe: {problems} true sessions, 832x480\n font  by grid  by OCR  by OCR as in the paper")
    for font_size_px, columns, rows in SIZES:
        look = LookSettings(theme="vhs", font_size_px=font_size_px, canvas=Canvas())
        clip = ClipSettings(window_s=None, idle_limit_s=None)
        films = SessionFilms(Capture(clip, look, VideoSettings(), None, 0), columns, rows)
        counts = probe_ceiling(questions(problems), films)
        print(f"{font_size_px:5} {counts[0]:8} {counts[1]:7} {counts[2]:8}", flush=True)


def probe_ceiling(asked: Sequence[Question], films: SessionFilms) -> list[int]:
    clips = {question.key: films.film(question).files for question in asked}

    def read_by(reader: Reader) -> Callable[[Question], str | None]:
        return lambda one: answer_in_video(one.source, read_video(clips[one.key]["mp4"]).video, reader)

    exact = probe(asked, lambda one: answer_in_grid(one.source, Grid.load(clips[one.key]["cells.npz"])))
    return [exact.correct, *(probe(asked, read_by(make())).correct for make in READERS.values())]


def dataset_ceilings(url: str, clips: int) -> None:
    samples = list(islice(_samples(Folder(url)), clips))
    terminals = [sample for sample in samples if "cells.npz" in sample.files]
    for name, make in READERS.items() if terminals else ():
        reader, seconds, read, found = make(), 0.0, 0, []
        for sample in terminals:
            video, grid = read_video(sample.files["mp4"]).video, Grid.load(sample.files["cells.npz"])
            start = time.perf_counter()
            found.append(grid_accuracy(grid, video, reader))
            seconds += time.perf_counter() - start
            read += len({video[frame].tobytes() for frame in frames_to_read(len(video))})
        characters, lines = fmean(one.characters for one in found), fmean(one.exact_lines for one in found)
        print(
            f"{url}: text of {len(terminals)} clips, {name}: {characters:.3f} of characters, {lines:.3f} of lines, "
            f"{seconds / read:.2f} s a frame",
            flush=True,
        )
    for sample in samples:
        if "cursor.npz" in sample.files:
            box = Letterbox.of(Sample.model_validate(json.loads(sample.files["json"])).geometry)
            video, track = read_video(sample.files["mp4"]).video, CursorTrack.load(sample.files["cursor.npz"])
            start = time.perf_counter()
            score = cursor_score(video, track, box)
            print(
                f"{sample.key}: cursor hit in {score.hits} of {score.judged} frames judged, {score.distance_px}, "
                f"{(time.perf_counter() - start) / max(score.judged, 1):.3f} s a frame",
                flush=True,
            )


def _samples(folder: Folder) -> Iterator[StoredSample]:
    for name in sorted(folder.names("shards")):
        if name.endswith(".tar"):
            with folder.open(name) as file:
                yield from iter_samples(file, name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", nargs="*")
    parser.add_argument("--problems", type=int, default=100)
    parser.add_argument("--clips", type=int, default=20)
    options = parser.parse_args()
    for url in options.datasets:
        dataset_ceilings(url, options.clips)
    if options.problems:
        probe_ceilings(options.problems)


if __name__ == "__main__":
    main()
