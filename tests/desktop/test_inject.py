"""Inputs made by XTEST: bounded by round trips, any character, and nothing that can't be."""

import time
from collections.abc import Iterator

import pytest
from hands import Hands, hands_on
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from x_servers import XServer, started

from tracekit.core.errors import TracekitError
from tracekit.desktop import inject
from tracekit.desktop.connect import close, connect
from tracekit.desktop.inject import Injector
from tracekit.desktop.keyboard import Keymap, keysym_name, keysym_number, text_of
from tracekit.desktop.plan import Do
from tracekit.desktop.session import DesktopSession
from tracekit.desktop.windows import windows

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
    shared_hands.heard()
    return shared_hands


def typed(hands: Hands) -> str:
    return "".join(event.text for event in hands.heard() if event.code == "key-down")


def test_the_instant_returned_is_when_the_server_had_answered(hands: Hands) -> None:
    before_ns = time.monotonic_ns()
    told_ns = hands.do("move", x=3, y=4)
    assert before_ns <= hands.injector.bracket_ns[0] < told_ns == hands.injector.bracket_ns[1] <= time.monotonic_ns()
    pointer = hands.display.screen().root.query_pointer()
    assert (pointer.root_x, pointer.root_y) == (3, 4)


@pytest.mark.parametrize(("x", "y"), [(-1, -1), (10**9, 10**9), (-(10**9), 10), (WIDTH_PX, HEIGHT_PX)])
def test_a_move_beyond_the_screen_ends_at_its_edge(hands: Hands, x: int, y: int) -> None:
    hands.do("move", x=x, y=y)
    (event,) = hands.heard()
    assert (event.x, event.y) == (min(max(x, 0), WIDTH_PX - 1), min(max(y, 0), HEIGHT_PX - 1))


@pytest.mark.parametrize(
    "do",
    [
        Do(0, "down", button="fourth"),
        Do(0, "up"),
        Do(0, "scroll", dy=10**9),
        Do(0, "scroll", dx=-51, dy=50),
        Do(0, "key-down", keysym="NoSuchKey"),
        Do(0, "key-up", keysym=""),
        Do(0, "key-down", keysym="é"),
        Do(0, "key-down", keysym="UD800"),
        Do(0, "key-down", keysym="U110000"),
        Do(0, "key-down", keysym="0xffffffff"),
    ],
    ids=str,
)
def test_what_can_not_be_done_is_refused_and_nothing_is(hands: Hands, do: Do) -> None:
    with pytest.raises(TracekitError):
        hands.injector.do(do)
    assert hands.heard() == []


@pytest.mark.parametrize("text", ["naïve café – 日本語 €", "😀👍🏽", "ΑΩ ж ש ไ", "Ünïcödé\tand\nlines"])
def test_any_text_can_be_typed(hands: Hands, text: str) -> None:
    hands.injector.prepare_text(text)
    hands.type(text)
    assert typed(hands) == text


@given(st.characters(exclude_categories=["Cs", "Cc"]))
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_character_can_be_typed_unprepared(hands: Hands, character: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inject, "RESTING_S", 0.0)  # the only program there is was waited for
        hands.heard()
        hands.type(character * 2)
        assert typed(hands) == character * 2


@pytest.mark.parametrize("character", ["\0", "\x1b", "\x7f", "\x80", "\ud800", "", "ab"])
def test_what_no_key_stands_for_is_refused(hands: Hands, character: str) -> None:
    with pytest.raises(TracekitError, match="can't be typed"):
        hands.injector.key_for(character)


def test_keys_are_named_without_modifiers(hands: Hands) -> None:
    wanted = {"a": ("a",), "A": ("Shift_L", "a"), "<": ("Shift_L", "comma"), "\n": ("Return",), " ": ("space",)}
    assert {character: hands.injector.key_for(character) for character in wanted} == wanted
    assert hands.injector.key_for("語") == ("U8A9E",)


def test_more_characters_than_spare_keys_can_be_typed_and_none_is_given_away_too_early(hands: Hands) -> None:
    spare = len(hands.injector._spare)
    text = "".join(chr(0x4E00 + number) for number in range(spare + 2))
    hands.injector.prepare_text(text)
    hands.type(text + text[:3])
    downs = [event for event in hands.heard() if event.code == "key-down"]
    assert "".join(event.text for event in downs) == text + text[:3]
    last: dict[int, tuple[str, int]] = {}
    for event in downs:
        text_before, time_ns = last.get(event.keycode, (event.text, 0))
        assert text_before == event.text or event.time_ns - time_ns > (inject.RESTING_S - 0.01) * 1e9
        last[event.keycode] = (event.text, event.time_ns)
    assert len(last) == spare


