"""Which font draws which character.

A chain is a list of fonts: a character is drawn with the first that has it. The first also gives the size of a cell. It
comes with matplotlib; fallbacks come with the extra ``fonts`` or with the system.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from fontTools.ttLib import TTFont, TTLibError
from PIL import ImageFont

from tracekit.core.errors import TracekitError

_NO_FILE = Path()
_SYSTEM = Path("/usr/share/fonts")
_WEIGHT, _BOLD_WEIGHT = 400, 700
_BITMAP_SIZES_PX = (109, 136, 128, 96, 160, 64, 32, 20)
"""Sizes that fonts of bitmap emoji are made in: FreeType opens such a font at its own size only."""


class Family(NamedTuple):
    """The files of one design. What is missing is drawn with ``regular``."""

    regular: Path
    bold: Path = _NO_FILE
    italic: Path = _NO_FILE
    bold_italic: Path = _NO_FILE

    def file(self, bold: bool, italic: bool) -> Path:
        """The file for a weight and slant."""
        wanted = [(self.bold_italic, bold and italic), (self.bold, bold), (self.italic, italic)]
        return next((path for path, asked in wanted if asked and path != _NO_FILE), self.regular)


def _dejavu(name: str) -> tuple[str, ...]:
    folder = "matplotlib:mpl-data/fonts/ttf"
    return tuple(f"{folder}/{name}{style}.ttf" for style in ("", "-Bold", "-Oblique", "-BoldOblique"))


FAMILIES: dict[str, tuple[tuple[str, ...], ...]] = {
    "dejavu-sans-mono": (_dejavu("DejaVuSansMono"),),
    "dejavu-sans": (_dejavu("DejaVuSans"),),
    "noto-color-emoji": (
        ("truetype/noto/NotoColorEmoji.ttf",),
        ("noto/NotoColorEmoji.ttf",),
        ("google-noto-emoji/NotoColorEmoji.ttf",),
    ),
    "noto-emoji": (("manimgx_fonts:NotoEmoji[wght].ttf",),),
    "noto-sans-cjk": (
        ("manimgx_fonts_cjk:NotoSansCJK-VF.otf.ttc",),
        ("opentype/noto/NotoSansCJK-Regular.ttc", "opentype/noto/NotoSansCJK-Bold.ttc"),
    ),
    "noto-sans-symbols": (("manimgx_fonts:NotoSansSymbols[wght].ttf",),),
}
"""Fonts by name: places to look, each the files of a family. ``PACKAGE:FILE`` is in a Python package, others are the
system's."""

DEFAULT_FONTS = ("dejavu-sans-mono", "dejavu-sans", "noto-emoji", "noto-sans-cjk", "noto-sans-symbols")
"""No colour emoji: which of those a system has differs. Put ``noto-color-emoji`` before ``noto-emoji`` for them."""


@dataclass(frozen=True)
class FontChain:
    """Fonts in the order in which they are asked for a character.

    Args:
        names: names of FAMILIES, or paths of font files. Named fallbacks that are not installed are left out: `digest`
            tells chains with and without them apart.

    Raises:
        TracekitError: the first font, or one given by its path, is not there.
    """

    names: tuple[str, ...] = DEFAULT_FONTS

    def __post_init__(self) -> None:
        if not self.names:
            raise TracekitError("a chain of fonts needs at least one")
        for name in self.names:
            if _find(name) is None and (name == self.names[0] or name not in FAMILIES):
                known = ", ".join(FAMILIES)
                raise TracekitError(f"there is no font {name!r}", remedy=f"a path of a font file, or one of {known}")

    @cached_property
    def families(self) -> tuple[Family, ...]:
        """The families that were found, in order."""
        found = (_find(name) for name in self.names)
        return tuple(family for family in found if family is not None)

    @property
    def missing(self) -> tuple[str, ...]:
        """Names that are not installed."""
        return tuple(name for name in self.names if _find(name) is None)

    @property
    def first(self) -> str:
        """File name of the first font."""
        return self.families[0].regular.name

    @cached_property
    def digest(self) -> str:
        """sha256 over the sha256 of every file of the chain: equal where characters are drawn with the same fonts."""
        paths = [path for family in self.families for path in family if path != _NO_FILE]
        return hashlib.sha256("".join(_sha256(path) for path in paths).encode()).hexdigest()

    def find(self, character: str, *, emoji_first: bool = False) -> Family | None:
        """The first family that has a character (one code point), or None.

        Args:
            character: what to draw.
            emoji_first: ask fonts of emoji before the others: text fonts hold some of them too, in black.
        """
        families: Sequence[Family] = self.families
        if emoji_first:
            families = sorted(families, key=lambda family: "emoji" not in family.regular.name.lower())
        return next((family for family in families if ord(character) in coverage(family.regular)), None)

    def extent(self) -> tuple[float, float, float]:
        """Advance, ascent and descent of the first font, in ems: DejaVu Sans Mono's are 0.602, 0.928 and 0.236."""
        path = self.families[0].regular
        return _advance(path), *line_extent(path)


