"""Keystrokes by name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracekit.captions.keys import number, pressed, special, times, typed_text
from tracekit.core.events import Event


def keys(*data: str) -> list[str]:
    return pressed(Event(time_ns, "i", text) for time_ns, text in enumerate(data))


@pytest.mark.parametrize(
    ("data", "names"),
    [
        ("ls\r", ["l", "s", "Enter"]),
        ("\x1b[A\x1bOB\x1b[5~", ["Up", "Down", "Page Up"]),
        ("\x03\x04\x7f\t", ["Ctrl-C", "Ctrl-D", "Backspace", "Tab"]),
        ("\x1bb\x1b", ["Alt-B", "Escape"]),
        ("\x1bOP\x1b[24~", ["F1", "F12"]),
        ("é漢", ["é", "漢"]),
        ("\x1b[1;5D\x1b[Z\x1b`\x1c", ["Ctrl-Left", "Shift-Tab", "Alt-Grave", "Ctrl-Backslash"]),
        ("\x1b[?1;2c\x1b[12;40R\x1b[<0;3;4M\x1b[I", []),
    ],
)
def test_keys_have_names(data: str, names: list[str]) -> None:
    assert keys(data) == names


def test_a_key_split_over_events_is_one_key() -> None:
    assert keys("\x1b", "[", "A") == ["Up"]


def test_a_key_typed_after_escape_is_another_key() -> None:
    assert pressed([Event(0, "i", "\x1b"), Event(100_000_000, "i", "O")]) == ["Escape", "O"]


def test_output_is_no_key() -> None:
    assert pressed([Event(0, "o", "ls")]) == []


def test_typed_text_takes_backspace_back() -> None:
    assert typed_text(keys("lz\x7fs\rpwd\r")) == ["ls", "pwd"]
    assert special(keys("\x1b[B\x1b[B\x1b[B\r")) == ["Down three times", "Enter"]


def test_counts_in_words() -> None:
    assert [number(0), number(12), number(13)] == ["no", "twelve", "13"]
    assert [times(1), times(2), times(5)] == ["once", "twice", "five times"]


@given(st.text())
def test_any_keystroke_has_a_printable_name_or_none(data: str) -> None:
    assert all(name.isprintable() and name for name in keys(data))
