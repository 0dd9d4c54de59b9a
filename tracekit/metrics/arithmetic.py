"""The arithmetic probe: held-out problems at the prompt of a Python REPL (Neural Computers, section 3.1.4).

A model is asked each problem by its tape alone, or reprompted: the tape's caption also gives the answer, in the words
of the paper's experiment 6. What the video shows under the problem is the model's answer.
"""

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz

from tracekit.core.clock import FPS
from tracekit.core.errors import Rejected, TracekitError
from tracekit.metrics.frames import Video, read_video
from tracekit.metrics.ocr import Reader
from tracekit.metrics.text_accuracy import Lines
from tracekit.tapes.caption_script import script_caption, with_answer
from tracekit.tapes.families.math_pool import POOL_SIZE, pool
from tracekit.tapes.language.program import Press, Program, Sleep, Type
from tracekit.terminal.grid import Grid

ASKED = 100
"""Problems that the paper samples of its 1,000."""
COLUMNS = 80
"""Of the terminal, where nothing else is known."""

PROBE = "probe"
"""Of a clip's ``extra``: the ``problem``, its ``answer``, and whether the caption gives it, ``reprompted``."""

_ALIKE = 75.0
"""Of 100, how like the line with the problem must be: tesseract, or a model, may get a character of it wrong."""
_PROMPT = re.compile(r"[>»›]")
"""How a line begins that is no answer any more: ``>>>``, or what tesseract makes of it."""
_ASCII_QUOTES = str.maketrans("‘’“”", "''\"\"")
"""Tesseract takes straight quotes for curly ones, which no problem and no answer has."""


@dataclass(frozen=True)
class Question:
    """A held-out problem as it is put to a model."""

    key: str
    """``math-0123``: its number in the pool."""
    source: str
    """What is typed."""
    answer: str
    """What Python prints."""
    program: Program
    """The tape."""

    @property
    def prompt(self) -> str:
        """The caption without the answer, as training tapes have it."""
        return script_caption(self.program)

    @property
    def reprompt(self) -> str:
        """The caption with the answer, as about half of the training tapes have it."""
        return with_answer(self.prompt, self.answer)


@dataclass(frozen=True)
class Verdict:
    """What became of a question."""

    key: str
    source: str
    answer: str
    read: str | None
    """Off the video, without spaces; None where no answer was to be read."""
    correct: bool


@dataclass(frozen=True)
class ProbeScore:
    """Of all questions."""

    asked: int
    """Those with a video."""
    correct: int
    accuracy: float | None
    """correct / asked; None if nothing was asked."""
    unread: int
    """Of those asked: no answer was to be read."""
    missing: list[str]
    """Keys without a video; they do not count."""
    verdicts: list[Verdict]


def questions(count: int = ASKED, seed: int = 0) -> tuple[Question, ...]:
    """Held-out problems, sampled from the pool of 1,000: the same for the same seed.

    Args:
        count: 1 to 1,000.
        seed: of the sample.

    Raises:
        TracekitError: the pool has fewer.
    """
    if not 1 <= count <= POOL_SIZE:
        raise TracekitError(f"{count} of {POOL_SIZE} problems can't be asked")
    problems = pool()
    chosen = sorted(random.Random(seed).sample(range(POOL_SIZE), count))
    return tuple(
        Question(f"math-{n:04d}", problems[n].source, problems[n].answer, _tape(problems[n].source)) for n in chosen
    )


def probe(asked: Sequence[Question], read: Callable[[Question], str | None]) -> ProbeScore:
    """Judge the answers to questions.

    Args:
        asked: the questions.
        read: gives what a question's video answers, by `answer_in_video` or `answer_in_grid`, or None where no answer
            is to be read; raises FileNotFoundError where there is no video. `answers_in_folder` makes one.

    Raises:
        TracekitError: a video can't be read.
    """
    verdicts, missing = [], []
    for question in asked:
        try:
            found = read(question)
        except FileNotFoundError:
            missing.append(question.key)
            continue
        verdicts.append(_verdict(question.key, question.source, question.answer, found))
    correct = sum(verdict.correct for verdict in verdicts)
    return ProbeScore(
        asked=len(verdicts),
        correct=correct,
        accuracy=correct / len(verdicts) if verdicts else None,
        unread=sum(verdict.read is None for verdict in verdicts),
        missing=missing,
        verdicts=verdicts,
    )


