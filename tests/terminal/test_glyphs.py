"""Characters as shapes."""

import numpy as np
import pytest
from components import missing, require
from hypothesis import given, settings
from hypothesis import strategies as st

from tracekit.terminal.fonts import FontChain
from tracekit.terminal.glyphs import Glyphs, cell_size

PLAIN = FontChain(("dejavu-sans-mono", "dejavu-sans"))
GLYPHS = Glyphs(PLAIN, 13)


def noto(size_px: int = 13) -> Glyphs:
    for module in ("manimgx_fonts", "manimgx_fonts_cjk"):
        require("fonts", module=module, remedy="pip install 'tracekit[fonts]'")
    return Glyphs(FontChain(("dejavu-sans-mono", "dejavu-sans", "noto-emoji", "noto-sans-cjk")), size_px)


def test_the_default_cell_is_eight_by_sixteen() -> None:
    assert cell_size(FontChain(), 13) == (8, 16)


@pytest.mark.parametrize("size_px", range(6, 41))
def test_cells_are_even_and_hold_the_fonts_letters(size_px: int) -> None:
    glyphs = Glyphs(PLAIN, size_px)
    assert (glyphs.cell_width_px % 2, glyphs.cell_height_px % 2) == (0, 0)
    for letter in "Agjy|":
        ink = glyphs.ink(letter)
        assert ink is not None
        assert ink.shape == (glyphs.cell_height_px, glyphs.cell_width_px)
        rows = np.flatnonzero(ink.any(axis=1))
        assert rows[-1] - rows[0] + 1 >= (0.6 if letter in "Aj|" else 0.4) * size_px


def test_line_height_and_letter_spacing_move_cells_apart_and_letters_to_their_middle() -> None:
    plain, wide = Glyphs(PLAIN, 13), Glyphs(PLAIN, 13, line_height=1.5, letter_spacing_px=4)
    assert (wide.cell_width_px, wide.cell_height_px) == (12, 24)
    ink, spaced = plain.ink("x"), wide.ink("x")
    assert ink is not None
    assert spaced is not None
    down = wide.baseline_px - plain.baseline_px
    assert (spaced[down : down + 16, 2:10] == ink).all()
    assert int(spaced.sum()) == int(ink.sum())


@given(st.text(min_size=1, max_size=4), st.booleans(), st.booleans(), st.sampled_from([1, 2]))
@settings(max_examples=300, deadline=None)
def test_any_text_is_drawn_into_its_cells(text: str, bold: bool, italic: bool, cells: int) -> None:
    ink = GLYPHS.ink(text, bold=bold, italic=italic, cells=cells)
    assert ink is None or ink.shape[:2] == (16, 8 * cells)


@pytest.mark.parametrize("code", [0xE700, 0x3FFFD, 0x10FFFD, 0xFDD0])
@pytest.mark.parametrize("cells", [1, 2])
def test_a_character_that_no_font_has_is_a_box_that_can_be_seen(code: int, cells: int) -> None:
    ink, question = GLYPHS.ink(chr(code), cells=cells), GLYPHS.ink("?")
    assert ink is not None
    assert question is not None
    assert not np.array_equal(ink, question)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    assert len(rows) >= 8
    assert len(columns) >= 8 * cells - 2
    assert not ink[rows[0] + 2 : rows[-1] - 1, columns[0] + 2 : columns[-1] - 1].any()


def test_blanks_controls_and_lone_surrogates_show_nothing() -> None:
    for text in (" ", "\u00a0", "\u3000", "\u200b", "\x07", "\ud800", "\u2800"):
        assert GLYPHS.ink(text) is None, hex(ord(text))


def test_combining_marks_are_drawn_over_their_letter() -> None:
    composed, decomposed = GLYPHS.ink("é"), GLYPHS.ink("e\u0301")
    assert np.array_equal(composed, decomposed)
    letter, marked, other = GLYPHS.ink("x"), GLYPHS.ink("x\u0302"), GLYPHS.ink("x\u0308")
    assert letter is not None
    assert marked is not None
    assert other is not None
    assert (marked >= letter).all()
    assert int(marked.sum()) > int(letter.sum())
    assert not np.array_equal(marked, other)


def test_bold_and_italic_are_other_shapes() -> None:
    shapes = [GLYPHS.ink("a", bold=bold, italic=italic) for bold in (False, True) for italic in (False, True)]
    assert len({shape.tobytes() for shape in shapes if shape is not None}) == 4


@pytest.mark.parametrize("size_px", [6, 13, 20, 40])
def test_cjk_and_emoji_fill_two_cells(size_px: int) -> None:
    glyphs = noto(size_px)
    for character in "日本語漢字가😀🚀":
        ink = glyphs.ink(character, cells=2)
        assert ink is not None
        assert ink.shape == (glyphs.cell_height_px, 2 * glyphs.cell_width_px)
        columns = np.flatnonzero(ink.any(axis=0))
        assert columns[0] < glyphs.cell_width_px <= columns[-1]
        assert columns[-1] - columns[0] + 1 >= 1.2 * glyphs.cell_width_px
        missing_box = glyphs.ink("\U0003fffd", cells=2)
        assert not np.array_equal(ink, missing_box)


def test_half_width_forms_of_a_fallback_stay_in_their_cell() -> None:
    glyphs = noto()
    for character in "ｱﾊﾝ→✔":
        ink = glyphs.ink(character)
        assert ink is not None
        assert ink.shape == (16, 8)


def test_a_flag_is_drawn_as_its_letters() -> None:
    ink, j, p = GLYPHS.ink("🇯🇵", cells=2), GLYPHS.ink("J"), GLYPHS.ink("P")
    assert ink is not None
    assert np.array_equal(ink[:, :8], j)
    assert np.array_equal(ink[:, 8:], p)


def test_colour_emoji_fill_two_cells_in_their_own_colours() -> None:
    chain = FontChain(("dejavu-sans-mono", "dejavu-sans", "noto-color-emoji"))
    if chain.missing:
        missing("color-emoji", "apt install fonts-noto-color-emoji")
    ink = Glyphs(chain, 20).ink("😀", cells=2)
    assert ink is not None
    assert ink.shape == (24, 24, 4)
    solid = ink[ink[..., 3] == 255][:, :3].astype(int)
    assert len(solid) > 100
    yellow = (solid[:, 0] > 180) & (solid[:, 1] > 120) & (solid[:, 2] < 120)
    assert yellow.mean() > 0.4


def test_shapes_are_the_same_whatever_was_drawn_and_forgotten_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracekit.terminal.glyphs._KEPT", 3)
    few = Glyphs(PLAIN, 13)
    for letter in "abcabcXYZabc":
        assert np.array_equal(few.ink(letter), GLYPHS.ink(letter))
