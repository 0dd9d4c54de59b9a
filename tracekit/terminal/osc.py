"""Colours that a program sets by operating system commands: OSC 4, 10 to 12, 104, 110 to 112.

Source: XTerm Control Sequences (https://invisible-island.net/xterm/ctlseqs/ctlseqs.html).
"""

import re

from tracekit.terminal.palette import CURSOR, GROUND, TEXT

_SPECIAL = (TEXT, GROUND, CURSOR)
_rgb = re.compile(r"rgb:([0-9a-f]{1,4})/([0-9a-f]{1,4})/([0-9a-f]{1,4})")
_hash = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6}|[0-9a-f]{9}|[0-9a-f]{12})")


def parse_color(specification: str) -> int | None:
    """0xRRGGBB of ``rgb:R/G/B`` (1 to 4 hexadecimal digits each) or ``#RGB`` (1 to 4 each); None for anything else.

    As XParseColor has it, ``rgb:`` scales to the whole range and ``#`` gives the leading digits.
    """
    text = specification.lower()
    if found := _rgb.fullmatch(text):
        red, green, blue = (round(int(part, 16) * 255 / int("f" * len(part), 16)) for part in found.groups())
    elif _hash.fullmatch(text):
        digits = len(text) // 3
        red, green, blue = (int(text[at : at + digits].ljust(2, "0")[:2], 16) for at in range(1, len(text), digits))
    else:
        return None
    return red << 16 | green << 8 | blue


def set_colors(colors: dict[int, int], code: int, data: str) -> None:
    """Do what an OSC says about colours; what it does not say properly is left as it is.

    Args:
        colors: 0xRRGGBB by palette entry, or TEXT, GROUND or CURSOR; changed in place.
        code: the number of the command.
        data: what follows the number and its semicolon.
    """
    parts = data.split(";")
    if code == 4:
        pairs = [(int(entry), color) for entry, color in zip(parts[::2], parts[1::2], strict=False) if _is_entry(entry)]
    elif 10 <= code <= 12:
        pairs = list(zip(_SPECIAL[code - 10 :], parts, strict=False))
    else:
        pairs = []
        if code == 104:
            for entry in (
                [int(part) for part in parts if _is_entry(part)] if data else [key for key in colors if key >= 0]
            ):
                colors.pop(entry, None)
        elif 110 <= code <= 112:
            colors.pop(_SPECIAL[code - 110], None)
    for entry, specification in pairs:
        color = parse_color(specification)
        if color is not None:
            colors[entry] = color


def _is_entry(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 3 and int(text) < 256
