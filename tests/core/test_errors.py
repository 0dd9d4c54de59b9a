"""An error says what, where and what to do, in one line, on either side of a process border."""

import pickle
from concurrent.futures import ProcessPoolExecutor

import pytest

from tracekit.core.errors import Rejected, TracekitError


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (TracekitError("it is wrong"), "it is wrong"),
        (TracekitError("it is wrong", place="a:3"), "a:3: it is wrong"),
        (TracekitError("it is wrong", remedy="mend it"), "it is wrong (mend it)"),
        (TracekitError("it is wrong", place="a:3", remedy="mend it"), "a:3: it is wrong (mend it)"),
        (Rejected("bad", "it is wrong", place="a:3", remedy="mend it"), "a:3: it is wrong (mend it)"),
    ],
)
def test_an_error_prints_as_one_line(error: TracekitError, line: str) -> None:
    assert str(error) == line


class Special(Rejected):
    """One of a kind, with an attribute of its own and a constructor unlike the others'."""

    def __init__(self) -> None:
        super().__init__("special", "it is special", place="p")
        self.attempts = 3


@pytest.mark.parametrize(
    "error",
    [
        TracekitError("m", place="p", remedy="r"),
        TracekitError("m"),
        Rejected("why", "m", place="p", remedy="r"),
        Special(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_is_itself_after_pickling(error: TracekitError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert vars(again) == vars(error)
    assert (str(again), again.args) == (str(error), error.args)


def refuse() -> None:
    raise Rejected("why", "m", place="p", remedy="r")


def test_an_error_crosses_from_a_process_to_another() -> None:
    with ProcessPoolExecutor(1) as pool, pytest.raises(Rejected) as raised:
        pool.submit(refuse).result()
    assert (raised.value.reason, str(raised.value)) == ("why", "p: m (r)")
