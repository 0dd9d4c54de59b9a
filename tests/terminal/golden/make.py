"""Draws the golden pictures, those that the tests compare with:  python tests/terminal/golden/make.py [NAME...]

Look at each before it is committed.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from PIL import Image

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from fake_terminal import FakeTerminal  # noqa: E402

from tracekit.terminal.cells import ATTRIBUTES, BOLD, INVERSE, TRUE_COLOR, Cursor, Style  # noqa: E402
from tracekit.terminal.fonts import FontChain  # noqa: E402
from tracekit.terminal.painter import Look, screenshot  # noqa: E402
from tracekit.terminal.themes import THEMES, theme  # noqa: E402

PLAIN = FontChain(("dejavu-sans-mono", "dejavu-sans"))
"""Fonts that are always here."""
NOTO = FontChain(("dejavu-sans-mono", "dejavu-sans", "noto-emoji", "noto-sans-cjk"))
"""With those of the extra ``fonts``."""


def colors() -> Image.Image:
    """16 colours, the cube, greys and true colour."""
    screen = FakeTerminal(38, 12)
    for color in range(16):
        screen.write(color * 2, 0, "Ab", Style(fg=color))
        screen.write(color * 2, 1, "  ", Style(bg=color))
        screen.write(color * 2, 2, "Bo", Style(fg=color, attributes=BOLD))
    for color in range(216):
        screen.write(color % 36, 3 + color // 36, "▪", Style(fg=231 - color, bg=16 + color))
    for color in range(24):
        screen.write(color, 10, " ", Style(bg=232 + color))
    for x in range(38):
        rgb = TRUE_COLOR | (x * 6) << 16 | (255 - x * 6) << 8 | 128
        screen.write(x, 11, "▁▂▃▄▅▆▇█"[x % 8], Style(fg=rgb, bg=TRUE_COLOR | 0x202020))
    return screenshot(screen, Look(fonts=PLAIN))


def attributes() -> Image.Image:
    """Every attribute, alone and with a colour on a ground."""
    screen = FakeTerminal(30, len(ATTRIBUTES) + 2)
    for y, (name, bit) in enumerate(ATTRIBUTES.items()):
        screen.write(0, y, name, Style(attributes=bit))
        screen.write(11, y, name, Style(3, 4, bit))
        screen.write(21, y, name, Style(2, -1, bit | BOLD))
    screen.write(0, len(ATTRIBUTES), "everything at once", Style(5, 0, 0x0F ^ INVERSE, 1, 6))
    screen.write(0, len(ATTRIBUTES) + 1, "gÁÜ|[]{}@#%&", Style())
    return screenshot(screen, Look(fonts=PLAIN))


def underlines() -> Image.Image:
    """Underline styles, in the text's colour and in their own."""
    screen = FakeTerminal(24, 6)
    for kind in range(1, 6):
        screen.write(0, kind - 1, "Styled gyp", Style(underline=kind))
        screen.write(12, kind - 1, "Coloured gyp", Style(7, -1, 0, kind, 9))
    screen.write(0, 5, "日本", Style(underline=3))
    return screenshot(screen, Look(fonts=PLAIN, font_size_px=20))


def boxes() -> Image.Image:
    """Lines that join, dashes, arcs, diagonals, blocks, shades, braille and separators."""
    art = (
        "┌─┬─┐┏━┳━┓╔═╦═╗╭─┬─╮┍━┯━┑┎─┰─┒",
        "│ │ │┃ ┃ ┃║ ║ ║│╱│╲││ │ │┃ ┃ ┃",
        "├─┼─┤┣━╋━┫╠═╬═╣├─╳─┤┝━┿━┥┠─╂─┨",
        "│ │ │┃ ┃ ┃║ ║ ║│╲│╱││ │ │┃ ┃ ┃",
        "└─┴─┘┗━┻━┛╚═╩═╝╰─┴─╯┕━┷━┙┖─┸─┚",
        "╒═╤═╕╓─╥─╖┄┄┄┅┅┈┈┉┉╌╌╍╍╎╏┆┇┊┋╎",
        "╞═╪═╡╟─╫─╢╴╶╵╷╸╺╹╻╼╾╽╿╎╏┆┇┊┋╎ ",
        "╘═╧═╛╙─╨─╜▖▗▘▙▚▛▜▝▞▟▔▕▀▐░░▒▒▓▓",
        "▁▂▃▄▅▆▇█▉▊▋▌▍▎▏ ⠁⠃⠇⡇⣇⣧⣷⣿⢸⠤⠒⣀⡠⠊",
        "█▓▒░█▓▒░🬀🬁🬂🬃🬏🬞🬭🬹🬻  ⎺⎻─⎼⎽",
    )
    screen = FakeTerminal(32, len(art))
    for y, row in enumerate(art):
        for x, character in enumerate(row):
            screen.put(x, y, character)
    return screenshot(screen, Look(fonts=PLAIN))


