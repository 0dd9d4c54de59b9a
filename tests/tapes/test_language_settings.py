"""What a tape sets: vhs's defaults, its themes, and a terminal as large as it asks for."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracekit.core.errors import TracekitError
from tracekit.tapes.language import themes
from tracekit.tapes.language.parser import parse
from tracekit.tapes.language.program import Hide, Program, Setting, Source
from tracekit.tapes.language.settings import TapeSettings, settings_of
from tracekit.tapes.language.values import SETTINGS
from tracekit.terminal.themes import THEMES


def settings(text: str) -> TapeSettings:
    return settings_of(parse(text))


def test_without_settings_a_tape_has_those_of_vhs() -> None:
    found = settings("Hide")
    assert (found.width_px, found.height_px, found.padding_px, found.margin_px) == (1200, 600, 60, 0)
    assert (found.font_size_px, found.letter_spacing, found.line_height) == (22, 1.0, 1.0)
    assert (found.typing_delay_ns, found.wait_timeout_ns, found.wait_pattern) == (50_000_000, 15_000_000_000, ">$")
    assert (found.framerate, found.playback_speed, found.cursor_blink, found.shell) == (50, 1.0, True, "bash")
    assert found.theme == THEMES["vhs"]


def test_every_setting_has_its_field() -> None:
    fields = TapeSettings.__dataclass_fields__
    assert {kind.field for kind in SETTINGS.values()} == set(fields)


@given(st.integers(2, 300), st.integers(1, 100), st.integers(6, 60), st.integers(0, 80), st.sampled_from(["", "Rings"]))
def test_a_picture_sized_for_a_terminal_holds_just_that_terminal(
    columns: int, rows: int, font_size_px: int, padding_px: int, window_bar: str
) -> None:
    first = TapeSettings(font_size_px=font_size_px, padding_px=padding_px, margin_px=7, window_bar=window_bar)
    sized = first.sized_for(columns, rows)
    assert (sized.columns, sized.rows) == (columns, rows)
    look = sized.look.place(columns, rows)
    around_px = 2 * (padding_px + 7)
    bar_px = 30 if window_bar else 0
    assert (sized.width_px, sized.height_px) == (look.width_px + around_px, look.height_px + around_px + bar_px)


def test_the_terminal_is_what_padding_margin_and_bar_leave() -> None:
    cells = "Set FontSize 13 Set LetterSpacing 0 Set Padding 0 Set Width 810 Set Height 330 "
    assert (settings(cells).columns, settings(cells).rows) == (101, 20)
    around = settings(cells + "Set Padding 5 Set Margin 10 Set WindowBar Rings Set WindowBarSize 20")
    assert (around.columns, around.rows) == (97, 17)
    without_fill = settings(cells + "Set Margin 10 Set MarginFill ''")
    assert (without_fill.columns, without_fill.rows) == (101, 20)


def test_a_picture_without_room_has_the_smallest_terminal_of_xterm_js() -> None:
    small = settings("Set Width 130 Set Height 130")
    assert (small.columns, small.rows) == (2, 1)


def test_spacing_is_drawn_by_our_painter() -> None:
    look = settings("Set LetterSpacing 0.8 Set LineHeight 1.2 Set FontSize 40").look
    assert (look.letter_spacing_px, look.line_height, look.font_size_px) == (1, 1.2, 40)


def test_the_last_of_two_settings_counts() -> None:
    assert settings("Set FontSize 20\nSet Theme nord\nSet FontSize 30\nSet Theme Dracula").theme.name == "Dracula"


def test_themes_have_the_names_of_vhs_to_the_letter() -> None:
    assert {"Dracula", "Catppuccin Mocha", "TokyoNight", "nord", "OneHalfLight"} <= set(themes.names())
    for wrong, remedy in (("dracula", "did you mean Dracula?"), ("no such scheme at all", "or JSON")):
        with pytest.raises(ValueError, match=remedy):
            themes.read_theme(wrong)


def test_every_theme_of_vhs_can_be_asked_for_and_most_can_be_drawn() -> None:
    drawn = {name for name in themes.names() if themes.read_theme(name) != themes.DEFAULT}
    assert drawn == set(filter(themes.has_colors, themes.names()))
    assert len(drawn) > 0.9 * len(themes.names())


def test_colours_of_a_theme_by_name() -> None:
    dracula = themes.read_theme("Dracula")
    assert (dracula.background, dracula.foreground, dracula.palette[1]) == (0x1E1F29, 0xF8F8F2, 0xFF5555)
    assert themes.read_theme("TokyoNight").background == 0x1A1B26
    assert themes.read_theme("  ") == THEMES["vhs"]


def test_a_theme_in_json_has_the_keys_of_xterm_js() -> None:
    colors = {key: f"#{number:06x}" for number, key in enumerate(themes.PALETTE_KEYS, 1)}
    text = json.dumps(colors | {"name": "mine", "background": "#abc", "Foreground": "#00ff00", "cursor": "#123456"})
    theme = themes.read_theme(text)
    assert theme.palette == tuple(range(1, 17))
    assert (theme.name, theme.background, theme.foreground, theme.cursor) == ("mine", 0xAABBCC, 0x00FF00, 0x123456)


def test_a_colour_that_json_does_not_give_is_that_of_xterm_js() -> None:
    theme = themes.read_theme('{"red": "tomato", "purple": "#123456", "green": null, "blue": "#0000ff"}')
    assert (theme.background, theme.foreground) == (0x000000, 0xFFFFFF)
    assert theme.palette[4] == 0x0000FF
    assert [theme.palette[index] for index in (1, 2, 5)] == [0xCC0000, 0x4E9A06, 0x75507B]


@pytest.mark.parametrize("text", ["{", "{]}", '{"red": 1}', '{"name": []}', '{"red": "#fff"} x'])
def test_json_that_is_no_theme_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="JSON object"):
        themes.read_theme(text)


def test_settings_made_by_hand_are_checked_too() -> None:
    with pytest.raises(TracekitError, match="Set FontSize does not take 'big'"):
        settings_of(Program((Setting("FontSize", "big"), Hide())))
    with pytest.raises(TracekitError, match="Set Colour does not take 1"):
        settings_of(Program((Setting("Colour", 1), Hide())))
    assert settings_of(Program((Source("look.tape"), Setting("FontSize", 30)))).font_size_px == 30
