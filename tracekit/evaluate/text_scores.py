"""Scores of what can be read and found in the frames: text, answers, the cursor."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tracekit.actions.cursor_track import CursorTrack
from tracekit.evaluate.config import CursorScore, GridScore, OcrScore
from tracekit.evaluate.pairs import Case
from tracekit.evaluate.score import OfClips, Outcome, with_package
from tracekit.metrics.cursor import cursor_score
from tracekit.terminal.grid import Grid

NO_TEXT = "the text of the true frames is not known: it is not a clip of a terminal"


@dataclass
class Texts:
    """What reads pictures, for all scores that do: each frame is read once."""

    def clip_grid(self, case: Case) -> Grid | None:
        """The text of the true frames, where it is known."""
        cells = case.files.get("cells.npz")
        return None if cells is None else Grid.load(cells)

    @cached_property
    def reader(self) -> Any:
        """Tesseract.

        Raises:
            TracekitError: it is not here.
        """
        for package in ("pytesseract", "rapidfuzz"):
            with_package(package, "reading pictures", "evaluate")
        from tracekit.metrics.ocr import Reader

        return Reader()


@dataclass
class Ocr(OfClips):
    """Text against text, both read by tesseract."""

    options: OcrScore
    texts: Texts = field(default_factory=Texts)

    def __post_init__(self) -> None:
        _ = self.texts.reader

    def clip(self, case: Case) -> Outcome:
        """Character accuracy and exact lines."""
        from tracekit.metrics.ocr import ocr_accuracy

        found = ocr_accuracy(case.pair, self.texts.reader, self.options.frames)
        return Outcome({"ocr_char": found.characters, "ocr_line": found.exact_lines})


@dataclass
class GridText(OfClips):
    """Text that tesseract reads against the terminal's own; and that of the true frames, the ceiling."""

    options: GridScore
    texts: Texts = field(default_factory=Texts)

    def __post_init__(self) -> None:
        _ = self.texts.reader

    def clip(self, case: Case) -> Outcome:
        """Character accuracy and exact lines, of the predicted and of the true frames."""
        from tracekit.metrics.grid import grid_accuracy

        grid = self.texts.clip_grid(case)
        if grid is None:
            return Outcome({"grid_char": None, "grid_line": None}, note=NO_TEXT)
        pair, reader, most = case.pair, self.texts.reader, self.options.frames
        frames = min(pair.frames, grid.frames)
        found, ceiling = (
            grid_accuracy(grid, video, reader, frames=frames, most_frames=most)
            for video in (pair.predicted, pair.truth)
        )
        return Outcome({
            "grid_char": found.characters,
            "grid_line": found.exact_lines,
            "grid_char_ceiling": ceiling.characters,
            "grid_line_ceiling": ceiling.exact_lines,
        })  # fmt: skip


@dataclass
class Arithmetic(OfClips):
    """Whether the answer to a clip's question is shown; and whether it can be read off the true frames."""

    texts: Texts = field(default_factory=Texts)

    def __post_init__(self) -> None:
        _ = self.texts.reader

    def clip(self, case: Case) -> Outcome:
        """1 if it is the right one, else 0: the mean is the accuracy. Undefined of clips that ask nothing."""
        from tracekit.metrics.arithmetic import clip_verdict

        found = clip_verdict(case.described, case.pair.predicted, self.texts.reader)
        ceiling = clip_verdict(case.described, case.pair.truth, self.texts.reader)
        if found is None or ceiling is None:
            return Outcome({"arithmetic": None}, note="it asks no question: data.probe has the model asked some")
        note = (
            "" if found.correct else f"{found.source}: {found.read or 'nothing'} is read, and {found.answer} is right"
        )
        return Outcome({"arithmetic": float(found.correct), "arithmetic_ceiling": float(ceiling.correct)}, note=note)


@dataclass
class Cursor(OfClips):
    """Where the cursor is seen; and what the detector is worth, by the true frames."""

    options: CursorScore

    def clip(self, case: Case) -> Outcome:
        """The share of frames in which it is where it was, and how far off it is in half of those that show it."""
        recorded = case.files.get("cursor.npz")
        if recorded is None:
            return Outcome({"cursor_hit": None}, note="no cursor is known of it: it is not a clip of a desktop")
        if case.described.get("desktop", {}).get("cursor") == "without":
            return Outcome({"cursor_hit": None}, note="its video does not show the cursor")
        track, box, pair = CursorTrack.load(recorded), case.box(), case.pair
        found, ceiling = (
            cursor_score(video, track, box, tolerance_px=self.options.tolerance_px)
            for video in (pair.predicted, pair.truth)
        )
        return Outcome(
            {
                "cursor_hit": found.accuracy,
                "cursor_px": found.distance_px.get("p50"),
                "cursor_hit_ceiling": ceiling.accuracy,
            },
            note="" if found.judged else "its cursor is hidden, or too small to be told from anything else",
        )
