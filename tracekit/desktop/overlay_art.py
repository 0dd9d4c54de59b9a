"""How an overlay looks: drawn by Pillow over a frame, with a line above it and keys below it."""

from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from tracekit.desktop.overlay_scene import FADE_FRAMES, Cap, Mark, Scene, Trail
from tracekit.terminal.fonts import FontChain, open_font

HEAD_PX = 28
"""Height of the line above the screen."""
FOOT_PX = 84
"""Of the part below it: keys, then text."""
RING_PX = 15
"""Radius of the ring about the logged cursor."""

_Color = tuple[int, int, int]
_BACK: _Color = (22, 24, 29)
_EDGE: _Color = (44, 48, 56)
_QUIET: _Color = (139, 147, 160)
_BRIGHT: _Color = (235, 238, 243)
_CAP: _Color = (48, 53, 63)
_HELD: _Color = (255, 200, 61)
RING: _Color = (255, 216, 77)
COLORS: dict[str, _Color] = {
    "left": (64, 156, 255),
    "middle": (76, 217, 123),
    "right": (255, 92, 92),
    "back": (191, 132, 255),
    "forward": (191, 132, 255),
}
"""Of the buttons."""
_WHEEL: _Color = (76, 217, 180)
_SMOOTH = 4
"""Shapes are drawn so many times larger, and scaled down."""


