"""The families ``vim`` and ``nano``: a file is written or changed in an editor, and shown afterwards.

The keys go to a model of the buffer as well as to the tape, so what ``cat`` shows at the end is known line by line.
"""

import random
from collections.abc import Callable, Sequence
from typing import NamedTuple

from tracekit.tapes.families import world
from tracekit.tapes.families.base import Draft
from tracekit.tapes.families.editors_buffer import KINDS, Buffer, new_line, text
from tracekit.tapes.families.session import Session

Change = Callable[[random.Random, Session, Buffer, str], None]
"""Makes a change with keys, and in the buffer; the last argument is the kind of text."""


def _vim_go(session: Session, buffer: Buffer, row: int) -> None:
    """To a line by its number, or by single steps if it is near."""
    if abs(distance := row - buffer.row) < 3 and distance:
        session.text(("j" if distance > 0 else "k") * abs(distance))
    elif distance:
        session.text(f"{row + 1}G")
    buffer.row = row
    session.wait(150, 400)


def _vim_add(rng: random.Random, session: Session, buffer: Buffer, kind: str) -> None:
    row, line = rng.randrange(len(buffer.lines)), new_line(rng, kind)
    session.does(f"add a line that says {line}")
    _vim_go(session, buffer, row)
    below = rng.random() < 0.7
    session.text("o" if below else "O")
    session.text(line)
    session.press("Escape")
    buffer.row = row + below
    buffer.lines.insert(buffer.row, line)


def _vim_append(rng: random.Random, session: Session, buffer: Buffer, kind: str) -> None:
    row = rng.randrange(len(buffer.lines))
    tail = rng.choice((" !", " (done)", " ok", f" x{rng.randrange(2, 90)}", f" {rng.choice(world.ADJECTIVES)}"))
    session.does(f"append '{tail.strip()}' to line {row + 1}")
    _vim_go(session, buffer, row)
    session.text("A")
    session.text(tail)
    session.press("Escape")
    buffer.lines[row] += tail


def _vim_delete(rng: random.Random, session: Session, buffer: Buffer, kind: str) -> None:
    row = rng.randrange(len(buffer.lines) - 1)
    session.does(f"delete line {row + 1}")
    _vim_go(session, buffer, row)
    session.text("dd")
    session.wait(200, 500)
    del buffer.lines[row]


def _vim_move(rng: random.Random, session: Session, buffer: Buffer, kind: str) -> None:
    row = rng.randrange(len(buffer.lines) - 1)
    session.does(f"swap lines {row + 1} and {row + 2}")
    _vim_go(session, buffer, row)
    session.text("ddp")
    session.wait(200, 500)
    buffer.lines[row : row + 2] = reversed(buffer.lines[row : row + 2])
    buffer.row = row + 1


def _vim_copy(rng: random.Random, session: Session, buffer: Buffer, kind: str) -> None:
    row = rng.randrange(len(buffer.lines))
    session.does(f"[copy|duplicate] line {row + 1}")
    _vim_go(session, buffer, row)
    session.text("yyp")
    session.wait(200, 500)
    buffer.lines.insert(row, buffer.lines[row])
    buffer.row = row + 1


def _vim_upper(rng: random.Random, session: Session, buffer: Buffer, kind: str) -> None:
    row = rng.randrange(len(buffer.lines))
    session.does(f"put line {row + 1} in capitals")
    _vim_go(session, buffer, row)
    session.text("gUU")
    session.wait(200, 500)
    buffer.lines[row] = buffer.lines[row].upper()


def _vim_substitute(rng: random.Random, session: Session, buffer: Buffer, kind: str) -> None:
    old, new = buffer.word(rng), rng.choice(world.NOUNS)
    session.does(
        f"[replace {old} with|change {old} to] {new}" if rng.random() < 0.5 else f"put {new} for {old} everywhere"
    )
    session.line(f":%s/{old}/{new}/g")
    buffer.row = max(row for row, line in enumerate(buffer.lines) if old in line)
    buffer.replace(old, new)