def powerline() -> Image.Image:
    """A status line of segments."""
    screen = FakeTerminal(24, 3)
    for y, (solid, line, back) in enumerate((("\ue0b0", "\ue0b1", "\ue0b2"), ("\ue0b4", "\ue0b5", "\ue0b6"))):
        screen.write(0, y, " main ", Style(0, 2))
        screen.put(6, y, solid, 1, Style(2, 4))
        screen.write(7, y, " src ", Style(15, 4))
        screen.put(12, y, line, 1, Style(15, 4))
        screen.write(13, y, " x ", Style(15, 4))
        screen.put(16, y, solid, 1, Style(4))
        screen.put(18, y, back, 1, Style(1))
        screen.write(19, y, " end ", Style(15, 1))
    screen.write(0, 2, "\ue0b8 \ue0ba \ue0bc \ue0be", Style(3))
    return screenshot(screen, Look(fonts=PLAIN, font_size_px=20))


def wide() -> Image.Image:
    """Wide characters, emoji, combining marks, clusters and what no font has."""
    screen = FakeTerminal(26, 6)
    screen.write(0, 0, "日本語 中文 한국어 カナ|")
    screen.write(0, 1, "ＦＵＬＬ half ﾊﾝｶｸ|")
    screen.write(0, 2, "😀🚀🔥✨🎉 ok|")
    screen.put(0, 3, "e\u0301")
    screen.put(1, 3, "o\u0308\u0323")
    screen.put(2, 3, "x\u0302")
    screen.put(4, 3, "❤\ufe0f", 2)
    screen.put(7, 3, "👩\u200d💻", 2)
    screen.put(10, 3, "🇯🇵", 2)
    screen.write(13, 3, "→ ✔ ✘ ● ❯|")
    screen.write(0, 4, "missing: \U000f0001\ue700 ", Style(1))
    screen.put(13, 4, "\U0001f9ff\U000e0001", 2)
    screen.put(16, 4, "\U0003fffd", 2)
    screen.write(0, 5, "粗体", Style(attributes=BOLD))
    screen.write(6, 5, "反転", Style(attributes=INVERSE))
    return screenshot(screen, Look(fonts=NOTO))


def cursors() -> Image.Image:
    """Each shape on a letter, a blank, a coloured cell and a wide character."""
    pictures = []
    for shape in ("block", "underline", "bar"):
        for name in ("asciinema", "github-dark"):
            for x in (0, 2, 3, 5):
                screen = FakeTerminal(8, 1)
                screen.write(0, 0, "ag ")
                screen.write(3, 0, "gX", Style(0, 3))
                screen.write(5, 0, "日")
                screen.cursor = Cursor(x, 0, shape=shape)
                pictures.append(screenshot(screen, Look(theme(name), PLAIN, 20)))
    return _grid(pictures, 4)


def themes() -> Image.Image:
    """Text, ground, cursor and the 16 colours of every theme."""
    pictures = []
    for name in sorted(THEMES):
        screen = FakeTerminal(34, 2)
        screen.write(0, 0, name)
        screen.write(len(name), 0, " ")
        screen.cursor = Cursor(len(name) + 1, 0)
        for color in range(16):
            screen.write(color * 2, 1, "█a", Style(color))
        pictures.append(screenshot(screen, Look(theme(name), PLAIN, 10)))
    return _grid(pictures, 2)


def reverse() -> Image.Image:
    """The whole screen in reverse, with colours that the program has set."""
    screen = FakeTerminal(20, 2)
    screen.write(0, 0, "reverse")
    screen.write(8, 0, "red", Style(1))
    screen.write(12, 0, "inverse", Style(attributes=INVERSE))
    screen.write(0, 1, "set by OSC", Style(2))
    screen.reverse, screen.colors = True, {-2: 0x402000, 2: 0xFF00FF}
    return screenshot(screen, Look(fonts=PLAIN))


def _sized(size_px: int) -> Callable[[], Image.Image]:
    def draw() -> Image.Image:
        screen = FakeTerminal(22, 3)
        screen.write(0, 0, "$ ls -l /usr ")
        screen.write(13, 0, "bold", Style(2, -1, BOLD))
        screen.write(0, 1, "╭──┬╮╔═╗ g_|@W", Style(6))
        screen.write(0, 2, "╰──┴╯╚═╝ ▄█▀ ⣿⠋")
        screen.write(16, 2, "under", Style(underline=3))
        screen.cursor = Cursor(18, 0)
        return screenshot(screen, Look(fonts=PLAIN, font_size_px=size_px))

    return draw


def _grid(pictures: list[Image.Image], columns: int) -> Image.Image:
    width, height = pictures[0].size
    sheet = Image.new("RGB", (columns * (width + 4), -(-len(pictures) // columns) * (height + 4)), (128, 128, 128))
    for index, picture in enumerate(pictures):
        sheet.paste(picture, (index % columns * (width + 4) + 2, index // columns * (height + 4) + 2))
    return sheet


PICTURES: dict[str, Callable[[], Image.Image]] = {
    "colors": colors,
    "attributes": attributes,
    "underlines": underlines,
    "boxes": boxes,
    "powerline": powerline,
    "wide": wide,
    "cursors": cursors,
    "themes": themes,
    "reverse": reverse,
    "size_6": _sized(6),
    "size_13": _sized(13),
    "size_40": _sized(40),
}

if __name__ == "__main__":
    for name in sys.argv[1:] or PICTURES:
        PICTURES[name]().save(HERE / f"{name}.png", optimize=True)
