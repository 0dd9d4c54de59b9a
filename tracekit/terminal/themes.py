"""Themes by name.

Colour values of well-known schemes, as their projects publish them: asciinema, Monokai (Wimer Hazenberg), Dracula (MIT,
Dracula Theme), Solarized (MIT, Ethan Schoonover), Nord (MIT, Sven Greb), Gruvbox (MIT, Pavel Pertsev), One Dark and One
Light (MIT, GitHub, of Atom), Tango (public domain), Catppuccin (MIT), Tokyo Night (MIT, Enkia), GitHub (MIT, Primer),
Campbell (MIT, Microsoft), vhs (MIT, Charmbracelet), xterm (MIT, Thomas E. Dickey).
"""

from tracekit.core.errors import TracekitError
from tracekit.terminal.palette import Theme

_SOLARIZED = """073642 dc322f 859900 b58900 268bd2 d33682 2aa198 eee8d5
                002b36 cb4b16 586e75 657b83 839496 6c71c4 93a1a1 fdf6e3"""

_COLORS = {
    # name: text, ground, cursor or -, then the 16 of the palette
    "asciinema": """cccccc 121314 -
        000000 dd3c69 4ebf22 ddaf3c 26b0d7 b954e1 54e1b9 d9d9d9
        4d4d4d dd3c69 4ebf22 ddaf3c 26b0d7 b954e1 54e1b9 ffffff""",
    "campbell": """cccccc 0c0c0c ffffff
        0c0c0c c50f1f 13a10e c19c00 0037da 881798 3a96dd cccccc
        767676 e74856 16c60c f9f1a5 3b78ff b4009e 61d6d6 f2f2f2""",
    "catppuccin-mocha": """cdd6f4 1e1e2e f5e0dc
        45475a f38ba8 a6e3a1 f9e2af 89b4fa f5c2e7 94e2d5 a6adc8
        585b70 f37799 89d88b ebd391 74a8fc f2aede 6bd7ca bac2de""",
    "dracula": """f8f8f2 282a36 f8f8f2
        21222c ff5555 50fa7b f1fa8c bd93f9 ff79c6 8be9fd f8f8f2
        6272a4 ff6e6e 69ff94 ffffa5 d6acff ff92df a4ffff ffffff""",
    "github-dark": """e6edf3 0d1117 2f81f7
        484f58 ff7b72 3fb950 d29922 58a6ff bc8cff 39c5cf b1bac4
        6e7681 ffa198 56d364 e3b341 79c0ff d2a8ff 56d4dd ffffff""",
    "github-light": """1f2328 ffffff 0969da
        24292f cf222e 116329 4d2d00 0969da 8250df 1b7c83 6e7781
        57606a a40e26 1a7f37 633c01 218bff a475f9 3192aa 8c959f""",
    "gruvbox-dark": """ebdbb2 282828 -
        282828 cc241d 98971a d79921 458588 b16286 689d6a a89984
        928374 fb4934 b8bb26 fabd2f 83a598 d3869b 8ec07c ebdbb2""",
    "monokai": """f8f8f2 272822 -
        272822 f92672 a6e22e f4bf75 66d9ef ae81ff a1efe4 f8f8f2
        75715e f92672 a6e22e f4bf75 66d9ef ae81ff a1efe4 f9f8f5""",
    "nord": """d8dee9 2e3440 d8dee9
        3b4252 bf616a a3be8c ebcb8b 81a1c1 b48ead 88c0d0 e5e9f0
        4c566a bf616a a3be8c ebcb8b 81a1c1 b48ead 8fbcbb eceff4""",
    "one-dark": """abb2bf 282c34 528bff
        282c34 e06c75 98c379 e5c07b 61afef c678dd 56b6c2 abb2bf
        5c6370 e06c75 98c379 e5c07b 61afef c678dd 56b6c2 ffffff""",
    "one-light": """383a42 fafafa 526fff
        383a42 e45649 50a14f c18401 4078f2 a626a4 0184bc a0a1a7
        696c77 e45649 50a14f c18401 4078f2 a626a4 0184bc ffffff""",
    "solarized-dark": f"839496 002b36 - {_SOLARIZED}",
    "solarized-light": f"657b83 fdf6e3 - {_SOLARIZED}",
    "tango": """d3d7cf 000000 -
        2e3436 cc0000 4e9a06 c4a000 3465a4 75507b 06989a d3d7cf
        555753 ef2929 8ae234 fce94f 729fcf ad7fa8 34e2e2 eeeeec""",
    "tokyo-night": """c0caf5 1a1b26 c0caf5
        15161e f7768e 9ece6a e0af68 7aa2f7 bb9af7 7dcfff a9b1d6
        414868 f7768e 9ece6a e0af68 7aa2f7 bb9af7 7dcfff c0caf5""",
    "vhs": """dddddd 171717 dddddd
        282a2e d74e6f 31bb71 d3e561 8056ff ed61d7 04d7d7 bfbfbf
        4d4d4d fe5f86 00d787 ebff71 9b79ff ff7aea 00fefe e6e6e6""",
    "xterm": """e5e5e5 000000 -
        000000 cd0000 00cd00 cdcd00 0000ee cd00cd 00cdcd e5e5e5
        7f7f7f ff0000 00ff00 ffff00 5c5cff ff00ff 00ffff ffffff""",
}


def _parse(name: str, colors: str) -> Theme:
    text, ground, cursor, *palette = (None if color == "-" else int(color, 16) for color in colors.split())
    assert text is not None
    assert ground is not None
    return Theme(name, text, ground, cursor, tuple(color for color in palette if color is not None))


THEMES: dict[str, Theme] = {name: _parse(name, colors) for name, colors in _COLORS.items()}
"""Every theme that has a name."""


def theme(name: str) -> Theme:
    """The theme of a name.

    Raises:
        TracekitError: there is none.
    """
    if name not in THEMES:
        raise TracekitError(f"there is no theme named {name!r}", remedy=f"there are: {', '.join(THEMES)}")
    return THEMES[name]


def own_theme(foreground: int, background: int, palette: tuple[int, ...], name: str = "recording") -> Theme:
    """The theme that a recording carries or a recipe spells out, of 8 or 16 colours.

    Of 8, the bright half repeats the normal one, as in asciinema's player.
    """
    if len(palette) not in (8, 16):
        raise TracekitError(f"a theme has 8 or 16 colours, not {len(palette)}")
    return Theme(name, foreground, background, None, palette if len(palette) == 16 else palette * 2)
