"""Sessions with more to them than lines of shell: keys and text for whatever program has the terminal."""

import random
from collections.abc import Iterable, Sequence

from tracekit.tapes.families.base import Draft
from tracekit.tapes.families.compose import Typist, hidden, sentence, wording
from tracekit.tapes.language.program import Chord, Command, Press, Type


class Session:
    """A session while it is composed: what is typed, what that is called, and what the screen then shows.

    Attributes:
        setup: the lines of its set-up; more may be added.
        typist: who types.

    Args:
        rng: the session's source of chance.
        setup: lines of shell that make its world out of sight.
        characters: about how many it types in sight.
    """

    def __init__(self, rng: random.Random, setup: Iterable[str] = (), *, characters: int = 150) -> None:
        self._rng = rng
        self.typist = Typist(rng, characters)
        self._seen: list[Command] = [self.typist.pause(400, 900)]
        self.setup = list(setup)
        self._does: list[str] = []
        self._shows: list[str] = []

    def does(self, phrase: str, *shows: str) -> None:
        """Name what comes next, as `Step.does` is worded, and what the screen will show for it."""
        self._does.append(phrase)
        self._shows += shows

    def line(self, text: str, *shows: str, read_ms: tuple[int, int] = (500, 1300)) -> None:
        """Type a line, press Enter and read what comes."""
        self._seen += (
            self.typist.line(text, read_ms) if text else (self.typist.press("Enter"), self.typist.pause(*read_ms))
        )
        self._shows += shows

    def text(self, text: str) -> None:
        """Type text, and no Enter."""
        self._seen += self.typist.text(text)

    def press(self, key: str, count: int = 1) -> None:
        """Press a key, and look at what it did."""
        self._seen += (self.typist.press(key, count), self.typist.pause(150, 400))

    def ctrl(self, key: str) -> None:
        """Press a key with Ctrl, and look at what it did."""
        self._seen += (Chord(key, ctrl=True), self.typist.pause(200, 500))

    def alt(self, key: str) -> None:
        """Press a key with Alt, and look at what it did."""
        self._seen += (Chord(key, alt=True), self.typist.pause(200, 500))

    def wait(self, least_ms: int, most_ms: int) -> None:
        """Watch for a while."""
        self._seen.append(self.typist.pause(least_ms, most_ms))

    def draft(
        self,
        *classes: str,
        succeeds: bool = True,
        interactive: bool = True,
        answer: str | None = None,
    ) -> Draft:
        """The session as it stands.

        What it shows but also types proves nothing, and is left out of `Draft.expect`.
        """
        typed = _typed(self._seen)
        return Draft(
            commands=(*hidden(self.setup), *self._seen, self.typist.pause(1200, 2200)),
            instruction=sentence(self._rng, [wording(self._rng, phrase) for phrase in self._does]),
            expect=tuple(dict.fromkeys(text for text in self._shows if text.strip() and text not in typed)),
            answer=answer,
            succeeds=succeeds,
            interactive=interactive,
            classes=classes,
        )


def _typed(commands: Sequence[Command]) -> str:
    """All that is typed, a line break for every key and chord between."""
    return "".join(
        command.text if isinstance(command, Type) else "\n"
        for command in commands
        if isinstance(command, Type | Press | Chord)
    )
