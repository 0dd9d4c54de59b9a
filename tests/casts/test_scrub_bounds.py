"""A recording that holds secrets without end is rejected, and work on any other is in proportion to its length."""

import pytest

from tracekit.casts.model import Header
from tracekit.casts.scrub import scrub
from tracekit.casts.scrub.finder import Finder
from tracekit.casts.scrub.people import People
from tracekit.casts.scrub.reading import MOST_HIDDEN, MOST_VALUES
from tracekit.casts.scrub.rules import DEFAULT
from tracekit.casts.scrub.scrub import MOST_WORDS
from tracekit.core.errors import Rejected
from tracekit.core.events import Event

HEADER = Header(2, 80, 24)


@pytest.mark.parametrize("code", ["o", "i"])
@pytest.mark.parametrize(
    ("line", "most"),
    [
        ("sk-{:030}\r\n", MOST_VALUES),
        ("/home/somebody{}/\r\n", MOST_VALUES),
        ("u{0}@machine{0}.com\r\n", MOST_VALUES),
        ("://u:pa55{}@\r\n", MOST_VALUES),
        ("AKIA" * 20, MOST_HIDDEN // 80),
        ("password ", MOST_WORDS),
    ],
)
def test_secrets_without_end_are_rejected(line: str, most: int, code: str) -> None:
    with pytest.raises(Rejected) as caught:
        scrub(HEADER, [Event(0, code, "".join(line.format(place) for place in range(most + 10)))])
    assert caught.value.reason == "secrets"


def test_some_hundred_secrets_are_replaced() -> None:
    clean = scrub(HEADER, [Event(0, "o", "".join(f"sk-{place:030}\r\n" for place in range(500)))])
    assert clean.redactions == {"model-key": 500}
    assert "sk-" not in clean.events[0].data


def test_a_known_secret_is_told_by_its_beginning_and_not_by_a_word_that_it_begins_with() -> None:
    finder = Finder(DEFAULT, People(DEFAULT.keep), {"plainwords7x9": "assigned"})
    assert finder.find("see plainwords here") == ()
    assert finder.find("see plainwords7 here") == ((4, 15, "assigned"),)
    assert finder.find("see plainwords7x9 here") == ((4, 17, "assigned"),)
