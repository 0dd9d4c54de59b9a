"""Captions of desktops by rules: grounded, deterministic, in proper English, and of the paper's lengths."""

import re

import numpy as np
import pytest
from actions.logs import event, logs, press, release
from captions.desks import desk, picture, window
from hypothesis import given, settings
from hypothesis import strategies as st

from tracekit.actions.cursor_track import CursorTrack
from tracekit.actions.events import InputEvent
from tracekit.actions.hands import complete
from tracekit.actions.windows import WindowsAt
from tracekit.captions.base import DesktopView
from tracekit.captions.rules import RuleCaptioner
from tracekit.core.clock import CLIP_FRAMES, NS_PER_S

QUOTE = re.compile(r"`([^`]*)`")
TITLES = st.sampled_from(
    ["Untitled 1 - Mousepad", "Home", "*notes.txt", '`odd` "title"', "", "║░", "漢字 - Thunar", "a"]
)
PROGRAMS = st.sampled_from(["Mousepad", "Thunar", "Xfce4-terminal", "Xfdesktop", "Unheard-of", ""])
WINDOWS = st.lists(
    st.builds(window, TITLES, PROGRAMS, number=st.integers(0, 3), active=st.booleans(), x=st.integers(-9, 900)),
    max_size=4,
)
CHANGES = st.lists(
    st.builds(lambda t, windows: WindowsAt(t, tuple(windows)), st.integers(0, 4 * NS_PER_S), WINDOWS), max_size=3
).map(lambda found: sorted(found, key=lambda at: at.time_ns))


def said(view: DesktopView) -> dict[str, str]:
    captions = RuleCaptioner().caption(view)
    return {tier: str(getattr(captions, tier)) for tier in ("semantic", "regular", "detailed")}


def assert_sound(view: DesktopView) -> None:
    titles = [one.title for at in view.windows for one in at.windows]
    typed = "".join(one.text for one in view.events if one.text.isprintable())
    for tier, caption in said(view).items():
        quotes = QUOTE.findall(caption)
        assert caption.count("`") == 2 * len(quotes)
        assert not (tier == "semantic" and quotes)
        assert all(quote.strip() and (quote in typed or any(quote in title for title in titles)) for quote in quotes)
        plain = QUOTE.sub("`x`", caption)
        assert re.fullmatch(r"(?:[A-Z`][^.]*(?:\.\d[^.]*)*\.(?: |$))+", plain), caption
        assert not re.search(r"  | [,.]|,,|``|\ba (?!user\b|one\b)[aeiou]|\ban [^aeiou]|\b(?:one|1) \w+s\b", plain), (
            plain
        )
        assert not re.search(r"None\b|unknown|\bkeys once\b", plain), plain


@settings(max_examples=150, deadline=None)
@given(logs(), CHANGES)
def test_everything_quoted_is_a_title_or_was_typed(events: list[InputEvent], windows: list[WindowsAt]) -> None:
    assert_sound(desk(events, windows))


def test_the_same_clip_has_the_same_captions_and_another_varies() -> None:
    events = [event("button-down", 1, 100, 100, button="left"), event("button-up", 1.1, 100, 100, button="left")]
    assert said(desk(events)) == said(desk(list(events)))
    assert len({said(desk(events, key=f"desk_{number}"))["semantic"] for number in range(20)}) > 3


def typing() -> list[InputEvent]:
    events = [
        event("button-down", 0.5, 300, 200, button="left"),
        event("button-up", 0.6, 300, 200, button="left"),
        event("button-down", 0.7, 300, 200, button="left"),
        event("button-up", 0.8, 300, 200, button="left"),
    ]
    for number, character in enumerate("hello"):
        events += [press(character, 1 + number / 10), release(character, 1.05 + number / 10)]
    events += [press("Control_L", 2), press("s", 2.1, chord=True), release("s", 2.2), release("Control_L", 2.3)]
    return complete([one._replace(x=300, y=200) for one in events])


def test_what_is_done_is_told_with_its_window_and_its_text() -> None:
    view = desk(typing(), [WindowsAt(0, (window("notes.txt - Mousepad", "Mousepad"),))])
    tiers = said(view)
    assert "double click" in tiers["semantic"]
    assert "a text editor" in tiers["semantic"]
    assert "types `hello` into `notes.txt - Mousepad`" in tiers["regular"]
    assert "presses Ctrl+S" in tiers["regular"]
    assert "At 0.5 s the user makes a double click on `notes.txt - Mousepad` at (300, 200)" in tiers["detailed"]
    assert_sound(view)


def test_a_window_that_opens_and_one_that_closes_are_told() -> None:
    first, second = window("Home - Thunar", "Thunar", number=1), window("Calculator", "Galculator", number=2)
    view = desk([], [WindowsAt(0, (first,)), WindowsAt(NS_PER_S, (second,))])
    tiers = said(view)
    assert "A calculator opens" in tiers["semantic"]
    assert "A window opens: `Calculator`" in tiers["regular"]
    assert "`Home - Thunar` is closed" in tiers["regular"]


def test_drags_and_scrolls_have_their_ends_and_their_notches() -> None:
    events = [
        event("button-down", 0.5, 100, 100, button="left"),
        event("move", 1, 500, 400),
        event("button-up", 1.5, 900, 700, button="left"),
        *[event("scroll", 2, 900, 700, dy=1)] * 3,
    ]
    tiers = said(desk(events))
    assert "drags with the left button on the desktop from (100, 100) to (900, 700)" in tiers["detailed"]
    assert "from the upper left to the lower right" in tiers["regular"]
    assert "scrolls down three notches" in tiers["regular"]


def test_the_task_is_told_as_it_is_given_in_the_tiers_that_may_quote() -> None:
    tiers = said(desk(typing(), instruction='Write "hello" into a new file.'))
    assert "The task is: Write 'hello' into a new file." in tiers["regular"]
    assert "hello" not in tiers["semantic"]
    assert "task" in tiers["semantic"]


@pytest.mark.parametrize(
    ("shape", "hotspot", "sentence"),
    [(picture(18, 12), (2, 2), "an arrow"), (picture(18, 6), (5, 11), "a text cursor"),
     (picture(8, 20), (12, 6), "a double arrow"), (picture(12, 12), (8, 8), "another shape")],
)  # fmt: skip
def test_shapes_of_the_cursor_are_told_by_outline_and_hotspot(
    shape: np.ndarray,
    hotspot: tuple[int, int],
    sentence: str,  # type: ignore[type-arg]
) -> None:
    cursor = CursorTrack(
        np.full((CLIP_FRAMES, 2), 9, np.int32),
        np.zeros(CLIP_FRAMES, np.int32),
        (shape,),
        np.array([hotspot], np.int32),
    )
    assert f"It is drawn as {sentence}." in said(desk([], cursor=cursor))["detailed"]


def test_an_empty_clip_and_one_without_windows_are_told_too() -> None:
    for view in (desk([]), desk(typing()), desk([], [WindowsAt(0, ())])):
        assert_sound(view)
        assert all(caption.strip() for caption in said(view).values())
