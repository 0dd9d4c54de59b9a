"""What is done to a desktop is heard: each event once, in order, with its time, its text and what is held."""

import subprocess
import time
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hands import Hands, hands_on
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from x_servers import XServer, started
from Xlib import X

from tracekit.actions.events import InputEvent, dump_inputs, load_inputs
from tracekit.core.errors import TracekitError
from tracekit.desktop import listen
from tracekit.desktop.connect import connect
from tracekit.desktop.listen import Listener
from tracekit.desktop.plan import Do

WIDTH_PX, HEIGHT_PX = 640, 400


@pytest.fixture(scope="module")
def server() -> Iterator[XServer]:
    with started(WIDTH_PX, HEIGHT_PX) as server:
        yield server


@pytest.fixture(scope="module")
def shared_hands(server: XServer) -> Iterator[Hands]:
    with hands_on(server) as hands:
        yield hands


@pytest.fixture
def hands(shared_hands: Hands) -> Hands:
    shared_hands.do("move", x=0, y=0)
    shared_hands.heard()
    return shared_hands


def said(events: list[InputEvent]) -> list[tuple[object, ...]]:
    """Everything of events but when, and which key."""
    return [event._replace(time_ns=0, keycode=0)[1:] for event in events]


def test_every_move_is_heard_once_and_in_order(hands: Hands) -> None:
    wanted = [(number * 37 % WIDTH_PX, number * 91 % HEIGHT_PX) for number in range(1500)]
    for x, y in wanted:
        hands.do("move", x=x, y=y)
    heard = hands.heard()
    assert [(event.code, event.x, event.y) for event in heard] == [("move", x, y) for x, y in wanted]
    assert all(one.time_ns <= other.time_ns for one, other in pairwise(heard))
    assert hands.heard() == []


def test_an_event_has_the_time_at_which_it_was_made(hands: Hands) -> None:
    for number in range(200):
        hands.do("move", x=number + 1, y=7)
        before_ns, after_ns = hands.injector.bracket_ns
        (event,) = hands.heard()
        # Times are truncated to a millisecond, by a clock that may tick as rarely, and told as its middle.
        assert before_ns - 1_500_000 <= event.time_ns <= after_ns + 500_000


def test_events_are_handed_out_up_to_an_instant(hands: Hands) -> None:
    for number in range(5):
        hands.do("move", x=number, y=1)
        while time.monotonic_ns() < hands.injector.bracket_ns[1] + 2_000_000:
            pass
    hands.listener.catch_up()
    middle_ns = hands.injector.bracket_ns[0] - 1_000_000
    first = hands.listener.take(middle_ns)
    rest = hands.listener.take()
    assert [event.x for event in first] == [0, 1, 2, 3]
    assert [event.x for event in rest] == [4]
    assert first[-1].time_ns <= middle_ns < rest[0].time_ns


def test_what_was_heard_can_be_kept_and_read_again(hands: Hands) -> None:
    hands.do("down", button="left")
    hands.do("move", x=9, y=9)
    hands.type("Aé\n")
    hands.do("up", button="left")
    heard = hands.heard()
    assert load_inputs(dump_inputs(heard)) == heard


def test_wheels_and_buttons(hands: Hands) -> None:
    hands.do("scroll", dx=-1, dy=2)
    for button in ("middle", "right", "back", "forward"):
        hands.do("down", button=button)
        hands.do("up", button=button)
    heard = hands.heard()
    assert [(event.dx, event.dy) for event in heard[:3]] == [(-1, 0), (0, 1), (0, 1)]
    assert [(event.code, event.button) for event in heard[3:]] == [
        (code, button) for button in ("middle", "right", "back", "forward") for code in ("button-down", "button-up")
    ]


def test_every_printable_character_of_the_us_keyboard_is_heard_as_itself(hands: Hands) -> None:
    text = "".join(map(chr, range(0x20, 0x7F))) + "\n\t"
    hands.type(text)
    heard = hands.heard()
    assert "".join(event.text for event in heard if event.code == "key-down") == text
    assert not any(event.text for event in heard if event.code == "key-up")
    assert heard[-1].held == ()


def test_with_control_alt_or_super_held_keys_type_nothing(hands: Hands) -> None:
    for modifier in ("Control_L", "Control_R", "Alt_L", "Super_L"):
        hands.do("key-down", keysym=modifier)
        hands.do("key-down", keysym="a")
        (_, key) = hands.heard()
        assert (key.keysym, key.text, key.held) == ("a", "", (modifier, "a"))
        hands.do("key-up", keysym="a")
        hands.do("key-up", keysym=modifier)
        hands.heard()


