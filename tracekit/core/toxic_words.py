"""Words that nobody should learn from: slurs, and words of sex and violence, and rude ones, each with a weight."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def words_in(text: str) -> list[str]:
    """The words of a text in small letters, as they are to be looked for: whole, so that Scunthorpe is what it is."""
    return _WORD.findall(text.casefold())


@cache
def weights() -> Mapping[str, int]:
    """The words of ``toxic_words.txt``: 1 for rude ones, 10 for those of sex and violence, 100 for slurs."""
    lines = files(__package__).joinpath("toxic_words.txt").read_text("utf-8").splitlines()
    of_line = (line.split() for line in lines if line and not line.startswith("#"))
    return {word: int(weight) for weight, *words in of_line for word in words}
