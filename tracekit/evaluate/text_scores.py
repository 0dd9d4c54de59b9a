"""Scores of what can be read and found in the frames: text, answers, the cursor."""

from dataclasses import dataclass
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

    def told(self) -> dict[str, Any]:
        """How pictures are read."""
        from tracekit.video.ocr import tesseract_version

        reader = self.reader
        return {
            "tesseract": tesseract_version(),
            "zoom": reader.zoom,
            "dark_on_light": reader.dark_on_light,
            "segmentation": reader.segmentation,
        }


@dataclass
class OfTexts(OfClips):
    """A score that reads pictures.

    Raises:
        TracekitError: there is nothing to read them with.
    """

    texts: Texts

    def __post_init__(self) -> None:
        _ = self.texts.reader

    def told(self) -> dict[str, Any]:
        """How they are read."""
        return self.texts.told()


@dataclass
class Ocr(OfTexts):
    """Text against text, both read by tesseract; and, where the terminal's is known, how well the true frames are."""

    options: OcrScore

    def clip(self, case: Case) -> Outcome:
        """Character accuracy and exact lines."""
        from tracekit.metrics.grid import grid_accuracy
        from tracekit.metrics.ocr import ocr_accuracy

        pair, reader, most = case.pair, self.texts.reader, self.options.frames
        found = ocr_accuracy(pair, reader, most)
        values: dict[str, float | None] = {"ocr_char": found.characters, "ocr_line": found.exact_lines}
        if grid := self.texts.clip_grid(case):
            ceiling = grid_accuracy(grid, pair.truth, reader, frames=min(pair.frames, grid.frames), most_frames=most)
            values |= {"ocr_char_ceiling": ceiling.characters, "ocr_line_ceiling": ceiling.exact_lines}
        return Outcome(values)


@dataclass
class GridText(OfTexts):
    """Text that tesseract reads against the terminal's own; and that of the true frames, the ceiling."""

    options: GridScore

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
class Arithmetic(OfTexts):
    """Whether the answer to a clip's question is shown; and whether it can be read off the true frames."""

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
    """Where the cursor is seen, in those frames whose true picture shows it there.

    What the detector misses in the true frame, a thin cursor over text say, tells nothing of the predicted one.
    """

    options: CursorScore

    def clip(self, case: Case) -> Outcome:
        """The share of frames in which it is where it was, and how far off it is in half of those that show it; and
        the share of the frames with a cursor that could be judged."""
        recorded = case.files.get("cursor.npz")
        if recorded is None:
            return Outcome({"cursor_hit": None}, note="no cursor is known of it: it is not a clip of a desktop")
        if case.described.get("desktop", {}).get("cursor") == "without":
            return Outcome({"cursor_hit": None}, note="its video does not show the cursor")
        track, box, pair, tolerance_px = CursorTrack.load(recorded), case.box(), case.pair, self.options.tolerance_px
        truth = cursor_score(pair.truth, track, box, tolerance_px=tolerance_px)
        found = cursor_score(pair.predicted, track, box, frames=truth.hit_frames, tolerance_px=tolerance_px)
        return Outcome(
            {
                "cursor_hit": found.accuracy,
                "cursor_px": found.distance_px.get("p50"),
                "cursor_judged": truth.accuracy,
            },
            note="" if found.judged else "its cursor is hidden, or can't be told from what is around it",
        )
