"""A recording that holds secrets without end is rejected, and work on any other is in proportion to its length."""

from importlib import import_module

import pytest

from tracekit.casts.model import Header
from tracekit.casts.scrub import reading, scrub
from tracekit.casts.scrub.finder import MOST_WORK, Finder, Work
from tracekit.casts.scrub.people import People
from tracekit.casts.scrub.rows import Row
from tracekit.casts.scrub.rules import DEFAULT
from tracekit.casts.scrub.trace import Trace
from tracekit.core.errors import Rejected
from tracekit.core.events import Event

HEADER = Header(2, 80, 24)


def check_rejected(line: str, code: str) -> None:
    few, many = ("".join(line.format(place) for place in range(count)) for count in (10, 2000))
    scrub(HEADER, [Event(0, code, few)])
    with pytest.raises(Rejected) as caught:
        scrub(HEADER, [Event(0, code, many)])
    assert caught.value.reason == "secrets"


@pytest.mark.parametrize("code", ["o", "i"])
@pytest.mark.parametrize(
    "line",
    [
        "sk-{:030}\r\n",
        "/home/somebody{}/\r\n",
        "u{0}@machine{0}.com\r\n",
        "://u:pa55{}@\r\n",
        "AKIA" * 20,
    ],
)
def test_secrets_without_end_are_rejected(line: str, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_VALUES", 300)
    monkeypatch.setattr(reading, "MOST_HIDDEN", 20_000)
    check_rejected(line, code)


@pytest.mark.parametrize("code", ["o", "i"])
@pytest.mark.parametrize("line", ["password {}\r\n", 'secret="', "curl {}\r\n"])
def test_what_may_be_secrets_without_end_is_rejected(line: str, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("tracekit.casts.scrub.scrub"), "MOST_WORK", 10_000)
    check_rejected(line, code)


def test_a_log_of_ten_megabytes_that_says_key_in_every_line_is_not() -> None:
    work = Work(MOST_WORK)
    line = "2024-01-01 12:00:00 INFO key=17 is the value for key 4711"
    assert not Finder(DEFAULT, People(DEFAULT.keep), {}, work).find(line)
    assert work.chars * 10_000_000 / len(line) < MOST_WORK


@pytest.mark.parametrize(
    "output",
    {
        "overwritten": "x\by\b" * 1000,
        "longer than the row": "x" * 9000,
        "not wrapped": "\x1b[?7l" + "x" * 4000 + "\rA\x1b[K" * 1000,
        "not wrapped, then far to the right": "\x1b[?7l" + "x" * 4000 + "y\x1b[2K" * 1000,
        "not wrapped, scrolled": "\x1b[?7l" + ("x" * 40 + "\n") * 200,
        "cleared": "key\x1b[2J" * 1000,
        "scrolled": "key\x1b[500S" * 1000,
    }.values(),
)
def test_rows_that_are_read_are_in_proportion_to_the_output(output: str) -> None:
    columns, read = 20, 0

    def reader(rows: list[Row], start: int, end: int) -> None:
        nonlocal read
        read += sum(len(row.chars) for row in rows[start:end])

    trace = Trace(columns, 10, reader)
    trace.feed(output, 0, len(output))
    trace.flush()
    assert 0 < read <= columns * len(output)


def test_some_hundred_secrets_are_replaced() -> None:
    clean = scrub(HEADER, [Event(0, "o", "".join(f"sk-{place:030}\r\n" for place in range(500)))])
    assert clean.redactions == {"model-key": 500}
    assert "sk-" not in clean.events[0].data


def test_a_known_secret_is_told_by_its_beginning_and_not_by_a_word_that_it_begins_with() -> None:
    finder = Finder(DEFAULT, People(DEFAULT.keep), {"plainwords7x9": "assigned"}, Work(MOST_WORK))
    assert finder.find("see plainwords here") == ()
    assert finder.find("see plainwords7 here") == ((4, 15, "assigned"),)
    assert finder.find("see plainwords7x9 here") == ((4, 17, "assigned"),)
