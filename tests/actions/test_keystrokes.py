"""A terminal's input as input events, by what xterm sends for keys."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracekit.actions.archive import ActionArchive
from tracekit.actions.classes import KEYS, MOUSE, OTHER, key_number
from tracekit.actions.events import dump_inputs, load_inputs
from tracekit.actions.keystrokes import Untold, keystrokes, terminal_views
from tracekit.actions.meta import Shortcut, Text
from tracekit.casts.read import read_cast
from tracekit.core.clock import NS_PER_S, frame_of, frame_time_ns, frames_for
from tracekit.core.events import Event

DEMOS = sorted((Path(__file__).parents[2] / "recipes" / "demo_casts").glob("*.cast"))


def slots_of(*data: str) -> list[Text | Shortcut]:
    """The slots of inputs that come a frame after each other, in order."""
    events = [Event(frame_time_ns(number + 1), "i", one) for number, one in enumerate(data)]
    meta = terminal_views(events, len(data) + 1).meta
    return [slot for frame in meta for slot in frame]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("data", "chord"),
    [
        ("\r", "Return"),
        ("\n", "Return"),
        ("\t", "Tab"),
        ("\x7f", "BackSpace"),
        ("\x1b", "Escape"),
        ("\x03", "ctrl+c"),
        ("\x04", "ctrl+d"),
        ("\x1a", "ctrl+z"),
        ("\0", "ctrl+space"),
        ("\x1c", "ctrl+backslash"),
        ("\x1bf", "alt+f"),
        ("\x1bF", "alt+shift+f"),
        ("\x1b\x7f", "alt+BackSpace"),
        ("\x1b\x03", "ctrl+alt+c"),
        ("\x1b[A", "Up"),
        ("\x1bOA", "Up"),
        ("\x1b\x1b[A", "alt+Up"),
        ("\x1b[1;5C", "ctrl+Right"),
        ("\x1b[1;4D", "alt+shift+Left"),
        ("\x1b[1;13H", "ctrl+super+Home"),
        ("\x1b[H", "Home"),
        ("\x1b[4~", "End"),
        ("\x1b[3~", "Delete"),
        ("\x1b[3;2~", "shift+Delete"),
        ("\x1b[5~", "Prior"),
        ("\x1b[Z", "shift+Tab"),
        ("\x1bOP", "F1"),
        ("\x1b[[B", "F2"),
        ("\x1bOR", "F3"),
        ("\x1b[1;2P", "shift+F1"),
        ("\x1b[24;5~", "ctrl+F12"),
        ("\x1bOM", "KP_Enter"),
    ],
)
def test_what_xterm_sends_is_the_key_that_sent_it(data: str, chord: str) -> None:
    assert slots_of(data) == [Shortcut(chord)]
    assert keystrokes([Event(0, "i", data)]).untold == []


def test_characters_are_typed_with_the_keys_of_the_layout_or_by_themselves() -> None:
    assert slots_of("Ls -l | é漢", "\x1bOy") == [Text("Ls -l | é漢"), Text("9")]
    events = keystrokes([Event(0, "i", "A~é")]).events
    assert [(event.code, event.keysym, event.text) for event in events] == [
        ("key-down", "Shift_L", ""),
        ("key-down", "A", "A"),
        ("key-up", "A", ""),
        ("key-up", "Shift_L", ""),
        ("key-down", "Shift_L", ""),
        ("key-down", "asciitilde", "~"),
        ("key-up", "asciitilde", ""),
        ("key-up", "Shift_L", ""),
        ("key-down", "U00E9", "é"),
        ("key-up", "U00E9", ""),
    ]
    assert events[1].held == ("Shift_L", "a")


def test_the_raw_view_has_a_class_for_each_key_in_the_frame_that_shows_it() -> None:
    actions = terminal_views([Event(frame_time_ns(3), "i", "\x03"), Event(frame_time_ns(3) + 1, "i", "x")], 6)
    found = [(int(frame), KEYS[number - len(MOUSE)].keysym) for frame, number in np.argwhere(actions.raw.classes)]
    assert sorted(found) == [(3, "Control_L"), (3, "c"), (4, "x")]
    assert not actions.visible.any()
    assert not actions.raw.held.any()


@pytest.mark.parametrize(
    ("data", "how"),
    [
        ("\x1b[24;80R", "report"),
        ("\x1b[?1;2c", "report"),
        ("\x1b[>0;95;0c", "report"),
        ("\x1b]11;rgb:1e1e/1e1e/2e2e\x07", "report"),
        ("\x1bP>|xterm(390)\x1b\\", "report"),
        ("\x1b[<0;10;5M", "report"),
        ("\x1b[M !!", "report"),
        ("\x1b[I", "report"),
        ("\x1b[999~", "unknown"),
        ("\x1b[99~", "unknown"),
        ("\x1b[1;99A", "unknown"),
        ("\x9b", "unknown"),
        ("\u200d", "unknown"),
    ],
)
def test_what_no_key_sent_is_listed(data: str, how: str) -> None:
    found = keystrokes([Event(5, "i", "a"), Event(7, "i", data + "b")])
    assert found.untold == [Untold(7, how, data)]  # type: ignore[arg-type]
    assert [event.text for event in found.events if event.code == "key-down"] == ["a", "b"]


def test_pasted_text_is_typed_and_the_paste_is_listed() -> None:
    data = "\x1b[200~make\x1b[201~"
    assert slots_of(data) == [Text("make")]
    assert [untold.how for untold in keystrokes([Event(0, "i", data)]).untold] == ["paste", "paste"]


def test_a_sequence_in_parts_is_one_key_unless_a_person_was_between() -> None:
    parts = [Event(0, "i", "\x1b"), Event(2_000_000, "o", "x"), Event(4_000_000, "i", "["), Event(6_000_000, "i", "A")]
    assert [event.keysym for event in keystrokes(parts).events] == ["Up", "Up"]
    keys = [Event(0, "i", "\x1b"), Event(NS_PER_S, "i", "f")]
    assert [event.keysym for event in keystrokes(keys).events] == ["Escape", "Escape", "f", "f"]
    assert keystrokes(keys).events[2].time_ns == NS_PER_S


@given(st.lists(st.tuples(st.integers(0, 30_000_000), st.text("ab\x1b[O]1;5~PM<\x07\x03é", max_size=8)), max_size=12))
def test_every_character_is_a_key_or_listed(parts: list[tuple[int, str]]) -> None:
    events, now = [], 0
    for step, data in parts:
        now += step
        events.append(Event(now, "i", data))
    found = keystrokes(events)
    assert load_inputs(dump_inputs(found.events)) == found.events
    typed = sum(event.text == "é" for event in found.events) + sum(one.data.count("é") for one in found.untold)
    swallowed = "".join(data for _, data in parts).count("é") - typed
    assert swallowed == sum(event.keysym == "U00E9" and event.code == "key-down" and not event.text
                            for event in found.events)  # with Alt it types nothing  # fmt: skip
    down = sum(event.code == "key-down" for event in found.events)
    assert down == sum(event.code == "key-up" for event in found.events)


@pytest.mark.parametrize("data", ["\x1b]" * 10_000, "\x1b[" * 10_000, "\x1b[" + "1" * 20_000, "\x1b[M" * 10_000])
def test_input_that_never_ends_a_sequence_is_read_all_the_same(data: str) -> None:
    found = keystrokes([Event(number, "i", data[start : start + 1000]) for number, start in
                        enumerate(range(0, len(data), 1000))])  # fmt: skip
    assert found.events or found.untold


@pytest.mark.parametrize("path", DEMOS, ids=lambda path: path.name)
def test_the_keys_of_recordings_have_both_views(path: Path) -> None:
    events = read_cast(path)[1]
    typed = [event for event in events if event.code == "i"]
    assert bool(typed) == (path.name != "correction.cast")
    actions = terminal_views(events, frames_for(events[-1].time_ns))
    assert {number for number, frame in enumerate(actions.meta) if frame} == {frame_of(e.time_ns) for e in typed}
    joiners = ["\u200d"] if path.name == "wide.cast" else []  # within an emoji
    assert [untold.data for untold in keystrokes(events).untold] == joiners
    unknown = np.flatnonzero(actions.raw.classes[:, len(MOUSE) + key_number(OTHER)]).tolist()
    assert set(unknown) == {frame_of(event.time_ns) for event in typed if re.search("[^\\x00-\\x7f\u200d]", event.data)}
    loaded = ActionArchive.load(actions.save())
    assert loaded.meta == actions.meta
