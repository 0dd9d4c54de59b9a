"""The compiled terminal engine: libghostty-vt, the emulator inside Ghostty, by way of pyghostty.

Of the compiled emulators that Python packages carry, pyavt parses as fast and agrees with xterm as well, but hands out
one Python object a cell, so that reading a row costs more than emulating it; it also keeps no cursor shape, no hidden
text, no style of underlines and no title. libghostty keeps all of them, says which rows changed, and shows a row as one
array of 64-bit cells.

The layout of those cells is not a promise of the library: ``ghostty_layout.check`` holds it against the library's own
accessors before the first terminal is made. A cell names its style by a number that belongs to a page of the terminal's
memory, and that is given to another style once nothing uses it; so numbers are looked up anew at every update.
"""

import weakref
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from tracekit.core.errors import TracekitError
from tracekit.terminal import ghostty_layout as layout
from tracekit.terminal.cells import CLUSTER, UNDERLINES, WIDE_TAIL, Cells, Cursor, Style
from tracekit.terminal.ghostty_dialect import FIRST_STAND_IN, STAND_IN, Dialect, joins

try:
    from pyghostty import ffi, lib
except OSError as error:  # the package is here, but its library is not for this system
    raise TracekitError(f"libghostty-vt does not load: {error}", remedy="use the pyte engine") from error

_CACHED_CELLS = 1 << 18
"""Cells of decoded rows that are kept to be used again: 4 MiB with the raw ones."""
_CLUSTER_CODES = 32
"""Code points kept of a cluster: room for the 31 of UAX #15's stream-safe text."""

_LINK_UNDERLINE = UNDERLINES.index("dashed")
"""How xterm.js shows that text is a hyperlink (OSC 8)."""

_U64 = np.uint64
_CODE_SHIFT, _CODE, _BLANK = _U64(layout.CODE_SHIFT), _U64(layout.CODE), _U64(32)
_LOOK, _GROUND, _CONTENT = _U64(layout.STYLE | layout.LINK), _U64(layout.GROUND), _U64(layout.CONTENT)
_GROUNDS, _ABOVE = _U64(layout.GROUND_PALETTE), _U64(32)
_WIDE, _WIDE_TAIL = _U64(layout.WIDE), _U64(layout.WIDE_TAIL << layout.WIDE_SHIFT)

# Named in one piece, as cffi takes 8 ms to read the name of a type, however many there are in it.
_NAMED = ffi.typeof(
    "void (*)(GhosttyTerminal *, GhosttyRenderState *, GhosttyRenderStateRowIterator *, GhosttyGridRef *,"
    " GhosttyStyle *, GhosttyRenderStateCursor *, GhosttyPointS *, GhosttyColorRgb *, GhosttyTerminalModeConfig *,"
    " GhosttyCellsView *, uint64_t *, uint16_t *, size_t *, bool *, GhosttyColorRgb (*)[256], uint64_t (*)[4],"
    " GhosttyRenderStateRowData (*)[2], void *(*)[2])"
)
(
    _TERMINAL, _STATE, _ROWS, _GRID_REF, _STYLE, _CURSOR, _POINT, _COLOR, _MODE, _CELLS, _UINT64, _UINT16, _SIZE, _BOOL,
) = _NAMED.args[:14]  # fmt: skip
_PALETTE, _FOUR_WORDS, _TWO_KEYS, _TWO_PLACES = (pointer.item for pointer in _NAMED.args[14:])

_SHAPES = ("bar", "block", "underline", "block")
_vt_write = lib.ghostty_terminal_vt_write
_update = lib.ghostty_render_state_update
_clean = lib.ghostty_render_state_clean
_state_get = lib.ghostty_render_state_get
_next_dirty = lib.ghostty_render_state_row_iterator_next_dirty
_row_get = lib.ghostty_render_state_row_get_multi
_grid_style = lib.ghostty_grid_ref_style
_buffer, _NULL = ffi.buffer, ffi.NULL
_ROW_ITERATOR = lib.GHOSTTY_RENDER_STATE_DATA_ROW_ITERATOR
# pyghostty's twin type: cffi cannot pass the union that GhosttyPoint holds by value.
_grid_ref = ffi.cast(
    "GhosttyResult (*)(GhosttyTerminal, GhosttyPointS, GhosttyGridRef *)",
    ffi.addressof(lib, "ghostty_terminal_grid_ref"),
)


