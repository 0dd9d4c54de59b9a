"""What the scrubber reads is what stands on the screen: its rows are those of the terminal, also after a resize."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tracekit.casts.scrub.rows import Row
from tracekit.casts.scrub.trace import Trace
from tracekit.terminal.engine import open_engine
from tracekit.terminal.text import screen_lines

SIZES = st.tuples(st.integers(2, 14), st.integers(2, 7))
NUMBERS = st.integers(1, 14)
STEPS = st.one_of(
    SIZES,
    st.text("abcdefg ", min_size=1, max_size=40),
    st.builds("\x1b[{};{}H".format, NUMBERS, NUMBERS),
    st.sampled_from(["\r\n", "\n", "\r", "\b", "\r\n" * 9]),
    st.sampled_from(["\x1b[K", "\x1b[1K", "\x1b[2K", "\x1b[J", "\x1b[1J", "\x1b[2J", "\x1b[3J"]),
    st.sampled_from(["\x1b7", "\x1b8", "\x1b[?1049h", "\x1b[?1049l", "\x1b[?1048h", "\x1b[?1048l"]),
)


def no_reader(rows: list[Row], start: int, end: int) -> None:
    """What is read does not matter here."""


@given(SIZES, st.lists(STEPS, max_size=30))
@example((6, 3), ["abcdefgabcdefg", (12, 3), "\x1b[1;9Hx", (4, 5)])
@settings(max_examples=300, deadline=None)
def test_rows_are_those_of_the_screen_and_their_characters_are_from_where_they_say(
    size: tuple[int, int], steps: list[str | tuple[int, int]]
) -> None:
    output = "".join(step for step in steps if isinstance(step, str))
    trace, engine, at = Trace(*size, no_reader), open_engine("pyte", *size), 0
    for step in steps:
        if isinstance(step, str):
            trace.feed(output, at, at + len(step))
            engine.feed(step)
            at += len(step)
        else:
            trace.resize(*step)
            engine.resize(*step)
        assert [row.text.rstrip() for row in trace._rows] == [line.rstrip() for line in screen_lines(engine)]
        for row in trace._rows:
            told = zip(row.chars, row.origins, strict=True)
            assert all(output[origin] == char if origin >= 0 else char == " " for char, origin in told)