def test_caps_lock_and_num_lock_are_heeded(hands: Hands) -> None:
    for lock in ("Caps_Lock", "Num_Lock"):
        hands.do("key-down", keysym=lock)
        hands.do("key-up", keysym=lock)
    hands.do("key-down", keysym="Shift_L")
    for key in ("a", "KP_Home"):
        hands.do("key-down", keysym=key)
        hands.do("key-up", keysym=key)
    hands.do("key-up", keysym="Shift_L")
    for key in ("a", "1", "KP_Home", "KP_Multiply", "KP_Enter"):
        hands.do("key-down", keysym=key)
        hands.do("key-up", keysym=key)
    for lock in ("Caps_Lock", "Num_Lock"):
        hands.do("key-down", keysym=lock)
        hands.do("key-up", keysym=lock)
    hands.type("a")
    downs = [event for event in hands.heard() if event.code == "key-down" and "Lock" not in event.keysym]
    assert [event.text for event in downs] == ["", "a", "", "A", "1", "7", "*", "\n", "a"]
    assert [event.keysym for event in downs][2:6] == ["KP_Home", "A", "1", "KP_7"]


def test_a_key_that_is_held_repeats(server: XServer, hands: Hands) -> None:
    hands.display.change_keyboard_control(auto_repeat_mode=X.AutoRepeatModeOn)
    hands.display.sync()
    try:
        hands.do("key-down", keysym="x")
        heard: list[InputEvent] = []
        while len(heard) < 3:
            heard += hands.heard()
        hands.do("key-up", keysym="x")
        heard += hands.heard()
    finally:
        hands.display.change_keyboard_control(auto_repeat_mode=X.AutoRepeatModeOff)
        hands.display.sync()
    assert {(event.code, event.text, event.held) for event in heard[:-1]} == {("key-down", "x", ("x",))}
    assert (heard[-1].code, heard[-1].held) == ("key-up", ())


def test_a_program_that_moves_the_pointer_is_heard(hands: Hands) -> None:
    hands.display.screen().root.warp_pointer(123, 45)
    hands.display.sync()
    assert said(hands.heard()) == [("move", 123, 45, "", 0, 0, 0, "", "", (), False)]


def test_what_happens_while_a_program_has_pointer_and_keyboard_frozen_is_heard_once(hands: Hands) -> None:
    window = hands.display.screen().root.create_window(0, 0, 50, 50, 0, X.CopyFromParent, event_mask=X.ButtonPressMask)
    window.map()
    frozen = X.GrabModeSync
    window.grab_button(1, X.AnyModifier, True, X.ButtonPressMask, frozen, frozen, X.NONE, X.NONE)
    hands.display.sync()
    hands.do("move", x=25, y=25)
    hands.do("down", button="left")
    hands.do("move", x=30, y=30)
    hands.type("x")
    hands.do("up", button="left")
    hands.do("down", button="right")
    hands.do("up", button="right")
    heard = hands.heard()
    hands.display.allow_events(X.ReplayPointer, X.CurrentTime)
    hands.display.allow_events(X.AsyncKeyboard, X.CurrentTime)
    hands.display.sync()
    heard += hands.heard()
    window.destroy()
    hands.display.sync()
    assert [(event.code, event.x, event.y, event.drag) for event in heard] == [
        ("move", 25, 25, False),
        ("button-down", 25, 25, False),
        ("move", 30, 30, True),
        ("key-down", 30, 30, True),
        ("key-up", 30, 30, True),
        ("button-up", 30, 30, False),
        ("button-down", 30, 30, False),
        ("button-up", 30, 30, False),
    ]


def test_another_keymap_is_followed(server: XServer, hands: Hands) -> None:
    try:
        subprocess.run(["setxkbmap", "-display", server.display, "de"], check=True)
        hands.do("move", x=1, y=1)
        text = "zyäÖß@€[~1"
        hands.type(text)
        downs = [event for event in hands.heard() if event.code == "key-down"]
        assert "".join(event.text for event in downs) == text
        assert ("ISO_Level3_Shift", "e") in {event.held for event in downs}
    finally:
        subprocess.run(["setxkbmap", "-display", server.display, "us"], check=True)
        hands.do("move", x=0, y=0)


def test_keys_and_buttons_that_are_down_at_the_start_are_known(server: XServer, hands: Hands) -> None:
    hands.do("move", x=11, y=12)
    hands.do("key-down", keysym="Control_L")
    hands.do("down", button="middle")
    listener = Listener(lambda: connect(server.socket))
    listener.start()
    assert listener.pointer_at(time.monotonic_ns()) == (11, 12)
    hands.do("move", x=13, y=12)
    hands.do("key-down", keysym="c")
    listener.catch_up()
    assert said(listener.take()) == [
        ("move", 13, 12, "", 0, 0, 0, "", "", (), True),
        ("key-down", 13, 12, "", 0, 0, 0, "c", "", ("Control_L", "c"), True),
    ]
    for key in ("c", "Control_L"):
        hands.do("key-up", keysym=key)
    hands.do("up", button="middle")
    listener.close()
    hands.heard()


