"""Law 5: a planted secret is nowhere, however it came to stand on the screen, and nothing else has changed."""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
import pytest
from canaries import ALL, CONTEXTS, SHAPES, Canary
from hypothesis import given, settings
from hypothesis import strategies as st

from tracekit.casts.model import Header
from tracekit.casts.scrub import Scrubbed, scrub
from tracekit.casts.scrub.sequences import TOKEN
from tracekit.core.events import Event
from tracekit.terminal.cells import WIDE_TAIL, codes
from tracekit.terminal.engine import Engine, open_engine
from tracekit.terminal.text import screen_lines

Recording = tuple[Header, list[Event]]
HEADER = Header(2, 80, 24)


def output(*parts: str, header: Header = HEADER) -> Recording:
    return header, [Event(place * 50_000_000, "o", part) for place, part in enumerate(parts)]


def screens(header: Header, events: list[Event]) -> Iterator[Engine]:
    engine = open_engine("pyte", header.columns, header.rows)
    for event in events:
        if event.code == "o":
            engine.feed(event.data)
        elif event.code == "r":
            columns, _, rows = event.data.partition("x")
            engine.resize(int(columns), int(rows))
        yield engine


def texts(header: Header, events: list[Event]) -> Iterator[str]:
    """Everything that can be read in a recording."""
    yield from (event.data for event in events)
    for code in "oim":
        joined = "".join(event.data for event in events if event.code == code)
        yield joined
        yield "".join(token[1] or token[4] or "" for token in TOKEN.finditer(joined))
    yield from filter(None, [header.title, header.command, *header.env.values()])
    for engine in screens(header, events):
        lines = screen_lines(engine)
        yield from lines
        yield "".join(lines)


def skeleton(events: list[Event]) -> list[str]:
    """The sequences and controls of the output, in order; of strings, such as titles, only how long they are."""
    joined = "".join(event.data for event in events if event.code == "o")
    return [str(len(token[4])) if token[4] else token[0] for token in TOKEN.finditer(joined) if token.lastindex != 1]


def shape(header: Header, events: list[Event]) -> list[tuple[int, int, bytes]]:
    """After each event: the cursor, and which cells are the right half of a wide character."""
    return [
        (
            engine.cursor.x,
            engine.cursor.y,
            np.concatenate([codes(engine.cells(row)) == WIDE_TAIL for row in range(engine.rows)]).tobytes(),
        )
        for engine in screens(header, events)
    ]


def check(canary: Canary, recording: Recording) -> Scrubbed:
    """Scrub a recording that shows the canary, and check that neither it nor its beginning is left, and all else is."""
    header, events = recording
    clean = scrub(header, events)
    for text in texts(clean.header, clean.events):
        assert canary.value[:10] not in text
        assert canary.value[-10:] not in text
    assert [(event.time_ns, event.code) for event in clean.events] == [(event.time_ns, event.code) for event in events]
    assert skeleton(clean.events) == skeleton(events)
    assert shape(clean.header, clean.events) == shape(header, events)
    assert clean.redactions
    again = scrub(clean.header, clean.events)
    assert (again.header, again.events, again.redactions) == (clean.header, clean.events, {})
    return clean


WAYS: dict[str, Callable[[str], Recording]] = {
    "plain": lambda text: output(f"$ {text}\r\n$ "),
    "key by key": lambda text: output("$ ", *text, "\r\n"),
    "wrapped at 20 columns": lambda text: output(f"$ {text}\r\n", header=Header(2, 20, 24)),
    "scrolled away": lambda text: output("$ " + text + "\r\n" + "line\r\n" * 60),
    "cleared at once": lambda text: output("$ " + text + "\x1b[H\x1b[2Jnothing"),
    "drawn over at once": lambda text: output("$ " + text + "\r\x1b[Knothing\rno"),
    "erased by backspaces": lambda text: output("$ ", *text, *["\b \b"] * len(text)),
    "a typo taken back": lambda text: output("$ ", *text[:-3], "!", "\b \b", *text[-3:], "\r\n"),
    "on the other screen": lambda text: output("\x1b[?1049h\x1b[H", f"-- {text}", "\x1b[?1049l"),
    "after a resize": lambda text: (HEADER, [Event(0, "o", "$ "), Event(1, "r", "120x30"), Event(2, "o", text)]),
    "in a title": lambda text: output(f"\x1b]0;{text}\x07$ "),
    "in a title, split": lambda text: output("\x1b]2;", *text, "\x1b\\$ "),
    "in a directory": lambda text: output(f"\x1b]1337;CurrentDir={text}\x07$ "),
    "in a link": lambda text: output(f"\x1b]8;;{text}\x1b\\here\x1b]8;;\x1b\\"),
    "in a tmux passthrough": lambda text: output(f"\x1bPtmux;{text}\x1b\\$ "),
    "in a marker": lambda text: (HEADER, [Event(0, "o", "$ "), Event(5, "m", text)]),
    "in an exit status": lambda text: (HEADER, [Event(0, "o", "$ "), Event(5, "x", text)]),
    "in an event without a code": lambda text: (HEADER, [Event(0, "o", "$ "), Event(5, "", text)]),
    "in an unknown event": lambda text: (HEADER, [Event(0, "o", "$ "), Event(5, "z", text)]),
    "in the header's title": lambda text: (Header(2, 80, 24, title=text), []),
    "in the header's command": lambda text: (Header(2, 80, 24, command=text), []),
    "in the environment": lambda text: (Header(2, 80, 24, env={"SHELL": text}), []),
    "typed": lambda text: (HEADER, keys(text + "\r")),
    "typed with typos": lambda text: (HEADER, keys(text[:-2] + "qw\x7f\x7f" + text[-2:])),
    "pasted": lambda text: (HEADER, [Event(0, "i", f"\x1b[200~{text}\x1b[201~")]),
}