def clip_verdict(sample: Mapping[str, Any], video: Video, reader: Reader) -> Verdict | None:
    """What a video answers to the question that a clip asks.

    Args:
        sample: ``KEY.json`` of a clip that `tracekit.metrics.arithmetic_set` made; of any other the result is None.
        video: the predicted one, every frame of it; or the true one, for how well its answer can be read.
        reader: of the video.

    Raises:
        TracekitError: tesseract fails.
    """
    asked = sample.get("extra", {}).get(PROBE)
    if asked is None:
        return None
    source, columns = asked["problem"], sample["geometry"]["columns"]
    return _verdict(sample["key"], source, asked["answer"], answer_in_video(source, video, reader, columns))


def answer_in_video(source: str, video: Video, reader: Reader, columns: int = COLUMNS) -> str | None:
    """The answer that tesseract reads off the end of a video: of the last second, the last frame that has one.

    Args:
        source: the problem.
        video: its frames, 15 a second.
        reader: of the frames. One that takes too long over a frame has found nothing there.
        columns: of the terminal.
    """
    for frame in video[: -FPS - 1 : -1]:
        try:
            answer = read_answer(source, reader.lines(frame), columns)
        except Rejected:
            continue
        if answer is not None:
            return answer
    return None


def answers_in_folder(folder: Path, reader: Reader, columns: int = COLUMNS) -> Callable[[Question], str | None]:
    """For `probe`: reads the answers off videos that are named by the questions' keys, ``math-0123.mp4``."""

    def read(question: Question) -> str | None:
        path = folder / f"{question.key}.mp4"
        if not path.exists():
            raise FileNotFoundError(path)
        return answer_in_video(question.source, read_video(path).video, reader, columns)

    return read


def answer_in_grid(source: str, grid: Grid) -> str | None:
    """The answer that a terminal shows at the end of a clip."""
    last = grid.frames - 1
    return read_answer(source, grid.lines(last), grid.size(last)[0])


def read_answer(source: str, lines: Lines, columns: int = COLUMNS) -> str | None:
    """What a screen shows under a problem, up to the next prompt, without spaces; None if the problem is not there.

    Args:
        source: the problem.
        lines: of the screen, from the top.
        columns: of the terminal: a problem that is longer goes on in the next line.
    """
    typed = f">>> {source}"
    rows = -(-len(typed) // columns)
    closed = [_close(line).translate(_ASCII_QUOTES) for line in lines]
    alike = [fuzz.ratio(_close(typed), "".join(closed[row : row + rows])) for row in range(len(closed))]
    best = max(alike, default=0.0)
    if best < _ALIKE:
        return None
    after = closed[len(alike) - 1 - alike[::-1].index(best) + rows :]
    return "".join(takewhile(lambda line: not _PROMPT.match(line), after)) or None


def _verdict(key: str, source: str, answer: str, found: str | None) -> Verdict:
    return Verdict(key, source, answer, found, found == _close(answer))


def _tape(source: str) -> Program:
    """In the form of the paper: the REPL is opened, the problem typed, and the answer looked at."""
    second_ns = 1_000_000_000
    return Program((
        Type("python3 -q"), Press("Enter"), Sleep(second_ns),
        Type(source), Press("Enter"), Sleep(second_ns * 4 // 5),
    ))  # fmt: skip


def _close(text: str) -> str:
    """Without spaces, of which tesseract sees more and fewer than there are."""
    return "".join(text.split())