class Artist:
    """Draws scenes for one size of screens.

    Args:
        width_px: of the screen.
        height_px: of the screen.
    """

    def __init__(self, width_px: int, height_px: int) -> None:
        self.width_px, self.height_px = width_px, height_px + HEAD_PX + FOOT_PX
        self._screen_px = height_px
        self._fonts = FontChain()

    def draw(self, screen: Image.Image, scene: Scene, title: str, clock: str) -> Image.Image:
        """A whole picture.

        Args:
            screen: the frame, RGB.
            scene: what is over it.
            title: for the line above, at its left.
            clock: at its right.
        """
        over = screen.convert("RGB")
        for trail in scene.trails:
            _draw_trail(over, trail)
        for mark in scene.marks:
            _draw_mark(over, mark)
        if scene.cursor is not None:
            _stamp(over, _ring(RING_PX, 3, RING, 230), *scene.cursor)
        picture = Image.new("RGB", (self.width_px, self.height_px), _BACK)
        picture.paste(over, (0, HEAD_PX))
        draw = ImageDraw.Draw(picture)
        foot = HEAD_PX + self._screen_px
        draw.line([(0, HEAD_PX - 1), (self.width_px, HEAD_PX - 1)], _EDGE)
        draw.line([(0, foot), (self.width_px, foot)], _EDGE)
        clock_left = self.width_px - 12 - self._length(clock, 13)
        self._text(draw, 12, 6, title, 13, _BRIGHT, clock_left - 24)
        self._text(draw, clock_left, 6, clock, 13, _QUIET, self.width_px)
        mouse_left = self.width_px - 60
        _draw_mouse(draw, mouse_left, foot + 12, scene)
        self._caps(draw, foot + 10, scene.caps, mouse_left - 16)
        self._typed(draw, foot + 52, scene.text, mouse_left - 16)
        return picture

    def _caps(self, draw: ImageDraw.ImageDraw, top: int, caps: tuple[Cap, ...], right: int) -> None:
        """Key caps from the left; where there are too many, the last ones."""
        labels = [f"{cap.label} ×{cap.times}" if cap.times > 1 else cap.label for cap in caps]
        widths = [max(32, self._length(label, 15) + 20) for label in labels]
        while sum(widths) + 6 * len(widths) > right - 12 and widths:
            del widths[0], labels[0]
            caps = caps[1:]
        left = 12
        for cap, label, width in zip(caps, labels, widths, strict=True):
            faded = cap.age / 15
            fill = _HELD if cap.held else _between(_CAP, _BACK, faded)
            ink = _BACK if cap.held else _between(_BRIGHT, _BACK, faded)
            edge = _between(fill, (0, 0, 0), 0.35)
            draw.rounded_rectangle((left, top + 2, left + width, top + 34), 6, edge)
            draw.rounded_rectangle((left, top, left + width, top + 31), 6, fill)
            self._text(draw, left + (width - self._length(label, 15)) // 2, top + 7, label, 15, ink, self.width_px)
            left += width + 6

    def _typed(self, draw: ImageDraw.ImageDraw, top: int, text: str, right: int) -> None:
        """The end of what was typed, as far as it fits."""
        while text and self._length(text, 16) > right - 12:
            text = text[1:]
        self._text(draw, 12, top, text, 16, _BRIGHT, right)

    def _text(
        self, draw: ImageDraw.ImageDraw, left: int, top: int, text: str, size_px: int, color: _Color, right: int
    ) -> None:
        base = top + self._font("x", size_px).getmetrics()[0]
        for character in text:
            font = self._font(character, size_px)
            advance = round(font.getlength(character))
            if left + advance > right:
                break
            draw.text((left, base), character, color, font, anchor="ls")
            left += advance

    def _length(self, text: str, size_px: int) -> int:
        return sum(round(self._font(character, size_px).getlength(character)) for character in text)

    def _font(self, character: str, size_px: int) -> ImageFont.FreeTypeFont:
        family = self._fonts.find(character) or self._fonts.families[0]
        return open_font(family.regular, size_px, False)


def _between(first: _Color, second: _Color, share: float) -> _Color:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def _stamp(picture: Image.Image, shape: Image.Image, x: int, y: int) -> None:
    """Lay a shape over a picture, its middle at a pixel."""
    left, top = x - shape.width // 2, y - shape.height // 2
    picture.paste(shape.convert("RGB"), (left, top), shape.getchannel("A"))


@lru_cache(512)
def _ring(radius_px: int, width_px: int, color: _Color, alpha: int, filled: int = 0) -> Image.Image:
    """A ring with a dark edge, so that it is seen on any ground; inside, its colour with an alpha of ``filled``."""
    side = (2 * (radius_px + 2) + 1) * _SMOOTH
    shape = Image.new("RGBA", (side, side), (*color, 0))
    draw = ImageDraw.Draw(shape)
    middle = side / 2

    def circle(radius: float, fill: tuple[int, int, int, int]) -> None:
        reach = radius * _SMOOTH
        draw.ellipse((middle - reach, middle - reach, middle + reach, middle + reach), fill)

    circle(radius_px + 1.5, (0, 0, 0, alpha // 2))
    circle(radius_px + 0.5, (*color, alpha))
    circle(radius_px + 0.5 - width_px, (*color, filled))
    return shape.resize((side // _SMOOTH, side // _SMOOTH), Image.Resampling.BOX)


def _draw_mark(picture: Image.Image, mark: Mark) -> None:
    left = 1 - mark.age / FADE_FRAMES
    if mark.button:
        color = COLORS[mark.button]
        _stamp(picture, _ring(8 + 4 * mark.age, 4, color, round(255 * left), round(110 * left)), mark.x, mark.y)
        return
    shape = _arrow(mark.dx, mark.dy, round(255 * left))
    _stamp(picture, shape, mark.x + 34, mark.y)


@lru_cache(64)
def _arrow(dx: int, dy: int, alpha: int) -> Image.Image:
    """Two chevrons that point to where the wheel went."""
    side = 36 * _SMOOTH
    shape = Image.new("RGBA", (side, side), (*_WHEEL, 0))
    draw = ImageDraw.Draw(shape)
    draw.ellipse((0, 0, side - 1, side - 1), (*_BACK, alpha * 3 // 4))
    for middle in (13, 21):
        points = [(10, middle + 4), (18, middle - 4), (26, middle + 4)]
        draw.line([(x * _SMOOTH, y * _SMOOTH) for x, y in points], (*_WHEEL, alpha), 3 * _SMOOTH, joint="curve")
    turned = {(0, -1): 0, (-1, 0): 90, (0, 1): 180, (1, 0): 270}
    across = abs(dx) > abs(dy)
    direction = ((dx > 0) - (dx < 0) if across else 0, 0 if across else (dy > 0) - (dy < 0))
    shape = shape.rotate(turned.get(direction, 0))
    return shape.resize((36, 36), Image.Resampling.BOX)


def _draw_trail(picture: Image.Image, trail: Trail) -> None:
    alpha = round(200 * (1 - trail.age / FADE_FRAMES))
    draw = ImageDraw.Draw(picture, "RGBA")
    draw.line(trail.points, (*COLORS[trail.button or "left"], alpha), 4, joint="curve")
    _stamp(picture, _ring(5, 3, COLORS[trail.button or "left"], alpha, alpha), *trail.points[0])


def _draw_mouse(draw: ImageDraw.ImageDraw, left: int, top: int, scene: Scene) -> None:
    """A mouse: its buttons in their colours while they are held."""
    draw.rounded_rectangle((left, top, left + 44, top + 60), 18, _CAP)
    for number, button in enumerate(("left", "middle", "right")):
        at = left + 5 + 12 * number
        fill = COLORS[button] if button in scene.buttons else _between(_CAP, _BRIGHT, 0.18)
        draw.rounded_rectangle((at, top + 8, at + 9, top + 26), 4, fill)
    wheel = any(mark.dx or mark.dy for mark in scene.marks)
    draw.ellipse((left + 19, top + 36, left + 25, top + 42), _WHEEL if wheel else _between(_CAP, _BRIGHT, 0.18))