@cache
def _find(name: str) -> Family | None:
    if name in FAMILIES:
        places = ([_path(file) for file in files] for files in FAMILIES[name])
        return next((Family(*files) for files in places if files[0].is_file()), None)
    regular = Path(name)
    if not regular.is_file():
        return None
    stem = regular.stem.removesuffix("-Regular")
    styles = (regular.with_name(f"{stem}-{style}{regular.suffix}") for style in ("Bold", "Italic", "BoldItalic"))
    return Family(regular, *(path if path.is_file() else _NO_FILE for path in styles))


def _path(file: str) -> Path:
    package, _, inside = file.rpartition(":")
    if not package:
        return _SYSTEM / inside
    spec = find_spec(package)  # does not import the package: matplotlib takes a while
    folders = spec.submodule_search_locations if spec else None
    return Path(folders[0]) / inside if folders else _NO_FILE


@cache
def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _open_tables(path: Path) -> TTFont:
    try:
        tables = TTFont(path, fontNumber=0, lazy=True)
        # Names of glyphs serve nothing here, and making them up for a font that has none takes longer than all else.
        tables.setGlyphOrder([str(glyph) for glyph in range(tables["maxp"].numGlyphs)])
    except (TTLibError, OSError, KeyError) as error:
        raise TracekitError(f"not a font that can be read: {error}", place=str(path)) from error
    return tables


@cache
def coverage(path: Path) -> frozenset[int]:
    """The code points that a font file has glyphs for, as far as FreeType can draw them."""
    with _open_tables(path) as tables:
        drawn = any(tag in tables for tag in ("glyf", "CFF ", "CFF2", "CBDT", "sbix"))
        return frozenset(tables.getBestCmap() or ()) if drawn else frozenset()


@cache
def line_extent(path: Path) -> tuple[float, float]:
    """Ascent and descent of a font file, in ems, both positive."""
    with _open_tables(path) as tables:
        em, line = tables["head"].unitsPerEm, tables["hhea"]
        return line.ascent / em, -line.descent / em


@cache
def _advance(path: Path) -> float:
    """Width of "M" (or of the widest glyph, where there is none), in ems."""
    with _open_tables(path) as tables:
        glyph = (tables.getBestCmap() or {}).get(ord("M"))
        advance: int = tables["hmtx"][glyph][0] if glyph else tables["hhea"].advanceWidthMax
        return advance / int(tables["head"].unitsPerEm)


@lru_cache(maxsize=256)
def open_font(path: Path, size_px: int, bold: bool) -> ImageFont.FreeTypeFont:
    """A font file for drawing. A font of bitmaps opens at the bitmaps' size, whatever was asked for.

    Args:
        path: the file; of a collection, its first font.
        size_px: pixels an em.
        bold: the weight to set where the file holds several.

    Raises:
        TracekitError: FreeType cannot read it.
    """
    with _open_tables(path) as tables:
        has_weight = "fvar" in tables and any(axis.axisTag == "wght" for axis in tables["fvar"].axes)
        axes = [axis.axisTag for axis in tables["fvar"].axes] if has_weight else []
        defaults = [axis.defaultValue for axis in tables["fvar"].axes] if has_weight else []
        bitmaps = "glyf" not in tables and any(tag in tables for tag in ("CBDT", "sbix"))
    error: OSError | None = None
    for size in _BITMAP_SIZES_PX if bitmaps else (size_px,):
        try:
            # Basic layout: Raqm's depends on the FriBiDi of the system.
            font = ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)
        except OSError as refused:
            error = refused
            continue
        if has_weight:
            weight = _BOLD_WEIGHT if bold else _WEIGHT
            font.set_variation_by_axes([weight if tag == "wght" else d for tag, d in zip(axes, defaults, strict=True)])
        return font
    raise TracekitError(f"not a font that can be drawn with: {error}", place=str(path))
