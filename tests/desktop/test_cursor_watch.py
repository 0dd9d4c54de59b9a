"""What the cursor looks like at any instant, told as the server tells it."""

import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from hands import Hands, hands_on
from x_servers import XServer, started
from Xlib import X, Xcursorfont

from tracekit.actions.cursor_track import HIDDEN
from tracekit.core.errors import TracekitError
from tracekit.desktop import cursor_watch
from tracekit.desktop.connect import connect
from tracekit.desktop.cursor_watch import CursorWatch
from tracekit.desktop.framebuffer import FrameBuffer

GLYPHS = (Xcursorfont.xterm, Xcursorfont.watch, Xcursorfont.sb_h_double_arrow)


@pytest.fixture(scope="module")
def server() -> Iterator[XServer]:
    with started(640, 400, cursor=True) as server:
        yield server


@pytest.fixture(scope="module")
def hands(server: XServer) -> Iterator[Hands]:
    """With windows of 100 pixels from left to right: one for each of the glyphs, one without a cursor."""
    with hands_on(server) as hands:
        root = hands.display.screen().root
        font = hands.display.open_font("cursor")
        nothing = root.create_pixmap(1, 1, 1)
        nothing.fill_rectangle(nothing.create_gc(foreground=0), 0, 0, 1, 1)
        black, white = (0, 0, 0), (65535, 65535, 65535)
        cursors = [font.create_glyph_cursor(font, glyph, glyph + 1, black, white) for glyph in GLYPHS]
        cursors.append(nothing.create_cursor(nothing, black, black, 0, 0))
        for number, cursor in enumerate(cursors):
            root.create_window(100 * number, 0, 100, 400, 0, X.CopyFromParent, cursor=cursor).map()
        hands.display.sync()
        yield hands


@pytest.fixture
def watch(server: XServer, hands: Hands) -> Iterator[CursorWatch]:
    hands.do("move", x=600, y=50)
    watch = CursorWatch(lambda: connect(server.socket))
    watch.start()
    yield watch
    watch.close()


def eventually(true: Callable[[], bool]) -> bool:
    """Whether something comes to be true; events are told with some delay."""
    until_s = time.monotonic() + 20
    while not true() and time.monotonic() < until_s:
        pass
    return true()


def test_each_change_of_shape_is_told_with_the_time_at_which_it_was(hands: Hands, watch: CursorWatch) -> None:
    spans = []
    for x in (50, 150, 250, 350, 50, 600):
        hands.do("move", x=x, y=50)
        before_ns, _ = hands.injector.bracket_ns
        sample = watch.sample()
        while time.monotonic_ns() < sample.after_ns + 4_000_000:
            pass
        spans.append((before_ns, time.monotonic_ns(), sample.shape))
    shapes = [shape for _, _, shape in spans]
    assert shapes[3] == HIDDEN
    assert shapes[4] == shapes[0]
    assert len({*shapes}) == 5
    assert eventually(lambda: watch.shape_at(time.monotonic_ns()) == shapes[-1])
    for before_ns, after_ns, shape in spans:
        assert watch.shape_at(after_ns - 2_000_000) == shape
        assert watch.shape_at(before_ns - 2_000_000) != shape
    assert watch.shape_at(0) == shapes[-1], "before all changes it was as at the start"


def test_a_sample_is_between_its_two_instants_and_agrees_with_what_was_heard(hands: Hands, watch: CursorWatch) -> None:
    for number in range(300):
        hands.do("move", x=(number * 7) % 640, y=number)
        sample = watch.sample()
        assert hands.injector.bracket_ns[1] <= sample.before_ns < sample.after_ns <= time.monotonic_ns()
        assert (sample.x, sample.y) == ((number * 7) % 640, number)
        hands.listener.catch_up()
        assert hands.listener.pointer_at(sample.after_ns + 500_000) == (sample.x, sample.y)


@pytest.mark.parametrize("x", [50, 150, 250, 600])
def test_a_shape_is_what_the_server_draws(server: XServer, hands: Hands, watch: CursorWatch, x: int) -> None:
    hands.do("move", x=x, y=200)
    sample = watch.sample()
    image, (left, top) = watch.images[sample.shape], watch.hotspots[sample.shape]
    height, width = image.shape[:2]
    frame = np.zeros((400, 640, 4), np.uint8)
    screen = FrameBuffer(server.framebuffer, 640, 400)

    def drawn() -> bool:
        screen.read_into(memoryview(frame).cast("B"))
        part = frame[200 - top : 200 - top + height, x - left : x - left + width]
        return bool((part[..., 2::-1] == image[..., :3]).all())  # over black, which the root and the windows are

    assert image[..., 3].any()
    assert image[..., :3].any(), "not black on black"
    assert eventually(drawn)
    screen.close()


def test_equal_pictures_are_one_shape(server: XServer, hands: Hands, watch: CursorWatch) -> None:
    font = hands.display.open_font("cursor")
    root = hands.display.screen().root
    shapes = set()
    for _ in range(5):
        cursor = font.create_glyph_cursor(font, Xcursorfont.pirate, Xcursorfont.pirate + 1, (0, 0, 0), (9, 9, 9))
        root.change_attributes(cursor=cursor)
        hands.display.sync()
        shapes.add(watch.sample().shape)
    root.change_attributes(cursor=X.NONE)
    hands.display.sync()
    assert len(shapes) == 1
    assert len(watch.images) == len(watch.hotspots) == 2


def test_more_shapes_than_any_honest_desktop_has_are_not_kept(
    hands: Hands, watch: CursorWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cursor_watch, "MOST_SHAPES", 3)
    monkeypatch.setattr(cursor_watch, "KEPT_CHANGES", 8)
    font = hands.display.open_font("cursor")
    root = hands.display.screen().root
    shapes = []
    for number in range(40):
        cursor = font.create_glyph_cursor(font, 2 * number, 2 * number + 1, (0, 0, 0), (65535, 0, 0))
        root.change_attributes(cursor=cursor)
        hands.display.sync()
        shapes.append(watch.sample().shape)
    root.change_attributes(cursor=X.NONE)
    hands.display.sync()
    assert len(watch.images) == 3
    assert set(shapes) == {1, 2, HIDDEN}
    assert eventually(lambda: watch.shape_at(time.monotonic_ns()) == 0)
    assert len(watch._times) <= 8
    assert len(watch._by_serial) <= 9


def test_a_server_that_dies_ends_the_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    with started(64, 64) as server:
        watch = CursorWatch(lambda: connect(server.socket))
        watch.start()
        server.process.kill()
        server.process.wait()
        watch._thread.join(30)
        with pytest.raises(TracekitError, match="gone"):
            watch.sample()
        assert watch.shape_at(time.monotonic_ns()) == 0
        watch.close()
        with pytest.raises(TracekitError):
            CursorWatch(lambda: connect(server.socket))
