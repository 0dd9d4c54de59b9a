"""How clips are cut, drawn and encoded: the sections of a recipe that every source reads."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from tracekit.core import plugins

Seconds = Annotated[float, Field(gt=0, le=86_400)]


class Settings(BaseModel):
    """Base of the sections of a recipe: frozen, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ClipSettings(Settings):
    """How a recording becomes clips of 75 frames."""

    window_s: Seconds | None = Field(
        5.0,
        description="Wanted length; a longer stretch is subsampled, a shorter one holds its last frame; "
        "null: a recording is one clip, whatever its length",
    )
    tolerance_s: float = Field(
        1.0, ge=0, le=60, description="How far from it a clip may end to do so at a quiet moment"
    )
    stride_s: Seconds | None = Field(
        None, description="From one clip's start to the next one's; null: end to end, no overlap"
    )
    idle_limit_s: Seconds | Literal["header"] | None = Field(
        "header",
        description="Longest pause without any event: seconds, null for no limit, or what the recording's header says",
    )
    default_idle_limit_s: Seconds | None = Field(
        5.0, description="Where idle_limit_s is header and the header says nothing"
    )


class Canvas(Settings):
    """The size of every video of a data set, in pixels."""

    width_px: int = Field(832, ge=32, le=7680, multiple_of=2)
    height_px: int = Field(480, ge=32, le=4320, multiple_of=2)


class LookSettings(Settings):
    """What a terminal is drawn with."""

    engine: str = Field("pyte", description="Emulator, a plug-in; ghostty is the compiled one, an extra")
    theme: str = Field(
        "recording", description="A theme by name; recording: the recording's own, else the default theme"
    )
    fonts: list[str] = Field(
        default_factory=list, description="Names or files, first to last; empty: the default chain"
    )
    font_size_px: int = Field(13, ge=6, le=100, description="Height of the font; 13 as in the paper")
    line_height: float = Field(1.0, ge=0.5, le=10, description="What the height of a cell is multiplied with")
    letter_spacing_px: int = Field(0, ge=-100, le=100, description="Added to the width of a cell")
    canvas: Canvas | None = Field(None, description="null: every recording keeps its natural size")
    fit: Literal["pad", "scale", "shrink-font", "crop"] = Field("pad", description="How a screen comes into the canvas")
    min_font_size_px: int = Field(6, ge=6, le=40, description="How small shrink-font may draw")
    cursor: bool = Field(True, description="Draw the cursor where the program shows it")

    @field_validator("engine")
    @classmethod
    def _is_installed(cls, engine: str) -> str:
        installed = plugins.names("engines")
        if engine not in installed:
            raise PydanticCustomError("engine", "Input should be one of {known}", {"known": ", ".join(installed)})
        return engine


class VideoSettings(Settings):
    """How frames are encoded."""

    pix_fmt: Literal["yuv420p", "yuv444p"] = Field(
        "yuv420p", description="yuv444p keeps the colours of thin text; fewer decoders take it"
    )
    qp: int = Field(19, ge=0, le=51, description="Constant quantiser: 0 is lossless, 19 keeps luma above 44 dB")
    preset: Literal["ultrafast", "superfast", "veryfast"] = Field(
        "ultrafast", description="Of x264: slower ones make smaller files"
    )
    gop_frames: int = Field(75, ge=2, le=75, description="Frames from one key frame to the next")
