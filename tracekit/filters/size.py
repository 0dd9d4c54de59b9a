"""Terminals that are too small to hold anything, or too large to be read in a video."""

from pydantic import Field

from tracekit.filters.base import Candidate, ClipFilter
from tracekit.shards.sample import Decision


class Size(ClipFilter):
    """Reject clips whose terminal lies outside these bounds, in cells; desktops have none."""

    min_columns: int = Field(20, ge=1, description="Cells")
    min_rows: int = Field(4, ge=1, description="Cells")
    max_columns: int = Field(250, ge=1, description="Cells")
    max_rows: int = Field(100, ge=1, description="Cells")

    def judge(self, candidate: Candidate) -> Decision:
        """Score: cells of the terminal; null of desktops."""
        return self._judge(*map(candidate.sample["geometry"].get, ("columns", "rows")))

    def _judge(self, columns: int | None, rows: int | None) -> Decision:
        if columns is None or rows is None:
            return Decision(filter="size", keep=True)
        small = columns < self.min_columns or rows < self.min_rows
        large = columns > self.max_columns or rows > self.max_rows
        reason = f"{columns}x{rows} cells: too {'small' if small else 'large'}" if small or large else ""
        return Decision(filter="size", keep=not reason, score=columns * rows, reason=reason)