def way(function: Callable[[str], Recording]) -> Callable[[str], Recording]:
    WAYS[function.__name__.replace("_", " ")] = function
    return function


def keys(text: str) -> list[Event]:
    return [Event(place, "i", char) for place, char in enumerate(text)]


@way
def inside_colours(text: str) -> Recording:
    coloured = "".join(f"\x1b[3{place % 8};1m{char}" for place, char in enumerate(text))
    return output(f"$ {coloured}\x1b[0m\r\n")


@way
def inside_true_colours_an_event_each(text: str) -> Recording:
    return output(*(f"\x1b[38;2;{place};0;9m{char}\x1b[39m" for place, char in enumerate(text)))


@way
def wrapped_by_readline(text: str) -> Recording:
    """At the margin, readline writes a blank and a return, to make the terminal wrap."""
    columns = 33
    echo = [char + (" \r" if place % columns == 0 else "") for place, char in enumerate(text, 3)]
    return output("$ ", *echo, header=Header(2, columns, 24))


@way
def wrapped_by_readline_and_scrolled_away_at_once(text: str) -> Recording:
    """Its first row was read when the blank was drawn over; what stands in the next was written since."""
    header, events = wrapped_by_readline(text)
    return header, [*events, Event(events[-1].time_ns, "o", "\r\nline" * 60)]


@way
def drawn_anew_key_by_key(text: str) -> Recording:
    return output(*(f"\r\x1b[K$ \x1b[32m{text[:end]}\x1b[0m" for end in range(1, len(text) + 1)), "\r\n")


@way
def its_last_letters_drawn_anew(text: str) -> Recording:
    """As shells do that colour what is typed."""
    steps = [
        f"{char}\x1b[{min(end, 4)}D\x1b[1m{text[max(0, end - 4) : end]}\x1b[0m" for end, char in enumerate(text, 1)
    ]
    return output("$ ", *steps)


@way
def cell_by_cell(text: str) -> Recording:
    drawn = (f"\x1b[{5 + place // 80};{1 + place % 80}H{char}" for place, char in enumerate(text))
    return output(*drawn)


@way
def under_a_clock(text: str) -> Recording:
    ticks = (f"\x1b[5;{x}H{char}\x1b7\x1b[24;60H12:00:{x:02}\x1b8" for x, char in enumerate(text, 1))
    return output(*ticks, header=Header(2, 250, 24))


@way
def in_a_scrolling_region(text: str) -> Recording:
    return output("\x1b[2;9r\x1b[9;1H", *["x\r\n"] * 9, f"{text}\r\n", *["y\r\n"] * 9)


@way
def inserted_from_the_left(text: str) -> Recording:
    return output("$ ", *(f"\r\x1b[2C\x1b[@{char}" for char in reversed(text)), header=Header(2, 250, 24))


@way
def typed_with_echo(text: str) -> Recording:
    echoed = [Event(place, code, char) for place, char in enumerate(text, 1) for code in "io"]
    return HEADER, [Event(0, "o", "$ "), *echoed]


