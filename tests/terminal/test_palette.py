"""Colours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracekit.core.errors import TracekitError
from tracekit.terminal.cells import BOLD, DEFAULT, FAINT, HIDDEN, INVERSE, STRIKE, TRUE_COLOR, Style
from tracekit.terminal.palette import CURSOR, GROUND, TEXT, Palette, halfway, resolve
from tracekit.terminal.themes import THEMES, own_theme, theme

XTERM = theme("xterm")

COLORS = st.one_of(st.just(DEFAULT), st.integers(0, 255), st.integers(0, 0xFFFFFF).map(lambda rgb: rgb | TRUE_COLOR))
STYLES = st.builds(Style, COLORS, COLORS, st.integers(0, 255), st.integers(0, 5), COLORS)


@pytest.mark.parametrize(
    ("color", "rgb"),
    [
        (TEXT, 0xE5E5E5),
        (GROUND, 0x000000),
        (CURSOR, 0xE5E5E5),
        (1, 0xCD0000),
        (15, 0xFFFFFF),
        (16, 0x000000),
        (21, 0x0000FF),
        (67, 0x5F87AF),
        (196, 0xFF0000),
        (231, 0xFFFFFF),
        (232, 0x080808),
        (255, 0xEEEEEE),
        (TRUE_COLOR | 0x123456, 0x123456),
        (TRUE_COLOR, 0x000000),
    ],
)
def test_a_colour_is_what_xterm_makes_of_it(color: int, rgb: int) -> None:
    assert resolve(color, XTERM) == rgb


def test_what_the_program_sets_goes_before_the_theme_but_not_before_true_colour() -> None:
    overrides = {1: 0x111111, 200: 0x222222, TEXT: 0x333333}
    assert [resolve(color, XTERM, overrides) for color in (1, 200, TEXT, 2)] == [0x111111, 0x222222, 0x333333, 0x00CD00]
    assert resolve(TRUE_COLOR | 1, XTERM, overrides) == 1


def test_bold_is_bright_only_for_the_eight_colours_and_only_when_asked() -> None:
    bright, plain = Palette(XTERM), Palette(XTERM, bold_is_bright=False)
    assert bright.face(Style(fg=1, attributes=BOLD)).fg == XTERM.palette[9]
    assert plain.face(Style(fg=1, attributes=BOLD)).fg == XTERM.palette[1]
    for color in (DEFAULT, 9, 100, TRUE_COLOR | 1):
        assert bright.face(Style(fg=color, attributes=BOLD)).fg == plain.face(Style(fg=color)).fg
    assert bright.face(Style(bg=1, attributes=BOLD)).bg == XTERM.palette[1]


def test_inverse_swaps_and_faint_lies_halfway_to_the_ground() -> None:
    palette = Palette(XTERM)
    face = palette.face(Style(fg=1, bg=TRUE_COLOR | 0x0000FF, attributes=INVERSE))
    assert (face.fg, face.bg) == (0x0000FF, 0xCD0000)
    assert palette.face(Style(fg=1, bg=15, attributes=FAINT)).fg == halfway(0xCD0000, 0xFFFFFF) == 0xE67F7F


def test_hidden_text_shows_nothing_of_itself() -> None:
    face = Palette(XTERM).face(Style(fg=1, bg=4, attributes=HIDDEN | STRIKE, underline=2, underline_color=3))
    assert face.fg == face.bg
    assert (face.underline, face.underline_color, face.strike) == (0, 0, False)


def test_a_reversed_screen_swaps_what_the_theme_gives_and_no_other_colour() -> None:
    palette = Palette(XTERM, reverse=True)
    face = palette.face(Style())
    assert (face.fg, face.bg) == (XTERM.background, XTERM.foreground)
    assert palette.face(Style(fg=1, bg=2))[:2] == Palette(XTERM).face(Style(fg=1, bg=2))[:2]


@given(STYLES, st.sampled_from(sorted(THEMES)), st.sampled_from(["block", "underline", "bar"]))
def test_the_cursor_is_seen_wherever_text_would_be(style: Style, name: str, shape: str) -> None:
    palette = Palette(theme(name))
    under, face = palette.face(style), palette.face(style, shape)
    if under.fg != under.bg:
        assert (face.bg if shape == "block" else face.mark_color) != under.bg


@given(STYLES, st.booleans(), st.booleans(), st.dictionaries(st.integers(-3, 255), st.integers(0, 0xFFFFFF)))
def test_every_style_resolves_to_colours(style: Style, reverse: bool, bright: bool, set_by: dict[int, int]) -> None:
    face = Palette(XTERM, set_by, reverse, bright).face(style, "underline")
    assert all(0 <= color <= 0xFFFFFF for color in (face.fg, face.bg, face.underline_color, face.mark_color))


def test_every_theme_can_be_read_on() -> None:
    for one in THEMES.values():
        levels = [sum(color >> shift & 0xFF for shift in (16, 8, 0)) for color in (one.foreground, one.background)]
        assert abs(levels[0] - levels[1]) > 180, one.name
        assert len(set(one.palette)) >= 8, one.name


def test_an_unknown_theme_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(TracekitError, match="dracula"):
        theme("draculla")


def test_a_theme_of_eight_colours_repeats_them_as_bright_ones() -> None:
    own = own_theme(0xFFFFFF, 0, tuple(range(8)))
    assert own.palette == (*range(8), *range(8))
    with pytest.raises(TracekitError, match="7"):
        own_theme(0xFFFFFF, 0, tuple(range(7)))