Looks = dict[int, int]
"""Our style by look. A look is what a cell has besides its character: its style's number, or its GROUND."""
Known = tuple[Cells, Looks, dict[int, int]]
"""A row as it was decoded once, its looks, and a column of each."""
Unknown = tuple[int, bytes, Looks]
"""A row to be decoded: its number, its raw cells, and what is known in this update of the page that it is on."""


class GhosttyEngine:
    """A terminal of libghostty-vt; see `tracekit.terminal.engine.Engine`.

    It has no scrollback, sends no replies, and keeps no pictures.

    Args:
        columns: width, 1 to 65,535 cells.
        rows: height, 1 to 65,535 cells.

    Raises:
        TracekitError: this build of the library is not the one known, or there is no memory.
    """

    def __init__(self, columns: int, rows: int) -> None:
        layout.check()
        terminal, state, iterator = map(ffi.new, (_TERMINAL, _STATE, _ROWS))
        _done(lib.ghostty_terminal_new(ffi.NULL, terminal, columns, rows))
        _done(lib.ghostty_render_state_new(ffi.NULL, state))
        _done(lib.ghostty_render_state_row_iterator_new(ffi.NULL, iterator))
        weakref.finalize(self, _free, terminal[0], state[0], iterator[0])
        self._terminal, self._state, self._iterator, self._iterator_out = terminal[0], state[0], iterator[0], iterator
        # No pictures: they could name files. No long strings: what would be made of them is not on the screen.
        self._set("KITTY_IMAGE_STORAGE_LIMIT", ffi.new(_UINT64, 0))
        for name in ("SCROLLBACK_MAX_LINES", "APC_MAX_BYTES", "APC_MAX_BYTES_KITTY", "CLIPBOARD_WRITE_MAX_BYTES"):
            self._set(name, ffi.new(_SIZE, 0))
        # A palette that no program would set: what differs from it was set.
        self._blank_palette = ffi.new(_PALETTE, [(1, 2, entry) for entry in range(256)])
        self._set("COLOR_PALETTE", self._blank_palette)

        self._unset_colors = _buffer(self._blank_palette)[:]
        self._palette_out = ffi.new(_PALETTE)
        self._palette_bytes = _buffer(self._palette_out)
        self._color_out = ffi.new(_COLOR)
        self._cursor_out = _sized(_CURSOR)

        self._row_out = ffi.new(_UINT16)
        self._row = ffi.new(_FOUR_WORDS)  # a GhosttyCellsView and a GhosttyRenderStateRowId
        self._view = ffi.cast(_CELLS, self._row)
        self._row_keys = ffi.new(
            _TWO_KEYS,
            [lib.GHOSTTY_RENDER_STATE_ROW_DATA_CELLS_RAW, lib.GHOSTTY_RENDER_STATE_ROW_DATA_ID],
        )
        self._row_values = ffi.new(_TWO_PLACES, [self._row, self._row + 2])
        self._point = ffi.new(_POINT, {"tag": lib.GHOSTTY_POINT_TAG_ACTIVE})
        self._ref = _sized(_GRID_REF)
        self._style_out = _sized(_STYLE)
        self._style_bytes = _buffer(self._style_out)

        self._styles = [Style()]
        self._style_ids = {Style(): 0}
        self._known_styles: dict[tuple[int, bytes], int] = {}
        self._clusters: list[str] = []
        self._cluster_ids: dict[str, int] = {}
        self._known_rows: dict[bytes, Known] = {}
        self._pages: dict[int, Looks] = {}
        self._ref_row = -1
        self._dialect = Dialect(partial(_write, self._terminal), partial(_wrap_pending, self._terminal))
        self._resized(columns, rows)

    @property
    def columns(self) -> int:
        """Width of the screen, in cells."""
        return self._columns

    @property
    def rows(self) -> int:
        """Height of the screen, in cells."""
        return self._rows

    @property
    def styles(self) -> Sequence[Style]:
        """Style by id."""
        return self._styles

    @property
    def clusters(self) -> Sequence[str]:
        """Cluster by ``code - CLUSTER``; of an endless one, the first 32 code points."""
        return self._clusters

    @property
    def clears(self) -> int:
        """How often the whole screen was cleared or switched since the start."""
        return self._dialect.clears

    @property
    def cursor(self) -> Cursor:
        """The cursor now."""
        cursor = self._cursor_out
        _done(_state_get(self._state, lib.GHOSTTY_RENDER_STATE_DATA_CURSOR, cursor))
        shape = _SHAPES[cursor.visual_style]
        return Cursor(cursor.viewport_x, cursor.viewport_y, cursor.visible, shape, cursor.blinking)

    @property
    def reverse(self) -> bool:
        """Whether the whole screen is shown in reverse (DECSCNM)."""
        return self._mode(5)

    @property
    def title(self) -> str:
        """The window title that the program has set last, or ''."""
        title = ffi.new("GhosttyString *")
        self._get("TITLE", title)
        return _buffer(title.ptr, title.len)[:].decode("utf-8", "replace") if title.len else ""

    @property
    def colors(self) -> Mapping[int, int]:
        """Palette entries that the program has set, and -1 text, -2 ground, -3 cursor, to 0xRRGGBB."""
        found = {}
        color = self._color_out
        for key, name in ((-1, "COLOR_FOREGROUND"), (-2, "COLOR_BACKGROUND"), (-3, "COLOR_CURSOR")):
            if self._get(name, color):
                found[key] = color.r << 16 | color.g << 8 | color.b
        self._get("COLOR_PALETTE", self._palette_out)
        now, unset = self._palette_bytes[:], self._unset_colors
        if now != unset:
            for start in range(0, 768, 3):
                if now[start : start + 3] != unset[start : start + 3]:
                    found[start // 3] = int.from_bytes(now[start : start + 3], "big")
        return found

    def feed(self, text: str) -> list[int]:
        """Take output and return the rows (from 0) whose cells have changed."""
        self._dialect.write(text)
        if not text.isascii() and joins(text):
            # Ghostty does not count a row as changed for a mark alone; setting colours makes it draw everything again.
            self._set("COLOR_PALETTE", self._blank_palette)
        return self._changes()

    def resize(self, columns: int, rows: int) -> Sequence[int]:
        """Change the size; lines are wrapped anew, unless wrap mode is off. Return all rows."""
        _done(lib.ghostty_terminal_resize(self._terminal, columns, rows, 8, 16))
        self._resized(columns, rows)
        return range(rows)

    def cells(self, row: int) -> Cells:
        """The cells of a row, shape (columns,), read-only."""
        return self._grid[row]

    def _resized(self, columns: int, rows: int) -> None:
        self._columns, self._rows = columns, rows
        self._grid: list[Cells] = [np.full(columns, _BLANK)] * rows
        self._known_rows.clear()
        self._changes()

    def _changes(self) -> list[int]:
        """Bring the grid up to date with the terminal; return the rows that differ from before."""
        _done(_update(self._state, self._terminal))
        _state_get(self._state, _ROW_ITERATOR, self._iterator_out)
        self._ref_row = -1
        self._pages.clear()
        pages, grid, known_rows = self._pages, self._grid, self._known_rows
        iterator, row_out, keys, values = self._iterator, self._row_out, self._row_keys, self._row_values
        view, words, size = self._view, self._row, 8 * self._columns
        changed: list[int] = []
        unknown: list[Unknown] = []
        while _next_dirty(iterator, row_out):
            _row_get(iterator, 2, keys, values, _NULL)
            row = row_out[0]
            raw = _buffer(view.ptr, size)[:]
            page = words[2]
            looks = pages.get(page)
            if looks is None:
                looks = pages[page] = {}
            known = known_rows.get(raw)
            # If its looks are known to mean the same in this update, so does the row.
            if known is None or not (known[1].items() <= looks.items() or self._holds(known, looks, row)):
                unknown.append((row, raw, looks))
            elif known[0] is not grid[row]:
                grid[row] = known[0]
                changed.append(row)
        _clean(self._state)
        if unknown:
            self._decode(unknown)
            changed += [row for row, _, _ in unknown]
        return changed

    def _holds(self, known: Known, looks: Looks, row: int) -> bool:
        """Whether every look of a row still is the style that it was when the row was decoded."""
        _, styles, columns = known
        self._learn(columns, looks, row)
        return styles.items() <= looks.items()

    def _decode(self, rows: list[Unknown]) -> None:
        """Translate rows into the grid, and remember them by what they were made of."""
        columns, grid = self._columns, self._grid
        raw = np.frombuffer(b"".join([raw for _, raw, _ in rows]), _U64)
        features = int(np.bitwise_or.reduce(raw))
        cells = raw >> _CODE_SHIFT
        if features > layout.GROUND:
            cells &= _CODE
        np.maximum(cells, _BLANK, out=cells)
        if features & layout.WIDE:
            cells[raw & _WIDE == _WIDE_TAIL] = WIDE_TAIL
        if self._dialect.has_stand_ins:
            cells[cells >= FIRST_STAND_IN] -= _U64(STAND_IN)
        clustered = set()
        if features & layout.CONTENT:
            tags = raw & _CONTENT
            cells[tags >= layout.GROUND_PALETTE] = _BLANK
            for position in np.flatnonzero(tags == layout.CLUSTER).tolist():
                index, column = divmod(position, columns)
                cells[position] = CLUSTER + self._cluster(column, rows[index][0])
                clustered.add(index)
        found: Sequence[tuple[Looks, dict[int, int]]] = [({}, {})] * len(rows)
        if features & (layout.STYLE | layout.LINK | layout.GROUND_PALETTE):
            styles, found = self._styled(raw, bool(features & layout.GROUND_PALETTE), rows)
            cells |= styles
        cells.setflags(write=False)
        if len(self._known_rows) * columns > _CACHED_CELLS:
            self._known_rows.clear()
        for index, (row, key, _) in enumerate(rows):
            grid[row] = one = cells[index * columns : (index + 1) * columns]
            # What joins a cluster is not in its cell, so a row with one is read anew every time.
            if index not in clustered:
                self._known_rows[key] = one, *found[index]

    def _styled(
        self, raw: Cells, grounds: bool, rows: list[Unknown]
    ) -> tuple[Cells, list[tuple[Looks, dict[int, int]]]]:
        """The style of each cell, in the upper half of its number, and of each row its looks and where they are."""
        look = raw & _LOOK
        if grounds:
            look = np.where(raw & _GROUNDS, raw & _GROUND, look)
        starts = np.empty(len(look), bool)
        np.not_equal(look[1:], look[:-1], out=starts[1:])
        starts[:: self._columns] = True
        (first,) = starts.nonzero()
        runs, positions = look[first].tolist(), first.tolist()
        styles: list[int] = []
        found = []
        bounds = [0, len(runs)]
        if len(rows) > 1:
            bounds = first.searchsorted(np.arange(len(rows) + 1) * self._columns).tolist()
        for (row, _, looks), (start, end) in zip(rows, pairwise(bounds), strict=True):
            origin = positions[start]
            places = zip(runs[start:end], positions[start:end], strict=True)
            columns = {number: position - origin for number, position in places}
            self._learn(columns, looks, row)
            own = {number: looks[number] for number in columns}
            styles += [own[number] for number in runs[start:end]]
            found.append((own, columns))
        lengths = np.empty_like(first)
        np.subtract(first[1:], first[:-1], out=lengths[:-1])
        lengths[-1] = len(look) - first[-1]
        ids = np.array(styles, _U64)
        ids <<= _ABOVE
        return ids.repeat(lengths), found

    def _learn(self, columns: dict[int, int], looks: Looks, row: int) -> None:
        """Find our styles for those looks of a row that are not known in this update; ``columns`` have them."""
        ref, out, raw, known_styles = self._ref, self._style_out, self._style_bytes, self._known_styles
        for look, column in columns.items():
            if look in looks:
                continue
            if look <= layout.GROUND:
                looks[look] = self._style_id(layout.ground(look))
                continue
            if row != self._ref_row:
                self._point_at(row)
            ref.x = column
            _grid_style(ref, out)
            key = look & layout.LINK, raw[:]
            style = known_styles.get(key)
            if style is None:
                found = layout.style(out)
                if look & layout.LINK:
                    found = found._replace(underline=_LINK_UNDERLINE)
                style = known_styles[key] = self._style_id(found)
            looks[look] = style

    def _style_id(self, style: Style) -> int:
        found = self._style_ids.setdefault(style, len(self._styles))
        if found == len(self._styles):
            self._styles.append(style)
        return found

    def _cluster(self, column: int, row: int) -> int:
        """The number of the cluster in a cell."""
        self._point_at(row)
        self._ref.x = column
        points, length = ffi.new("uint32_t[]", _CLUSTER_CODES), ffi.new(_SIZE)
        if lib.ghostty_grid_ref_graphemes(self._ref, points, _CLUSTER_CODES, length):
            # Too long for the buffer; the length is now the one needed.
            points = ffi.new("uint32_t[]", length[0])
            _done(lib.ghostty_grid_ref_graphemes(self._ref, points, length[0], length))
        text = "".join(map(chr, ffi.unpack(points, min(length[0], _CLUSTER_CODES))))
        if ord(text[0]) >= FIRST_STAND_IN and self._dialect.has_stand_ins:
            text = chr(ord(text[0]) - STAND_IN) + text[1:]
        found = self._cluster_ids.setdefault(text, len(self._clusters))
        if found == len(self._clusters):
            self._clusters.append(text)
        return found

    def _point_at(self, row: int) -> None:
        """Let ``_ref`` point into a row, until the terminal changes."""
        self._point.value.y = self._ref_row = row
        _done(_grid_ref(self._terminal, self._point[0], self._ref))

    def _get(self, name: str, out: Any) -> bool:
        """Read a value of the terminal into ``out``; False if it has none."""
        refused: int = lib.ghostty_terminal_get(self._terminal, getattr(lib, f"GHOSTTY_TERMINAL_DATA_{name}"), out)
        if refused != lib.GHOSTTY_NO_VALUE:
            _done(refused)
        return not refused

    def _set(self, name: str, value: Any) -> None:
        _done(lib.ghostty_terminal_set(self._terminal, getattr(lib, f"GHOSTTY_TERMINAL_OPT_{name}"), value))

    def _mode(self, number: int) -> bool:
        mode = ffi.new(_MODE, {"mode": number})
        self._get("MODE", mode)
        return bool(mode.value)


def _sized(kind: Any) -> Any:
    """A new struct of those that say how large they are."""
    return ffi.new(kind, {"size": ffi.sizeof(kind.item)})


def _write(terminal: Any, data: bytes) -> None:
    _vt_write(terminal, data, len(data))


def _wrap_pending(terminal: Any) -> bool:
    pending = ffi.new(_BOOL)
    _done(lib.ghostty_terminal_get(terminal, lib.GHOSTTY_TERMINAL_DATA_CURSOR_PENDING_WRAP, pending))
    return bool(pending[0])


def _free(terminal: Any, state: Any, iterator: Any) -> None:
    lib.ghostty_render_state_row_iterator_free(iterator)
    lib.ghostty_render_state_free(state)
    lib.ghostty_terminal_free(terminal)


def _done(result: int) -> None:
    if result:
        raise TracekitError(f"libghostty-vt refused a call ({result})", remedy="use the pyte engine")
