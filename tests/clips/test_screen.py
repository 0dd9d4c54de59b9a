"""What the guard forbids is on no row of the screen, wherever it was drawn; nothing else is touched."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clips.recordings import replay, shown
from tracekit.casts.scrub import Span
from tracekit.clips.screen import Screen, SecretSeen
from tracekit.core.events import Event
from tracekit.terminal.cells import codes, style_ids
from tracekit.terminal.engine import open_engine
from tracekit.terminal.grid import text_of


class ToyGuard:
    """Knows what looks like ``key-`` and eight digits, and what it has learnt, of which it tells the beginnings too."""

    def __init__(self, *known: str) -> None:
        self.known = set(known)
        self.asked: list[str] = []

    def find(self, text: str) -> list[Span]:
        self.asked.append(text)
        spans = [Span(*match.span(), "key") for match in re.finditer(r"\bkey-[0-9]{8}", text)]
        for value in self.known:
            for length in range(5, len(value) + 1):
                spans += [Span(*match.span(), "known") for match in re.finditer(re.escape(value[:length]), text)]
        return spans

    def learn(self, value: str, rule: str) -> bool:
        news = not any(known.startswith(value) for known in self.known)
        if news:
            self.known.add(value)
        return news


SECRET = "key-12345678"


def play(*texts: str, columns: int = 20, rows: int = 5, known: bool = True) -> Screen:
    screen = Screen(open_engine("pyte", columns, rows), ToyGuard(*[SECRET] * known))  # type: ignore[arg-type]
    for text in texts:
        screen.play([Event(0, "o", text)])
    return screen


def lines(screen: Screen) -> list[str]:
    return [text_of(screen.cells(row), screen.clusters).rstrip() for row in range(screen.rows)]


@pytest.mark.parametrize(
    ("texts", "expected"),
    {
        "at once": ([f"my {SECRET}!"], ["my ************!"]),
        "piece by piece": (["my key-", "1234", "5678!"], ["my ************!"]),
        "coloured": ([f"my {SECRET[:6]}\x1b[31m{SECRET[6:]}\x1b[0m!"], ["my ************!"]),
        "out of order": (["\x1b[1;9H5678", "\x1b[1;5H1234", "\x1b[1;1Hkey-"], ["************"]),
        "over the margin": ([f"0123456789 {SECRET} and"], ["0123456789 *********", "*** and"]),
        "over the margin, lower row first": (["\x1b[2;1H678", "\x1b[1;12Hkey-12345"], ["           *********", "***"]),
        "over two margins": ([f"{'-' * 19}\r\n" + "x" * 17 + SECRET], ["-" * 19, "x" * 17 + "***", "*" * 9]),
        "under a row that runs up to the margin": ([f"{'w' * 20}{SECRET}"], ["w" * 20, "************"]),
        "after wide characters": ([f"世界 {SECRET}"], ["世界 ************"]),
        "after a cluster": ([f"e\u0301e\u0301 {SECRET}"], ["e\u0301e\u0301 ************"]),
        "broken by a sign": ([f"x\x1b[1;10H{SECRET[:4]}\r\n{SECRET[4:]}"], ["x        key-", "12345678"]),
    }.values(),
)
def test_a_secret_is_asterisks_on_the_screen(texts: list[str], expected: list[str]) -> None:
    shown_lines = lines(play(*texts))
    assert shown_lines[: len(expected)] == expected
    assert not any(shown_lines[len(expected) :])


def test_hiding_keeps_colours_and_cell_widths() -> None:
    text = f"世 \x1b[31m{SECRET}\x1b[0m 界"
    hidden, plain = play(text).cells(0), replay([Event(0, "o", text)], 20, 5).cells(0)
    assert (style_ids(hidden) == style_ids(plain)).all()
    assert np.flatnonzero(codes(hidden) != codes(plain)).tolist() == list(range(3, 3 + len(SECRET)))


def test_rows_that_were_hidden_are_among_the_changed_ones() -> None:
    screen = play("\x1b[1;12Hkey-12345")
    assert screen.play([Event(0, "o", "\x1b[2;1H678")]) == {0, 1}
    assert lines(screen)[:2] == ["           *********", "***"]


def test_a_row_shows_again_what_it_holds_when_no_secret_runs_on_from_it() -> None:
    screen = play("\x1b[1;17Hkey-12345678")
    assert lines(screen)[:2] == ["                ****", "********"]
    screen.play([Event(0, "o", "\x1b[2;1HabcABC!!")])
    assert lines(screen)[:2] == ["                key-", "abcABC!!"]


def test_an_unknown_secret_on_the_screen_is_learnt_and_told() -> None:
    guard = ToyGuard()
    screen = Screen(open_engine("pyte", 20, 5), guard)  # type: ignore[arg-type]
    with pytest.raises(SecretSeen) as seen:
        screen.play([Event(0, "o", f"my {SECRET}")])
    assert seen.value.rule == "key"
    assert guard.known == {SECRET}
    again = Screen(open_engine("pyte", 20, 5), guard)  # type: ignore[arg-type]
    again.play([Event(0, "o", f"my {SECRET[:7]}")])
    assert lines(again)[0] == "my *******"


def test_rows_that_have_not_changed_are_not_searched_again() -> None:
    screen = play("one\r\ntwo\r\nthree")
    guard = screen._guard
    assert isinstance(guard, ToyGuard)
    guard.asked.clear()
    screen.play([Event(0, "o", "\x1b[2;5Hmore")])
    assert [text.rstrip() for text in guard.asked] == ["two more"]


pieces = st.lists(
    st.sampled_from(["key-", "12345678", "1234", "5678", " ", "\r\n", "\x1b[2;3H", "\x1b[3;15H", "x", "-"])
)


@given(pieces, st.integers(3, 24))
def test_no_row_ever_shows_a_secret_once_all_have_been_seen(texts: list[str], columns: int) -> None:
    guard = ToyGuard(SECRET)
    for _ in texts:  # each piece completes one unknown secret at most
        screen = Screen(open_engine("pyte", columns, 4), guard)  # type: ignore[arg-type]
        try:
            for text in texts:
                screen.play([Event(0, "o", text)])
                together = "".join(line.ljust(columns) for line in lines(screen))
                assert not [secret for secret in guard.known if secret in together]
            return
        except SecretSeen:
            continue
    assert not texts, "secrets without end"


@given(pieces)
def test_without_a_guard_the_screen_is_the_terminal(texts: list[str]) -> None:
    screen = Screen(open_engine("pyte", 20, 4), None)
    events = [Event(0, "o", text) for text in texts]
    screen.play(events)
    assert shown(screen) == shown(replay(events, 20, 4))


def resize_first(events: list[Event]) -> list[Event]:
    return [Event(0, "r", "9x2"), *events, Event(0, "r", "30x6"), Event(0, "o", "\x1b[6;1Hend")]


@pytest.mark.parametrize("order", [resize_first, lambda events: [*events, Event(0, "r", "7x3")]])
def test_a_resize_among_events_of_one_frame_is_played_in_its_place(order: Callable[[list[Event]], list[Event]]) -> None:
    events = order([Event(0, "o", "one two three four"), Event(0, "i", "x"), Event(0, "o", "\r\nfive")])
    screen = Screen(open_engine("pyte", 20, 4), ToyGuard())  # type: ignore[arg-type]
    assert screen.play(events) is None
    assert len(screen.grid) == screen.rows
    assert shown(screen) == shown(replay(events, 20, 4))
