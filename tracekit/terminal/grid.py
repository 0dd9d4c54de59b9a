"""The text truth of a clip: what every frame shows, cell by cell. Stored as ``KEY.cells.npz``.

Frames that show the same share a screen, and screens share their rows, so a still clip stores one screen and a typed
line stores one new row a keystroke. The arrays of the file:

=============  =======================  ===============================================================================
``codes``      uint32 (rows', columns)  distinct rows: code point of each cell, 0 for the right half of a wide
                                        character, from 0x110000 on index of ``clusters``
``row_styles`` uint32 (rows', columns)  style of each cell, index of ``styles``
``screens``    uint32 (screens, rows)   distinct screens: index of ``codes`` per row from the top
``sizes``      uint16 (screens, 2)      columns and rows in use, where the terminal was smaller than the arrays
``frames``     uint32 (frames,)         screen of each frame
``cursor``     int16 (frames, 5)        x, y, visible, shape (0 block, 1 underline, 2 bar), blink
``styles``     int32 (styles, 5)        as `tracekit.terminal.cells.Style`
``clusters``   str (clusters,)          characters of more than one code point
=============  =======================  ===============================================================================
"""

import io
import math
import struct
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracekit.core.errors import TracekitError
from tracekit.terminal.cells import CLUSTER, Cells, Cursor, Style, codes, style_ids

SHAPES = ("block", "underline", "bar")
_ARRAYS = ("codes", "row_styles", "screens", "sizes", "frames", "cursor", "styles", "clusters")
_BLANK = np.uint64(32)
_NO_CHARACTER = "\ufffd"
_NPY_HEADER = struct.Struct("<8sH")
"""How numpy's files begin: magic and version, and how long the rest of the header is."""


