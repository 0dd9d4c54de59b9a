"""How hands type: words, at the rhythm of fingers, with a slip now and then; and shortcuts.

All is written for the US layout, which every desktop is given at its start.
"""

import math
import random
from typing import Final, Literal, NamedTuple

from tracekit.core.clock import NS_PER_S

_ROWS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_FINGERS: Final = ("qaz", "wsx", "edc", "rfvtgb", "yhnujm", "ik", "ol", "p")
"""Of touch typing, from the left little finger to the right one."""
_FINGER_OF: Final = {letter: number for number, letters in enumerate(_FINGERS) for letter in letters}
_KEYSYMS: Final = {" ": "space", ",": "comma", ".": "period", "\n": "Return", "\b": "BackSpace"}

_WORDS: Final = """
    about above across after again air almost along already also always among animal another answer apple around
    autumn away balance basket beach because become before begin behind below beside better between beyond bicycle
    birds blanket blue boat book borrow both bottle bread breakfast bright bring brother brown build butter
    button cabin candle careful carry castle certain chair change cheese children circle city climb clock close
    cloud coast coffee cold colour copper corner cotton country cover cousin daily dance deep desert different dinner
    distance doctor door dream drive during early earth east easy eight either eleven empty enough evening every
    explain family farmer father favourite feather field figure finger finish fire fish five flower follow forest
    forget forward found four fresh friend front fruit full garden gentle glass golden grass great green ground group
    half hammer happen harbour harvest heavy height hello honey horse house hundred idea important inside island
    jacket journey jump kitchen kite ladder lake language large later laugh leave lemon letter level library light
    listen little lively long lunch machine market matter meadow measure melody memory message middle minute mirror
    moment money month morning mother mountain music narrow near never night north number ocean often only orange
    order other outside over page paint paper parcel people pepper picture piece plain planet please pocket possible
    potato present pretty problem quarter question quick quiet rabbit rather ready reason remember rice river road
    round sailor salad school season second seven several shadow sharp ship short should silver simple singer sister
    slowly small smooth snow song sound south spring square station still stone story straight street strong sudden
    sugar summer supper surface table tall teacher tenth their these thing third thought thousand through ticket
    today together tomorrow towards town travel twelve twenty under upper useful valley very village
    voice walk warm water weather week west wheel where white whole wide window winter without wonder wooden word
    world yellow yesterday young
"""
WORDS: Final = tuple(_WORDS.split())
"""What is typed: everyday words, none of which a shell takes for a command."""

Chord = tuple[str, ...]
CHORDS: Final[tuple[Chord, ...]] = (
    ("Control_L", "a"),
    ("Control_L", "c"),
    ("Control_L", "v"),
    ("Control_L", "x"),
    ("Control_L", "z"),
    ("Control_L", "Home"),
    ("Control_L", "End"),
    ("Control_L", "Left"),
    ("Control_L", "Right"),
    ("Control_L", "Shift_L", "z"),
    ("Control_L", "Shift_L", "c"),
    ("Control_L", "Shift_L", "v"),
    ("Control_L", "Shift_L", "Left"),
    ("Shift_L", "Right"),
    ("Shift_L", "Home"),
    ("Shift_L", "End"),
    ("Alt_L", "Tab"),
)
"""Shortcuts, modifiers first. None closes, quits or opens anything, stops a terminal (Ctrl+S, Ctrl+D), deletes a file
or ends the session."""

TAPS: Final = ("Left", "Right", "Up", "Down", "Home", "End", "Prior", "Next", "Tab", "space", "BackSpace")
"""Keys that are tapped by themselves, a few times in a row."""


class Stroke(NamedTuple):
    """A key going down or up."""

    after_ns: int
    """From the start of the typing, >= 0."""
    kind: Literal["key-down", "key-up"]
    keysym: str


class Fingers(NamedTuple):
    """A typist's manner."""

    key_s: float
    """Median time from one key to the next."""
    hold_s: float
    """Median time that a key stays down."""
    slips: float = 0.02
    """Share of letters that go wrong first, and are taken back."""
    spread: float = 0.25
    """Standard deviation of the logarithm of both times."""


def sentence(rng: random.Random, words: int) -> str:
    """Some words, now and then with a capital, a comma or a full stop, a line feed or a space at the end."""
    text = " ".join(rng.choice(WORDS) + ("," if rng.random() < 0.06 else "") for _ in range(words)).rstrip(",")
    if rng.random() < 0.25:
        text = text[0].upper() + text[1:] + "."
    return text + ("\n" if rng.random() < 0.25 else " ")


