"""Keys send what xterm.js sends."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracekit.tapes.driver.keys import Stroke, typed
from tracekit.tapes.language.program import KEYS

CTRL, ALT, SHIFT = {"ctrl": True}, {"alt": True}, {"shift": True}


@pytest.mark.parametrize(
    ("stroke", "sent"),
    [
        (Stroke("Enter"), "\r"),
        (Stroke("Backspace"), "\x7f"),
        (Stroke("Tab"), "\t"),
        (Stroke("Escape"), "\x1b"),
        (Stroke("Space"), " "),
        (Stroke("Up"), "\x1b[A"),
        (Stroke("Home"), "\x1b[H"),
        (Stroke("Insert"), "\x1b[2~"),
        (Stroke("Delete"), "\x1b[3~"),
        (Stroke("PageUp"), "\x1b[5~"),
        (Stroke("PageDown"), "\x1b[6~"),
        (Stroke("Tab", **SHIFT), "\x1b[Z"),
        (Stroke("Enter", **ALT), "\x1b\r"),
        (Stroke("Backspace", **CTRL), "\b"),
        (Stroke("Backspace", **ALT), "\x1b\x7f"),
        (Stroke("Space", **CTRL), "\0"),
        (Stroke("Left", **CTRL), "\x1b[1;5D"),
        (Stroke("Left", **ALT), "\x1b[1;5D"),
        (Stroke("Right", **SHIFT), "\x1b[1;2C"),
        (Stroke("Up", ctrl=True, shift=True), "\x1b[1;6A"),
        (Stroke("c", **CTRL), "\x03"),
        (Stroke("C", **CTRL), "\x03"),
        (Stroke("[", **CTRL), "\x1b"),
        (Stroke("\\", **CTRL), "\x1c"),
        (Stroke("]", **CTRL), "\x1d"),
        (Stroke("^", **CTRL), "\x1e"),
        (Stroke("_", **CTRL), "\x1f"),
        (Stroke("@", **CTRL), "\0"),
        (Stroke(".", **ALT), "\x1b."),
        (Stroke("b", **ALT), "\x1bb"),
        (Stroke("x", ctrl=True, alt=True), "\x1b\x18"),
        (Stroke("a", **SHIFT), "A"),
        (Stroke("1", **SHIFT), "!"),
        (Stroke("é"), "é"),
    ],
    ids=str,
)
def test_a_key_sends_what_xterm_js_sends(stroke: Stroke, sent: str) -> None:
    assert stroke.text() == sent


@pytest.mark.parametrize("key", ["Up", "Down", "Left", "Right", "Home", "End"])
def test_cursor_keys_follow_the_mode_that_the_program_sets_but_not_with_modifiers(key: str) -> None:
    plain, application = Stroke(key).text(), Stroke(key).text(application_cursor=True)
    assert Stroke(key).follows_mode
    assert (plain[:2], application[:2], plain[2:]) == ("\x1b[", "\x1bO", application[2:])
    assert Stroke(key, ctrl=True).text() == Stroke(key, ctrl=True).text(application_cursor=True)


@pytest.mark.parametrize(
    "stroke",
    [
        Stroke("ScrollUp"),
        Stroke("ScrollDown"),
        Stroke("PageUp", **SHIFT),
        Stroke("Insert", **SHIFT),
        Stroke("c", ctrl=True, shift=True),
        Stroke(";", **CTRL),
        Stroke("", **CTRL),
    ],
    ids=str,
)
def test_what_moves_the_view_or_is_no_control_character_sends_nothing(stroke: Stroke) -> None:
    assert stroke.text() == ""


def test_ctrl_and_a_letter_is_its_place_in_the_alphabet() -> None:
    assert [Stroke(letter, ctrl=True).text() for letter in string.ascii_lowercase] == [chr(n) for n in range(1, 27)]


@given(st.characters(exclude_characters="\n\r\t\b\x1b←↑→↓", exclude_categories=["Cs"]))
def test_a_character_of_a_text_is_typed_as_it_is(character: str) -> None:
    assert typed(character).text() == character


@given(
    st.one_of(st.sampled_from([*KEYS, "Home", "End", ""]), st.characters(exclude_categories=["Cs"])),
    st.booleans(), st.booleans(), st.booleans(), st.booleans(),
)  # fmt: skip
def test_every_stroke_sends_something_or_nothing_and_raises_never(
    key: str, ctrl: bool, alt: bool, shift: bool, application: bool
) -> None:
    assert len(Stroke(key, ctrl, alt, shift).text(application)) <= 7