@dataclass(frozen=True)
class Grid:
    """What the frames of a clip show."""

    rows: NDArray[np.uint64]
    """Distinct rows, packed cells, shape (rows', columns)."""
    screens: NDArray[np.uint32]
    """Rows of each distinct screen, shape (screens, rows)."""
    sizes: NDArray[np.uint16]
    """Columns and rows in use on each screen, shape (screens, 2)."""
    frame_screens: NDArray[np.uint32]
    """Screen of each frame, shape (frames,)."""
    cursors: NDArray[np.int16]
    """x, y, visible, shape, blink of each frame, shape (frames, 5)."""
    styles: list[Style]
    clusters: list[str]

    @property
    def frames(self) -> int:
        """Number of frames."""
        return len(self.frame_screens)

    def screen_of(self, frame: int) -> int:
        """The screen that a frame shows; frames of equal content have equal screens."""
        return int(self.frame_screens[frame])

    def size(self, frame: int) -> tuple[int, int]:
        """Columns and rows of the terminal in a frame."""
        columns, rows = self.sizes[self.frame_screens[frame]]
        return int(columns), int(rows)

    def cells(self, frame: int) -> NDArray[np.uint64]:
        """The packed cells of a frame, shape (rows, columns)."""
        columns, rows = self.size(frame)
        return self.rows[self.screens[self.frame_screens[frame], :rows], :columns]

    def cursor(self, frame: int) -> Cursor:
        """The cursor of a frame."""
        x, y, visible, shape, blink = (int(value) for value in self.cursors[frame])
        return Cursor(x, y, bool(visible), SHAPES[shape], bool(blink))

    def lines(self, frame: int) -> list[str]:
        """The text of each row of a frame: trailing blanks kept out, a wide character once."""
        screen = self.frame_screens[frame]
        return [self.texts[row] for row in self.screens[screen, : int(self.sizes[screen, 1])].tolist()]

    def runs(self, frame: int, row: int) -> list[tuple[str, Style]]:
        """A row of a frame as text of one style after the other, trailing blanks of the default style kept out."""
        return self._runs(self.cells(frame)[row])

    def _runs(self, cells: Cells) -> list[tuple[str, Style]]:
        styles, texts = style_ids(cells), _texts_of(cells, self.clusters)
        starts = [0, *((styles[1:] != styles[:-1]).nonzero()[0] + 1).tolist(), len(cells)]
        found = [("".join(texts[start:end]), self.styles[styles[start]]) for start, end in pairwise(starts)]
        if found and found[-1][1] == Style():
            text = found[-1][0].rstrip(" ")
            found[-1:] = [(text, Style())] if text else []
        return found

    def runs_in(self, frame: int, wanted: NDArray[np.bool_]) -> list[tuple[str, Style]]:
        """The runs of a frame in certain styles, from the top, without blanks around them and without blank ones.

        Args:
            frame: which.
            wanted: of each style whether it is, shape (styles,).
        """
        cells = self.cells(frame)
        rows = np.any(wanted[style_ids(cells)] & (codes(cells) > _BLANK), axis=1)
        styles = {style for style, is_wanted in zip(self.styles, wanted.tolist(), strict=True) if is_wanted}
        runs = (run for row in np.flatnonzero(rows).tolist() for run in self._runs(cells[row]))
        return [(text.strip(), style) for text, style in runs if style in styles and text.strip()]

    @cached_property
    def texts(self) -> list[str]:
        """The text of each distinct row, trailing blanks kept out."""
        code = codes(self.rows)
        columns, cells = code.shape[1], _decoded(code)
        texts = [
            cells[row * columns : (row + 1) * columns].replace("\0", "").rstrip(" ") for row in range(len(self.rows))
        ]
        for row in np.flatnonzero((code >= CLUSTER).any(axis=1)).tolist():
            texts[row] = text_of(self.rows[row], self.clusters).rstrip(" ")
        return texts

    def save(self) -> bytes:
        """The bytes of ``KEY.cells.npz``: the same for the same grid, on every machine."""
        arrays: dict[str, NDArray[Any]] = {
            "codes": codes(self.rows),
            "row_styles": style_ids(self.rows),
            "screens": self.screens,
            "sizes": self.sizes,
            "frames": self.frame_screens,
            "cursor": self.cursors,
            "styles": np.array(self.styles, dtype=np.int32).reshape(-1, 5),
            "clusters": np.array(self.clusters, dtype=np.str_).reshape(-1),
        }
        file = io.BytesIO()
        # numpy.savez_compressed spends ten times the time at zlib's default level for a tenth of the bytes.
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name in _ARRAYS:
                member = io.BytesIO()
                np.lib.format.write_array(member, np.ascontiguousarray(arrays[name]), allow_pickle=False)
                archive.writestr(zipfile.ZipInfo(f"{name}.npy"), member.getvalue(), zipfile.ZIP_DEFLATED, 1)
        return file.getvalue()

    @classmethod
    def load(cls, data: bytes) -> "Grid":
        """Read ``KEY.cells.npz``.

        Raises:
            TracekitError: the bytes are not such a file, or an index in it points outside its table.
        """
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                arrays = {name: _array(archive.read(f"{name}.npy")) for name in _ARRAYS}
        except Exception as error:  # zipfile, zlib and numpy raise a dozen kinds for damaged bytes
            raise TracekitError(f"not a cells file: {error}") from error
        for name, dimensions in zip(_ARRAYS, (2, 2, 2, 2, 1, 2, 2, 1), strict=True):
            if arrays[name].ndim != dimensions:
                raise TracekitError(f"cells file: {name} has {arrays[name].ndim} dimensions instead of {dimensions}")
        code_of, style_of = arrays["codes"], arrays["row_styles"]
        clusters, screens = arrays["clusters"], arrays["screens"]
        for name, indices, size in (
            ("row_styles", style_of, len(arrays["styles"])),
            ("screens", screens, len(code_of)),
            ("frames", arrays["frames"], min(len(screens), len(arrays["sizes"]))),
            ("codes", code_of, CLUSTER + len(clusters)),
            ("sizes", arrays["sizes"][:, :1], code_of.shape[1] + 1),
            ("sizes", arrays["sizes"][:, 1:], screens.shape[1] + 1),
            ("cursor", arrays["cursor"][:, 3], len(SHAPES)),
        ):
            if indices.size and not 0 <= int(indices.min()) <= int(indices.max()) < size:
                raise TracekitError(f"cells file: {name} points outside its table")
        if code_of.shape != style_of.shape or len(arrays["cursor"]) != len(arrays["frames"]):
            raise TracekitError("cells file: tables that belong together differ in size")
        return cls(
            rows=style_of.astype(np.uint64) << np.uint64(32) | code_of.astype(np.uint64),
            screens=screens,
            sizes=arrays["sizes"],
            frame_screens=arrays["frames"],
            cursors=arrays["cursor"],
            styles=[Style(*map(int, style)) for style in arrays["styles"]],
            clusters=[str(cluster) for cluster in clusters],
        )


def _array(data: bytes) -> NDArray[Any]:
    """The array in a file of numpy's format, of version 1.0, which is what `Grid.save` writes."""
    start = _NPY_HEADER.size
    magic, length = _NPY_HEADER.unpack_from(data)
    if magic != np.lib.format.magic(1, 0):
        raise ValueError("not a file of numpy's, or of another version")
    shape, by_columns, dtype = _npy_header(data[start - 2 : start + length])
    values = np.frombuffer(data, dtype, math.prod(shape), start + length)
    return values.reshape(shape, order="F" if by_columns else "C")


