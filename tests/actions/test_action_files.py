"""The files of a desktop's clip: read as written, the same bytes each time, and damage is an error with a place."""

import io
import zipfile
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from actions.logs import FRAMES, event, logs, places, press, track
from hypothesis import given
from hypothesis import strategies as st

from tracekit.actions.archive import ActionArchive, views_of
from tracekit.actions.cursor_track import HIDDEN, CursorTrack
from tracekit.actions.events import InputEvent, dump_inputs, load_inputs
from tracekit.actions.hands import complete
from tracekit.actions.npz import MOST_BYTES, dump_arrays, load_arrays
from tracekit.actions.windows import load_windows
from tracekit.core.errors import TracekitError


def archive(events: list[InputEvent]) -> ActionArchive:
    return views_of(events, track(places(events)), FRAMES)


@given(logs())
def test_actions_come_back_and_their_bytes_depend_on_them_alone(events: list[InputEvent]) -> None:
    actions = archive(events)
    again = ActionArchive.load(actions.save())
    assert again.meta == actions.meta
    for name in ("positions", "visible"):
        assert np.array_equal(getattr(again, name), getattr(actions, name))
    for name in ("classes", "held", "buttons"):
        assert np.array_equal(getattr(again.raw, name), getattr(actions.raw, name))
    assert again.save() == actions.save() == archive(list(events)).save()


@given(logs())
def test_events_come_back(events: list[InputEvent]) -> None:
    assert load_inputs(dump_inputs(events)) == events


def everything() -> ActionArchive:
    events = complete(
        [event("button-down", button="left"), press("a", 0.1), press("F5", 0.2), event("scroll", 0.3, dy=2)]
    )
    return archive(events)


Arrays = dict[str, Any]
WRONG: dict[str, Callable[[Arrays], Arrays]] = {
    "another version": lambda arrays: arrays | {"version": np.array([99], np.int32)},
    "an array missing": lambda arrays: {name: values for name, values in arrays.items() if name != "held"},
    "a frame missing": lambda arrays: arrays | {"raw": arrays["raw"][1:]},
    "another type": lambda arrays: arrays | {"raw": arrays["raw"].astype(np.int64)},
    "another count of classes": lambda arrays: arrays | {"raw": arrays["raw"][:, 1:]},
    "no multi-hot": lambda arrays: arrays | {"raw": arrays["raw"] * 2},
    "no type": lambda arrays: arrays | {"types": arrays["types"] + 5},
    "no button": lambda arrays: arrays | {"click_buttons": arrays["click_buttons"] * 9},
    "no direction": lambda arrays: arrays | {"scroll_directions": arrays["scroll_directions"] * 9},
    "a text outside the table": lambda arrays: arrays | {"texts": arrays["texts"] + 7},
    "a table of numbers": lambda arrays: arrays | {"text_table": np.arange(3)},
    "nothing": lambda arrays: {},
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
def test_actions_that_do_not_fit_are_told(change: Callable[[Arrays], Arrays]) -> None:
    arrays = load_arrays(everything().save(), "actions.npz")
    with pytest.raises(TracekitError, match=r"^a\.npz: not the actions of a clip: "):
        ActionArchive.load(dump_arrays(change(arrays)), "a.npz")


def test_a_cursor_of_another_length_is_told() -> None:
    with pytest.raises(TracekitError, match="4 frames in a clip of 5"):
        views_of([], track([(0, 0)] * 4), 5)


@given(st.binary(max_size=200), st.integers(0, 3000))
def test_damage_raises_nothing_but_our_error(noise: bytes, position: int) -> None:
    cursor = track([(1, 2)] * 3).save()
    for load, data in ((ActionArchive.load, everything().save()), (CursorTrack.load, cursor)):
        for damaged in (noise, data[:position] + noise + data[position + len(noise) :]):
            with suppress(TracekitError):
                load(damaged)


def test_a_file_that_says_it_is_huge_is_not_unpacked() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("raw.npy", bytes(MOST_BYTES + 1))
    assert len(file.getvalue()) < 1_000_000
    with pytest.raises(TracekitError, match="take more than"):
        load_arrays(file.getvalue(), "actions.npz")


def test_an_array_that_says_it_is_huge_is_held_against_the_bytes_that_are_there() -> None:
    member = io.BytesIO()
    np.lib.format.write_array_header_1_0(member, {"descr": "<i8", "fortran_order": False, "shape": (1 << 50,)})
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("raw.npy", member.getvalue())
    with pytest.raises(TracekitError, match="not a file of arrays"):
        load_arrays(file.getvalue(), "actions.npz")


def test_a_cursor_comes_back_and_a_cut_of_it_keeps_what_it_shows() -> None:
    pictures = tuple(np.full((2, 2, 4), number, np.uint8) for number in range(3))
    whole = CursorTrack(
        np.arange(10, dtype=np.int32).reshape(5, 2),
        np.array([2, HIDDEN, 0, 2, 1], np.int32),
        pictures,
        np.array([[0, 0], [1, 1], [0, 1]], np.int32),
    )
    again = CursorTrack.load(whole.save())
    assert again.save() == whole.save()
    part = again.cut([3, 1, 3])
    assert part.positions.tolist() == [[6, 7], [2, 3], [6, 7]]
    assert part.shapes.tolist() == [0, HIDDEN, 0]
    assert (len(part.images), part.images[0].max(), part.hotspots.tolist()) == (1, 2, [[0, 1]])
    assert CursorTrack.load(part.save()).frames == 3


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"t":-1,"code":"move","x":0,"y":0}', "t:"),
        (b'{"t":0,"code":"fly","x":0,"y":0}', "code:"),
        (b'{"t":0,"code":"button-up","x":0,"y":0}', "without a button"),
        (b'{"t":0,"code":"move","x":0,"y":0,"z":0}', "z:"),
        (b"\xff", "not an event"),
        (b'{"t":4,"code":"move","x":0,"y":0}', "before that of the line above"),
    ],
)
def test_a_line_that_is_no_event_is_told_with_its_number(line: bytes, message: str) -> None:
    with pytest.raises(TracekitError, match=message) as told:
        load_inputs(b'{"t":5,"code":"move","x":0,"y":0}\n' + line + b"\n")
    assert told.value.place == "events.jsonl:2"


def test_windows_are_read_and_a_line_that_is_none_is_told_with_its_number() -> None:
    window = b'{"title":"T","program":"P","x":1,"y":2,"width_px":3,"height_px":4,"active":true}'
    good = b'{"t":0,"windows":[' + window + b"]}\n"
    (at,) = load_windows(good)
    assert (at.windows[0].title, at.windows[0].active) == ("T", True)
    assert [at.windows[0].holds(x, 2) for x in (0, 1, 3, 4)] == [False, True, True, False]
    for bad in (b"{}", b'{"t":0,"windows":[{}]}', b"\xff"):
        with pytest.raises(TracekitError) as told:
            load_windows(good + bad)
        assert told.value.place == "windows.jsonl:2"
    with pytest.raises(TracekitError, match="before"):
        load_windows(good.replace(b'"t":0', b'"t":9') + good)