def halves(text: str) -> tuple[str, str]:
    return text[: len(text) // 2], text[len(text) // 2 :]


def resized(columns: int, rows: int, before: str, size: str, *after: str) -> Recording:
    events = [Event(0, "o", before), Event(1, "r", size), *(Event(2, "o", part) for part in after)]
    return Header(2, columns, rows), events


@way
def half_typed_when_the_window_grows(text: str) -> Recording:
    first, rest = halves(text)
    return resized(100, 10, "\r\n" * 20 + "$ " + first, "250x30", *rest)


@way
def half_typed_when_the_window_shrinks(text: str) -> Recording:
    first, rest = halves(text)
    return resized(250, 30, "x" * 200 + "\r\n$ " + first, "100x10", *rest)


@way
def begun_on_a_row_that_came_back_from_above(text: str) -> Recording:
    first, rest = halves(text)
    return resized(250, 10, first + "\r\n" * 20, "250x30", f"\x1b[1;{len(first) + 1}H{rest}")


@way
def begun_on_a_row_that_was_joined_to_the_one_above(text: str) -> Recording:
    first, rest = halves(text)
    return resized(60, 24, f"{'-' * 80} {first}\r\n", "250x24", f"\x1b[1;{len(first) + 82}H{rest}")


@way
def begun_below_a_row_that_was_cut_in_two(text: str) -> Recording:
    first, rest = halves(text)
    return resized(250, 24, f"{'-' * 150}\r\n{first}\r\n", "100x24", f"\x1b[3;{len(first) + 1}H{rest}")


@way
def cut_in_two_and_ended_anew(text: str) -> Recording:
    """Its beginning ends a row of the smaller window, and the row below is written anew."""
    first, rest = halves(text)
    line = f"{'-' * (59 - len(first))} {first}"
    return resized(250, 24, f"{line}{'-' * 20}\r\n$ ", "60x24", f"\x1b[2;1H\x1b[K{rest}")


@way
def begun_on_the_main_screen_that_was_resized_behind_the_other(text: str) -> Recording:
    first, rest = halves(text)
    before = f"{'-' * 80} {first}\r\n\x1b[?1049h"
    return resized(60, 24, before, "250x24", f"\x1b[?1049l\x1b[1;{len(first) + 82}H{rest}")


EVERYWHERE = [SHAPES[0], *(canary for canary in ALL if canary.name in {"mail", "card", "quoted", "mysql", "key-line"})]
COMMON = [
    "plain",
    "key by key",
    "wrapped at 20 columns",
    "drawn anew key by key",
    "in a title",
    "typed",
    "in the environment",
]
CASES = [(canary, way) for canary in ALL for way in (WAYS if canary in EVERYWHERE else COMMON)]


@pytest.mark.parametrize(("canary", "way"), CASES, ids=lambda value: getattr(value, "name", value))
def test_a_planted_secret_is_nowhere(canary: Canary, way: str) -> None:
    check(canary, WAYS[way](canary.shown))


@pytest.mark.parametrize("canary", ALL, ids=lambda canary: canary.name)
def test_a_secret_split_over_two_events_anywhere_is_nowhere(canary: Canary) -> None:
    for place in range(1, len(canary.shown)):
        _, events = output(canary.shown[:place], canary.shown[place:])
        clean = scrub(HEADER, events)
        assert canary.value[:10] not in "".join(event.data for event in clean.events)
        assert [len(event.data) for event in clean.events] == [len(event.data) for event in events]


@settings(deadline=None)
@given(canary=st.sampled_from(ALL), data=st.data())
def test_a_secret_among_other_text_and_sequences_is_nowhere(canary: Canary, data: st.DataObject) -> None:
    harmless = st.sampled_from(
        ["\x1b[1m", "\x1b[0;38;5;9m", "\x1b[?25l", "\x1b[?2004h", "\x1b]0;sh\x07", "\x1b[K", "\x0f", "\x07", ""]
    )
    parts = [part for char in canary.shown for part in (data.draw(harmless), char)]
    before, after = (
        data.draw(st.sampled_from(["", "$ ", "漢字 ", "│ ", "\x1b[7C"])),
        data.draw(st.sampled_from(["", "\r\n", " │", "\x1b[1;1H"])),
    )
    cuts = sorted(data.draw(st.sets(st.integers(0, len(parts)), max_size=12)) | {0, len(parts)})
    pieces = ["".join(parts[start:end]) for start, end in pairwise(cuts)]
    check(canary, output(before, *pieces, after, header=Header(2, data.draw(st.integers(15, 200)), 24)))


def test_a_value_shown_without_its_surroundings_is_known_again_before_and_after() -> None:
    canary = CONTEXTS[0]
    clean = check(
        canary, output(f"{canary.value}\r\n", f"$ {canary.shown}\r\n", f"$ echo $DEPLOY_TOKEN\r\n{canary.value}\r\n")
    )
    assert clean.redactions == {"assigned": 1}


def test_a_finding_says_the_rule_and_the_time_and_not_the_value() -> None:
    canary = SHAPES[0]
    clean = scrub(*output("$ ", f"echo {canary.value}\r\n", canary.value))
    (finding,) = clean.findings
    assert (finding.rule, finding.time_ns) == ("github-token", 50_000_000)
    assert re.fullmatch("[0-9a-f]{12}", finding.sha256)
    assert canary.value not in repr(clean)