def _vim_search(rng: random.Random, session: Session, buffer: Buffer, kind: str) -> None:
    word, tail = buffer.word(rng), f" {rng.choice(world.ADJECTIVES)}"
    session.does(f"search for {word} and append '{tail.strip()}' to its line")
    session.text("gg0")
    session.line(f"/{word}")
    buffer.row = buffer.found(word)
    session.text("A")
    session.text(tail)
    session.press("Escape")
    buffer.lines[buffer.row] += tail


def _vim_sort(rng: random.Random, session: Session, buffer: Buffer, kind: str) -> None:
    session.does("sort the lines")
    session.line(":sort")
    buffer.lines.sort()
    session.text("gg")
    session.wait(200, 500)
    buffer.row = 0


def _vim_undo(rng: random.Random, session: Session, buffer: Buffer, kind: str) -> None:
    row = rng.randrange(len(buffer.lines))
    session.does(f"delete line {row + 1} by mistake and take it back")
    _vim_go(session, buffer, row)
    session.text("dd")
    session.wait(400, 900)
    session.text("u")
    session.wait(400, 900)


class _Opened(NamedTuple):
    """A file in an editor."""

    session: Session
    kind: str
    name: str
    lines: list[str]
    """What there is to write, or what the file holds."""

    def first_lines(self, rng: random.Random) -> Buffer:
        """A few lines that are still to be typed into a new file."""
        buffer = Buffer(self.lines[: rng.randint(2, 4)])
        amount = world.amount(len(buffer.lines), "line")
        self.session.does(f"[write|type] {amount} [into it|there], the first being '{self.lines[0]}'")
        return buffer

    def changed(self, rng: random.Random, changes: Sequence[Change], level: int) -> Buffer:
        """What the file holds after one or two changes (level 2), three or four (level 3)."""
        buffer = Buffer(self.lines)
        for change in rng.sample(changes, rng.randint(2 * level - 3, 2 * level - 2)):
            change(rng, self.session, buffer, self.kind)
        return buffer


def _open(rng: random.Random, editor: str, level: int) -> _Opened:
    """Begin a session with an editor on a file: a new one (level 1), or one that is there."""
    kind = rng.choice(KINDS)
    name, lines = text(rng, kind)
    _, setup = world.place(rng)
    if level > 1:
        setup.append(world.written(name, lines))
    session = Session(rng, setup, characters=120 if level == 1 else 60 * level)
    session.does(f"[open|edit] {name} [in|with] {editor}")
    session.line(f"{editor} {name}", read_ms=(600, 1200))
    return _Opened(session, kind, name, lines)


def _show(rng: random.Random, name: str, session: Session, buffer: Buffer, numbered: bool) -> None:
    session.does(rng.choice((f"save {name} and [show|print] it", f"save it and look at {name}")))
    if rng.random() < 0.3:
        session.line(f"wc -l {name}", f"{len(buffer.lines)} {name}")
    if numbered:
        rows = [f"{number}  {line}" for number, line in enumerate(buffer.lines, 1) if line]
        session.line(f"cat -n {name}", *rows, read_ms=(900, 1600))
    else:
        session.line(f"cat {name}", *buffer.lines, read_ms=(900, 1600))


class Vim:
    """A new file (level 1), a file with one or two changes (level 2), with three or four (level 3)."""

    def draft(self, rng: random.Random, level: int) -> Draft:
        """Compose a session."""
        opened = _open(rng, "vim", level)
        session = opened.session
        if rng.random() < 0.3:
            session.line(":set number")
        if level == 1:
            buffer = opened.first_lines(rng)
            insert = rng.choice("iao")
            session.text(insert)
            for number, line in enumerate(buffer.lines):
                session.text(line)
                session.press("Escape" if number == len(buffer.lines) - 1 else "Enter")
            if insert == "o":
                buffer.lines.insert(0, "")
        else:
            buffer = opened.changed(rng, _VIM, level)
        session.line(rng.choice((":wq", ":wq", ":x")))
        _show(rng, opened.name, session, buffer, level == 1 or rng.random() < 0.2)
        return session.draft("Editors", "Files")