def test_where_the_pointer_was_is_remembered_for_a_while(
    server: XServer, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listen, "KEPT_POSITIONS", 64)
    listener = Listener(lambda: connect(server.socket))
    listener.start()
    for number in range(500):
        hands.do("move", x=number % 600, y=3)
    listener.catch_up()
    heard = listener.take()
    listener.close()
    assert len(listener._times) <= 64
    last = {event.time_ns: (event.x, event.y) for event in heard}
    for event in heard[-30:]:
        assert listener.pointer_at(event.time_ns) == last[event.time_ns]
    assert listener.pointer_at(heard[-1].time_ns + 10**12) == (heard[-1].x, 3)
    assert listener.pointer_at(0)[0] > 400, "the oldest that is remembered"
    hands.heard()


def test_a_server_that_dies_ends_the_listener_and_is_told_after_all_that_was_heard() -> None:
    with started(64, 64) as server, hands_on(server) as hands:
        hands.do("move", x=5, y=6)
        hands.listener.catch_up()
        server.process.kill()
        server.process.wait()
        hands.listener._thread.join(30)
        assert [event.x for event in hands.listener.take()] == [5]
        with pytest.raises(TracekitError, match="gone"):
            hands.listener.take()
        with pytest.raises(TracekitError, match="gone"):
            hands.listener.catch_up()
        with pytest.raises(TracekitError):
            Listener(lambda: connect(server.socket))


def test_a_listener_that_was_closed_gives_what_it_had_heard(server: XServer, hands: Hands) -> None:
    listener = Listener(lambda: connect(server.socket))
    listener.start()
    hands.do("move", x=77, y=6)
    listener.catch_up()
    listener.close()
    assert [event.x for event in listener.take()] == [77]
    assert listener.take() == []
    never_started = Listener(lambda: connect(server.socket))
    never_started.close()


BUTTONS = ("left", "middle", "right", "back", "forward")
KEYS = {"a": "A", "1": "exclam", "Return": "Return", "F5": "F5", "Shift_L": "Shift_L", "Control_L": "Control_L"}
"""By their plain keysym those with Shift."""
TEXTS = {"a": "a", "A": "A", "1": "1", "exclam": "!", "Return": "\n"}

places = st.integers(-40, 700)
doings = st.one_of(
    st.builds(Do, st.just(0), st.just("move"), x=places, y=places),
    st.builds(Do, st.just(0), st.sampled_from(["down", "up"]), button=st.sampled_from(BUTTONS)),
    st.builds(Do, st.just(0), st.just("scroll"), dx=st.integers(-2, 2), dy=st.integers(-2, 2)),
    st.builds(Do, st.just(0), st.sampled_from(["key-down", "key-up"]), keysym=st.sampled_from(list(KEYS))),
)


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)


class Model:
    """What should be heard of inputs."""

    def __init__(self) -> None:
        self.x = self.y = 0
        self.moved: dict[str, bool] = {}
        self.held: list[str] = []

    def of(self, do: Do) -> Iterator[InputEvent]:
        event = InputEvent(0, "move", 0, 0)
        match do.kind:
            case "move":
                x, y = min(max(do.x, 0), WIDTH_PX - 1), min(max(do.y, 0), HEIGHT_PX - 1)
                if (x, y) != (self.x, self.y):
                    self.moved = dict.fromkeys(self.moved, True)
                self.x, self.y = x, y
                yield self._now(event)
            case "down" if do.button not in self.moved:
                self.moved[do.button] = False
                yield self._now(event._replace(code="button-down", button=do.button))
            case "up" if do.button in self.moved:
                del self.moved[do.button]
                yield self._now(event._replace(code="button-up", button=do.button))
            case "scroll":
                yield from [self._now(event._replace(code="scroll", dx=_sign(do.dx)))] * abs(do.dx)
                yield from [self._now(event._replace(code="scroll", dy=_sign(do.dy)))] * abs(do.dy)
            case "key-down" if do.keysym not in self.held:
                keysym = KEYS[do.keysym] if "Shift_L" in self.held else do.keysym
                text = "" if "Control_L" in self.held else TEXTS.get(keysym, "")
                self.held.append(do.keysym)
                yield self._now(event._replace(code="key-down", keysym=keysym, text=text, held=tuple(self.held)))
            case "key-up" if do.keysym in self.held:
                keysym = KEYS[do.keysym] if "Shift_L" in self.held else do.keysym
                self.held.remove(do.keysym)
                yield self._now(event._replace(code="key-up", keysym=keysym, held=tuple(self.held)))

    def _now(self, event: InputEvent) -> InputEvent:
        return event._replace(x=self.x, y=self.y, drag=any(self.moved.values()))


@given(st.lists(doings, max_size=60))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_done_is_heard_as_it_was_done(hands: Hands, plan: list[Do]) -> None:
    model = Model()
    held = [Do(0, "up", button=button) for button in BUTTONS] + [Do(0, "key-up", keysym=key) for key in KEYS]
    wanted = []
    for do in [Do(0, "move"), *plan, *held]:
        hands.injector.do(do)
        wanted += model.of(do)
    assert said(hands.heard()) == said(wanted)
