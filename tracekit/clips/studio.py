"""Looks and cameras, kept from one recording to the next: opening an encoder takes as long as coding several frames."""

from collections import OrderedDict

from tracekit.casts import model
from tracekit.clips.camera import Camera
from tracekit.clips.settings import LookSettings, VideoSettings
from tracekit.core import plugins
from tracekit.core.errors import Rejected
from tracekit.terminal.fit import Fit, Placement
from tracekit.terminal.fonts import DEFAULT_FONTS, FontChain
from tracekit.terminal.painter import Look
from tracekit.terminal.palette import Theme
from tracekit.terminal.themes import own_theme, theme
from tracekit.video.x264 import MAX_SIDE_PX

OWN_THEME = "recording"
"""The theme's name in a recipe that stands for each recording's own."""
DEFAULT_THEME = "asciinema"
MOST_PIXELS = 139_264 * 16 * 16
"""Of a screen: the largest picture of H.264 (ITU-T H.264, table A-1, level 6.2), a little more than 8K."""
_CAMERAS = 4


class Studio:
    """Makes cameras for recordings by the settings of a recipe."""

    def __init__(self, look: LookSettings, video: VideoSettings) -> None:
        self._settings, self._video = look, video
        self.fonts = FontChain(tuple(look.fonts) or DEFAULT_FONTS)
        plugins.load("engines", look.engine)  # names that are none are errors now, not at the first recording
        if look.theme != OWN_THEME:
            theme(look.theme)
        canvas = look.canvas
        self.fit = Fit(
            look.fit if canvas else "none",
            (canvas.width_px, canvas.height_px) if canvas else None,
            min_font_size_px=look.min_font_size_px,
        )
        self._cameras: OrderedDict[tuple[Theme, int, int, int], Camera] = OrderedDict()

    def look(self, own: model.Theme | None) -> Look:
        """What a recording is drawn with, whose header brings this theme."""
        settings = self._settings
        if settings.theme != OWN_THEME:
            colors = theme(settings.theme)
        elif own is not None:
            colors = own_theme(own.foreground, own.background, own.palette)
        else:
            colors = theme(DEFAULT_THEME)
        return Look(
            theme=colors,
            fonts=self.fonts,
            font_size_px=settings.font_size_px,
            line_height=settings.line_height,
            letter_spacing_px=settings.letter_spacing_px,
            cursor=settings.cursor,
        )

    def place(self, look: Look, columns: int, rows: int) -> Placement:
        """Where a screen of this size, in cells, comes to lie in the picture.

        Raises:
            Rejected: reason ``too-large``: it does not go into the canvas, or is larger than a video can be.
        """
        place = look.place(columns, rows, self.fit)
        pixels = place.screen_width_px * place.screen_height_px
        if pixels > MOST_PIXELS or max(place.width_px, place.height_px) > MAX_SIDE_PX:
            message = f"a screen of {columns}x{rows} cells is {place.screen_width_px}x{place.screen_height_px} px"
            raise Rejected("too-large", message, remedy="a smaller font, or a canvas")
        return place

    def camera(self, look: Look, columns: int, rows: int, number: int = 0) -> Camera:
        """A camera for screens of up to this size, in cells; cameras of different numbers can run at once.

        Raises:
            Rejected: as `place` does.
        """
        key = look.theme, columns, rows, number
        camera = self._cameras.pop(key, None)
        if camera is None or camera.rolling:  # whoever had it was stopped in the middle of a video, or is still at it
            self.place(look, columns, rows)
            camera = Camera(look, columns, rows, self.fit, self._video)
            while len(self._cameras) >= max(_CAMERAS, number + 1):
                self._cameras.popitem(last=False)
        self._cameras[key] = camera
        return camera
