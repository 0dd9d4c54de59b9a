"""A tape as its own caption: the body of the script, in the form of the paper (Neural Computers, appendix C.2).

Type "python" Enter Sleep 800ms Type "28-23" Enter Sleep 800ms
"""

from collections.abc import Iterable, Iterator

from tracekit.tapes.language.durations import write_duration
from tracekit.tapes.language.program import Chord, Command, Copy, Hide, Paste, Press, Program, Show, Sleep, Type, Wait
from tracekit.tapes.language.quotes import quoted, typeable

_ANSWER = " Hide The answer is "


def script_caption(program: Program, *, pauses: bool = True) -> str:
    """What the visible part of a tape types, presses and waits for, on one line.

    Text typed in several goes is one ``Type``, pauses within it and before the first key are left out, and so are
    typing speeds, settings and all that is hidden: what is left can be seen.

    Args:
        program: the tape.
        pauses: whether to tell of ``Sleep`` and ``Wait``. Without them two tapes have the same caption if they are the
            same session at another pace.
    """
    kinds = Type | Press | Chord | Copy | Paste | (Sleep | Wait if pauses else Type)
    return " ".join(_words(_joined(command for command in _visible(program.commands) if isinstance(command, kinds))))


def with_answer(script: str, answer: str) -> str:
    """A script caption that also gives the answer, in the words of the paper (section 3.1.4)."""
    return f"{script}{_ANSWER}{answer}"


def without_answer(script: str) -> str:
    """The script caption that `with_answer` was given; one without an answer as it is."""
    return script.partition(_ANSWER)[0]


def _visible(commands: Iterable[Command]) -> Iterator[Command]:
    hidden = False
    for command in commands:
        if isinstance(command, Hide | Show):
            hidden = isinstance(command, Hide)
        elif not hidden:
            yield command


def _joined(commands: Iterable[Command]) -> list[Command]:
    """The commands with each run of text, and of pauses, in one."""
    joined: list[Command] = []
    for command in commands:
        match joined[-2:], command:
            case [], Sleep():
                pass
            case [*_, Type(text=before)], Type(text=after):
                joined[-1] = Type(before + after)
            case [Type(text=before), Sleep()], Type(text=after):
                joined[-2:] = [Type(before + after)]
            case [*_, Sleep(duration_ns=before_ns)], Sleep(duration_ns=after_ns):
                joined[-1] = Sleep(before_ns + after_ns)
            case _:
                joined.append(command)
    return joined


def _words(commands: Iterable[Command]) -> Iterator[str]:
    for command in commands:
        match command:
            case Type(text=text):
                yield f"Type {_quoted(text)}"
            case Press(key=key, count=count):
                yield key if count == 1 else f"{key} {count}"
            case Chord(key=key, ctrl=ctrl, alt=alt, shift=shift):
                held = (name for name, down in (("Ctrl", ctrl), ("Alt", alt), ("Shift", shift)) if down)
                yield "+".join((*held, key))
            case Sleep(duration_ns=duration_ns):
                yield f"Sleep {write_duration(duration_ns)}"
            case Wait(scope=scope, pattern=pattern):
                yield f"Wait+{scope.capitalize()}" + (f" /{pattern}/" if pattern else "")
            case Copy(text=text):
                yield f"Copy {_quoted(text)}"
            case Paste():
                yield "Paste"


def _quoted(text: str) -> str:
    return " ".join(map(quoted, typeable(text)))