def test_a_key_that_is_held_is_not_given_away(server: XServer, hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inject, "RESTING_S", 0.0)
    hands.do("key-down", keysym="U2603")
    held = Keymap.read(hands.display).keycode(keysym_number("U2603"))
    for number in range(2 * len(hands.injector._spare)):
        hands.type(chr(0x5000 + number))
        hands.heard()
    assert Keymap.read(hands.display).keycode(keysym_number("U2603")) == held
    hands.do("key-up", keysym="U2603")
    (event,) = hands.heard()
    assert (event.keycode, event.held) == (held, ())
    for number in range(len(hands.injector._spare)):
        hands.do("key-down", keysym=f"U{0x6000 + number:X}")
    with pytest.raises(TracekitError, match="no key is left"):
        hands.do("key-down", keysym="U7000")
    for number in range(len(hands.injector._spare)):
        hands.do("key-up", keysym=f"U{0x6000 + number:X}")
    hands.heard()


def test_letting_go_of_what_was_never_pressed_does_nothing(hands: Hands, capfd: pytest.CaptureFixture[str]) -> None:
    for keysym in ("a", "U2604"):
        hands.do("key-up", keysym=keysym)
    assert hands.heard() == []
    assert capfd.readouterr().err == ""


def test_a_text_can_be_prepared_while_keys_are_held(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inject, "RESTING_S", 0.0)
    hands.do("key-down", keysym="U2603")
    text = "".join(chr(0x7000 + number) for number in range(30))
    hands.injector.prepare_text(text)
    hands.do("key-up", keysym="U2603")
    (_, up) = hands.heard()
    assert up.keysym == "U2603"
    keymap = Keymap.read(hands.display)
    assert all(keymap.keys_for(character) for character in text[: len(hands.injector._spare) - 1])


def test_every_key_of_the_keymap_can_be_pressed_by_its_name(hands: Hands) -> None:
    keymap = Keymap.read(hands.display)
    kept_by_the_server = {"NoSymbol", "XF86Next_VMode", "XF86Prev_VMode", "XF86Ungrab", "XF86ClearGrab"}
    names = {keymap.plain(keycode) for keycode in range(8, 256)} - kept_by_the_server
    assert len(names) > 150
    for name in sorted(names):
        hands.do("key-down", keysym=name)
        hands.do("key-up", keysym=name)
    downs = [event for event in hands.heard() if event.code == "key-down"]
    assert [keymap.plain(event.keycode) for event in downs] == sorted(names)
    for name in ("Caps_Lock", "Num_Lock"):
        hands.do("key-down", keysym=name)
        hands.do("key-up", keysym=name)
    hands.heard()


@given(st.integers(1, (1 << 29) - 1) | st.integers(0x1000100, 0x110FFFF))
def test_names_of_keysyms_are_found_again(keysym: int) -> None:
    name = keysym_name(keysym)
    if name.startswith("U") and name[1:].isalnum() and keysym > 0x1000000:
        code = keysym - 0x1000000
        if code < 0x100 or 0xD800 <= code < 0xE000:
            return  # not X's keysym of that character, or no character
    assert keysym_number(name) == keysym


def test_when_the_server_dies_it_is_said_and_nothing_hangs() -> None:
    with started(64, 64) as server:
        injector = Injector(connect(server.socket))
        server.process.kill()
        server.process.wait()
        for do in (Do(0, "move", x=1), Do(0, "key-down", keysym="U2603"), Do(0, "down", button="left")):
            with pytest.raises(TracekitError, match="gone"):
                injector.do(do)
        with pytest.raises(TracekitError, match="gone"):
            injector.prepare_text("é")


def test_programs_receive_the_text_that_was_typed(session: DesktopSession) -> None:
    text = "naïve café – 日本語 €\n😀👍🏽 (Jumps) <over> {it}; 'yes' \"no\" ~`!@#$%^&*_+-=\n"
    text += "".join(chr(0x4E00 + number) for number in range(30)) + "\n"
    session.ask("write", path="typed.txt", text="")
    session.ask("start", command=["mousepad", "typed.txt"])
    display, injector = connect(session.x_socket), Injector(connect(session.x_socket))
    until_s = time.monotonic() + 30
    while not any(window.active and window.program == "Mousepad" for window in windows(display)):
        assert time.monotonic() < until_s
    session.ask("wait_for", window="Mousepad", role="text")
    injector.prepare_text(text)
    for keys in [*map(injector.key_for, text), ("Control_L", "s")]:
        for key in keys:
            injector.do(Do(0, "key-down", keysym=key))
        for key in reversed(keys):
            injector.do(Do(0, "key-up", keysym=key))
    while session.ask("read", path="typed.txt") != text and time.monotonic() < until_s:
        pass
    assert session.ask("read", path="typed.txt") == text
    session.ask("sh", line="pkill mousepad")
    close(display)


def test_keysyms_type_what_their_names_say() -> None:
    wanted = {"aogonek": "ą", "Cyrillic_zhe": "ж", "hebrew_shin": "ש", "Thai_kokai": "ก", "EuroSign": "€", "oe": "œ"}
    wanted |= {"U65E5": "日", "Return": "\n", "KP_Enter": "\n", "Tab": "\t", "KP_Multiply": "*", "space": " "}
    wanted |= dict.fromkeys(["BackSpace", "Escape", "Delete", "ISO_Left_Tab", "F1", "KP_Home", "Shift_L"], "")
    assert {name: text_of(keysym_number(name)) for name in wanted} == wanted