def type_text(rng: random.Random, text: str, fingers: Fingers) -> list[Stroke]:
    """The strokes that type a text of letters, spaces, line feeds, commas and full stops, in order of time.

    A key may go down before the one before it is up, as with people; every key that goes down comes up.
    """
    typed = "".join(_slipped(rng, letter) if rng.random() < fingers.slips else letter for letter in text)
    strokes: list[Stroke] = []
    up_ns: dict[str, int] = {}
    now_ns, before = 0, ""
    for letter in typed:
        now_ns += between_ns(rng, before, letter, fingers)
        key = _KEYSYMS.get(letter, letter.lower())
        now_ns = max(now_ns, up_ns.get(key, 0) + 5_000_000)
        release_ns = now_ns + drawn_ns(rng, fingers.hold_s, fingers.spread)
        if letter.isupper():
            now_ns = max(now_ns, up_ns.get("Shift_L", 0) + 5_000_000)
            strokes.append(Stroke(now_ns, "key-down", "Shift_L"))
            now_ns += drawn_ns(rng, fingers.hold_s, fingers.spread)
            release_ns = now_ns + drawn_ns(rng, fingers.hold_s, fingers.spread)
            up_ns["Shift_L"] = release_ns + 20_000_000
            strokes.append(Stroke(up_ns["Shift_L"], "key-up", "Shift_L"))
        strokes += [Stroke(now_ns, "key-down", key), Stroke(release_ns, "key-up", key)]
        up_ns[key] = release_ns
        if letter.isupper():
            now_ns = up_ns["Shift_L"]  # the next letter is not to be a capital
        before = letter
    return sorted(strokes, key=lambda stroke: stroke.after_ns)


def press_chord(rng: random.Random, chord: Chord, fingers: Fingers) -> list[Stroke]:
    """The strokes of a shortcut: its keys down in order, and up the other way round."""
    strokes: list[Stroke] = []
    now_ns = 0
    for key in chord:
        strokes.append(Stroke(now_ns, "key-down", key))
        now_ns += drawn_ns(rng, fingers.hold_s, fingers.spread)
    for key in reversed(chord):
        strokes.append(Stroke(now_ns, "key-up", key))
        now_ns += drawn_ns(rng, fingers.hold_s / 3, fingers.spread)
    return strokes


def tap(rng: random.Random, key: str, times: int, fingers: Fingers) -> list[Stroke]:
    """The strokes of one key pressed again and again."""
    strokes: list[Stroke] = []
    now_ns = 0
    for _ in range(times):
        release_ns = now_ns + drawn_ns(rng, fingers.hold_s, fingers.spread)
        strokes += [Stroke(now_ns, "key-down", key), Stroke(release_ns, "key-up", key)]
        now_ns = max(now_ns + drawn_ns(rng, fingers.key_s, fingers.spread), release_ns + 5_000_000)
    return strokes


def _slipped(rng: random.Random, letter: str) -> str:
    """A neighbour of the letter first, taken back, then the letter itself."""
    row = next((row for row in _ROWS if letter in row), "")
    if not row:
        return letter
    place = row.index(letter)
    return rng.choice(row[max(0, place - 1) : place] + row[place + 1 : place + 2]) + "\b" + letter


def between_ns(rng: random.Random, before: str, letter: str, fingers: Fingers) -> int:
    """From one key to the next: fingers of both hands in turn are quick, one finger for two keys is slow."""
    if not before:
        return 0
    if letter == "\b":
        manner = 2.2  # until the slip is seen
    elif letter == before:
        manner = 0.85
    else:
        last, this = _FINGER_OF.get(before), _FINGER_OF.get(letter)
        if last is None or this is None:
            manner = 1.15 if before in ",.\n" else 1.0
        elif last == this:
            manner = 1.3
        else:
            manner = 0.85 if (last < 4) != (this < 4) else 1.0
    return drawn_ns(rng, fingers.key_s * manner, fingers.spread)


def drawn_ns(rng: random.Random, median_s: float, spread: float) -> int:
    """A time around a median: the standard deviation of its logarithm is ``spread``."""
    return round(median_s * math.exp(rng.gauss(0, spread)) * NS_PER_S)