_VIM: tuple[Change, ...] = (
    _vim_add,
    _vim_append,
    _vim_delete,
    _vim_move,
    _vim_copy,
    _vim_upper,
    _vim_substitute,
    _vim_search,
    _vim_sort,
    _vim_undo,
)


def _nano_go(session: Session, buffer: Buffer, row: int) -> None:
    """To the start of a line, by its number."""
    session.alt("g")
    session.line(f"{row + 1},1", read_ms=(200, 500))
    buffer.row = row


def _nano_add(rng: random.Random, session: Session, buffer: Buffer, kind: str) -> None:
    row, line = rng.randrange(len(buffer.lines)), new_line(rng, kind)
    session.does(f"insert a line that says {line}")
    _nano_go(session, buffer, row)
    session.text(line)
    session.press("Enter")
    buffer.lines.insert(row, line)
    buffer.row = row + 1


def _nano_append(rng: random.Random, session: Session, buffer: Buffer, kind: str) -> None:
    row, tail = rng.randrange(len(buffer.lines)), f" {rng.choice(world.ADJECTIVES)} {rng.randrange(2, 90)}"
    session.does(f"add '{tail.strip()}' to the end of line {row + 1}")
    _nano_go(session, buffer, row)
    session.ctrl("e")
    session.text(tail)
    session.wait(200, 400)
    buffer.lines[row] += tail


def _nano_cut(rng: random.Random, session: Session, buffer: Buffer, kind: str) -> None:
    row = rng.randrange(len(buffer.lines) - 1)
    session.does(f"cut line {row + 1}")
    _nano_go(session, buffer, row)
    session.ctrl("k")
    del buffer.lines[row]


def _nano_move(rng: random.Random, session: Session, buffer: Buffer, kind: str) -> None:
    row = rng.randrange(len(buffer.lines) - 2)
    session.does(f"move line {row + 1} down past the next one")
    _nano_go(session, buffer, row)
    session.ctrl("k")
    session.press("Down")
    session.ctrl("u")
    buffer.lines[row : row + 2] = reversed(buffer.lines[row : row + 2])
    buffer.row = row + 2


def _nano_replace(rng: random.Random, session: Session, buffer: Buffer, kind: str) -> None:
    old, new = buffer.word(rng), rng.choice(world.NOUNS)
    session.does(f"replace every {old} with {new}")
    session.alt("r")
    session.line(old, read_ms=(200, 500))
    session.line(new, read_ms=(300, 600))
    session.text("a")
    session.wait(300, 700)
    buffer.replace(old, new)


def _nano_search(rng: random.Random, session: Session, buffer: Buffer, kind: str) -> None:
    word, mark = buffer.word(rng), rng.choice(("* ", "-> ", "! ", "# "))
    session.does(f"find {word} and put a '{mark.strip()}' before its line")
    _nano_go(session, buffer, 0)
    row = buffer.found(word)
    session.ctrl("w")
    session.line(word, read_ms=(300, 600))
    session.ctrl("a")
    session.text(mark)
    session.wait(200, 400)
    buffer.lines[row] = mark + buffer.lines[row]
    buffer.row = row


_NANO: tuple[Change, ...] = (_nano_add, _nano_append, _nano_cut, _nano_move, _nano_replace, _nano_search)


class Nano:
    """A new file (level 1), a file with one or two changes (level 2), with three or four (level 3)."""

    def draft(self, rng: random.Random, level: int) -> Draft:
        """Compose a session."""
        opened = _open(rng, "nano", level)
        session = opened.session
        if level == 1:
            buffer = opened.first_lines(rng)
            for number, line in enumerate(buffer.lines):
                if number:
                    session.press("Enter")
                session.text(line)
            session.wait(200, 500)
        else:
            buffer = opened.changed(rng, _NANO, level)
        session.ctrl("o")
        session.press("Enter")
        session.wait(300, 700)
        session.ctrl("x")
        _show(rng, opened.name, session, buffer, level == 1 or rng.random() < 0.2)
        return session.draft("Editors", "Files")