@lru_cache(maxsize=1024)
def _npy_header(header: bytes) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Shape, order and type; kept, as numpy has Python's compiler read them, and clips say much the same."""
    return np.lib.format.read_array_header_1_0(io.BytesIO(header))


def text_of(cells: Cells, clusters: Sequence[str]) -> str:
    """The text of cells from left to right, blanks included, a wide character once."""
    text = _decoded(codes(cells))
    return text.replace("\0", "") if _NO_CHARACTER not in text else "".join(_texts_of(cells, clusters))


def _texts_of(cells: Cells, clusters: Sequence[str]) -> Sequence[str]:
    """The text of each cell; that of the right half of a wide character is ''."""
    code = codes(cells)
    texts = _decoded(code)
    if "\0" not in texts and _NO_CHARACTER not in texts:
        return texts
    return [
        clusters[c - CLUSTER] if c >= CLUSTER else char if c else ""
        for c, char in zip(code.tolist(), texts, strict=True)
    ]


def _decoded(code: NDArray[np.uint32]) -> str:
    """A character for each cell; what is none, as a cluster, is _NO_CHARACTER."""
    return code.tobytes().decode("utf-32-le", "replace")


class GridBuilder:
    """Collects a clip's frames into a Grid; what does not change from frame to frame costs nothing."""

    def __init__(self) -> None:
        self._row_ids: dict[bytes, int] = {}
        self._rows: list[Cells] = []
        self._screen_ids: dict[tuple[int, ...], int] = {}
        self._sizes: list[tuple[int, int]] = []
        self._frames: list[int] = []
        self._cursors: list[tuple[int, ...]] = []
        self._current: list[int] = []

    def frame(self, rows: Sequence[Cells], changed: Iterable[int] | None, cursor: Cursor) -> None:
        """Add a frame.

        Args:
            rows: the packed cells of every row, each of shape (columns,).
            changed: the rows that may differ from the frame before; None for all.
            cursor: where the cursor is.
        """
        if changed is None or len(self._current) != len(rows):
            self._current = [self._intern(row) for row in rows]
            changed = ()
            self._enter(rows)
        else:
            dirty = False
            for y in changed:
                row = self._intern(rows[y])
                dirty |= row != self._current[y]
                self._current[y] = row
            if dirty or not self._frames:
                self._enter(rows)
            else:
                self._frames.append(self._frames[-1])
        shape = SHAPES.index(cursor.shape)
        self._cursors.append((cursor.x, cursor.y, int(cursor.visible), shape, int(cursor.blink)))

    def _intern(self, row: Cells) -> int:
        key = row.tobytes()
        found = self._row_ids.get(key)
        if found is None:
            found = self._row_ids[key] = len(self._rows)
            self._rows.append(row)
        return found

    def _enter(self, rows: Sequence[Cells]) -> None:
        key = tuple(self._current)
        screen = self._screen_ids.get(key)
        if screen is None:
            screen = self._screen_ids[key] = len(self._sizes)
            self._sizes.append((len(rows[0]), len(rows)))
        self._frames.append(screen)

    def build(self, styles: Sequence[Style], clusters: Sequence[str]) -> Grid:
        """The grid of all frames so far, with the styles and clusters that it uses."""
        columns = max(width for width, _ in self._sizes)
        height = max(rows for _, rows in self._sizes)
        table = np.full((len(self._rows), columns), _BLANK, dtype=np.uint64)
        for index, row in enumerate(self._rows):
            table[index, : len(row)] = row
        screens = np.zeros((len(self._sizes), height), dtype=np.uint32)
        for key, index in self._screen_ids.items():
            screens[index, : len(key)] = key
        style, code = style_ids(table), codes(table)
        used_styles = np.bincount(style.ravel()).nonzero()[0]
        style_index = np.zeros(len(styles), dtype=np.uint64)
        style_index[used_styles] = np.arange(len(used_styles))
        is_cluster = code >= CLUSTER
        used_clusters, cluster_index = np.unique(code[is_cluster] - CLUSTER, return_inverse=True)
        code[is_cluster] = cluster_index.astype(np.uint32) + np.uint32(CLUSTER)
        return Grid(
            rows=style_index[style] << np.uint64(32) | code.astype(np.uint64),
            screens=screens,
            sizes=np.array(self._sizes, dtype=np.uint16),
            frame_screens=np.array(self._frames, dtype=np.uint32),
            cursors=np.array(self._cursors, dtype=np.int16),
            styles=[styles[index] for index in used_styles.tolist()],
            clusters=[clusters[index] for index in used_clusters.tolist()],
        )
