"""What an evaluation may say: the one model that validates its YAML file, documents it, and gives its JSON schema."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import Field, model_validator

from tracekit.core.errors import TracekitError
from tracekit.train.config import Section, Tier


class PairsSection(Section):
    """Videos that are there: the true ones, and what was predicted of them."""

    truth: str = Field(description="A video, a folder of videos, or the folder of a data set")
    predicted: str = Field(description="A video, or a folder of videos named as the true ones, or as the clips' keys")
    resize: bool = Field(False, description="Scale predicted pictures of another size to that of the true ones")


class ModelSection(Section):
    """A model, whose videos are made first: open-loop rollouts from the first frame, the caption and the actions."""

    run: str = Field(description="The folder of a training run, or the YAML of one: the model before any training")
    checkpoint: str = Field("final", description="In the run's folder: final, newest, or such as step-000500")
    steps: int = Field(50, ge=1, description="Of denoising")
    guidance: float = Field(5.0, ge=1, description="Of the caption")
    seed: int = Field(0, ge=0, description="Of the noise, together with the clip's key")


class ProbeSection(Section):
    """Held-out problems of arithmetic at the prompt of Python, as clips that look like those of the data set."""

    questions: int = Field(100, ge=1, le=1000, description="So many of the 1,000 that no tape for training has")
    seed: int = Field(0, ge=0, description="Of which")
    reprompted: bool = Field(False, description="Give the answer in the caption, as about half of the tapes do")


class DataSection(Section):
    """Which clips a model is asked for."""

    shards: str | None = Field(None, description="The folder of a data set; null: the one that the run trained on")
    split: Literal["train", "validation"] = "validation"
    clips: int | None = Field(
        100, ge=1, description="So many, by the hashes of their keys, so that runs share them; null: all"
    )
    probe: ProbeSection | None = Field(None, description="These clips instead; the caption is the script")
    tier: Tier | None = Field(None, description="The caption that is given; null: the tier that the run trained with")


class PictureScore(Section):
    """PSNR or SSIM."""


class LpipsScore(Section):
    """LPIPS with AlexNet."""

    backbone: str | None = Field(None, description="torchvision's weights of AlexNet, a file")
    linear: str | None = Field(None, description="LPIPS' linear layers for it, version 0.1, a file")


class FvdScore(Section):
    """Frechet video distance."""

    features: Literal["r3d18", "i3d"] = Field("r3d18", description="r3d18: 16 frames, 112x112, before the last layer")
    weights: str | None = Field(None, description="A file: torchvision's r3d_18, or I3D in TorchScript")


class AfterActionsScore(Section):
    """The scores of the frames after actions: SSIM+15, and with weights LPIPS+15 and FVD+15."""

    rule: Literal["paper", "clock"] = Field("paper", description="Which frame is an action's: round or ceil(t * 15)")


class OcrScore(Section):
    """The text that tesseract reads off predicted frames, against what it reads off the true ones."""

    frames: int = Field(5, ge=2, le=75, description="Of a clip, evenly spaced")


class GridScore(Section):
    """The text that tesseract reads off predicted frames, against the text of the terminal."""

    frames: int = Field(5, ge=2, le=75, description="Of a clip, evenly spaced")


class CursorScore(Section):
    """Where the cursor is seen, against where it was."""

    tolerance_px: float = Field(8.0, gt=0, description="A hit is not farther off, in pixels of the screen as recorded")


class ArithmeticScore(Section):
    """The arithmetic probe: whether the answer is shown, of clips that ask a question (``data.probe``)."""


class TiersScore(Section):
    """PSNR and SSIM of the same clips, rolled out with each caption. Of a model only."""

    tiers: tuple[Tier, ...] = Field(("semantic", "regular", "detailed"), min_length=2)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len(set(self.tiers)) < len(self.tiers):
            raise TracekitError("a tier is named twice", place="scores.tiers.tiers", remedy="name each once")
        return self


class VaeFontsScore(Section):
    """PSNR and SSIM of text through the model's video autoencoder, by the size of the font. Of a model only."""

    sizes_px: tuple[Annotated[int, Field(ge=6, le=400)], ...] = Field(
        tuple(range(6, 41)), min_length=1, description="Heights of the font"
    )


class DataScore(Section):
    """What the data set is like: how much is done in it, duplicates, and what both of its splits have."""

    shards: bool = Field(True, description="Read all samples, for duplicates; the rest needs the index alone")


class ScoresSection(Section):
    """Which scores, by name. An empty entry takes the defaults."""

    all: bool = Field(
        False,
        description="All down to arithmetic; those that can't be had are listed with the reason. The others make "
        "further videos or read a whole data set, and are run if they are named",
    )
    psnr: PictureScore | None = None
    ssim: PictureScore | None = None
    lpips: LpipsScore | None = None
    fvd: FvdScore | None = None
    after_actions: AfterActionsScore | None = None
    ocr: OcrScore | None = None
    grid: GridScore | None = None
    cursor: CursorScore | None = None
    arithmetic: ArithmeticScore | None = None
    tiers: TiersScore | None = None
    vae_fonts: VaeFontsScore | None = None
    data: DataScore | None = None

    @model_validator(mode="before")
    @classmethod
    def _written_short(cls, given: Any) -> Any:
        """``all`` for ``{all: true}``, a list of names for one of empty entries, and nothing for ``{}``."""
        if given == "all":
            return {"all": True}
        if isinstance(given, list):
            given = dict.fromkeys(map(str, given))
        if isinstance(given, dict):
            return {name: {} if options is None else options for name, options in given.items()}
        return given

    def asked(self, names: Iterable[str]) -> dict[str, Any]:
        """Of some scores those that are to be run, with the options of each."""
        found = {}
        for name in names:
            options = getattr(self, name)
            if options is None and self.all:
                options = next(iter(get_args(type(self).model_fields[name].annotation)))()
            if options is not None:
                found[name] = options
        return found


class EvaluateConfig(Section):
    """An evaluation: of pairs of videos, or of a model."""

    pairs: PairsSection | None = None
    model: ModelSection | None = None
    data: DataSection = DataSection()
    scores: ScoresSection = ScoresSection(all=True)
    sampling: Literal["all", "paper"] = Field(
        "all",
        description="Frames that psnr, ssim and lpips compare: all of the clock, as they are, or as the paper's scores "
        "of desktops have them: 3 a second, the shorter side 256 px",
    )
    first_frame: bool = Field(True, description="Beside psnr and ssim, those of the first frame standing still")
    resamples: int = Field(2000, ge=100, le=100_000, description="Of the bootstrap, for 95 % intervals")
    seed: int = Field(0, ge=0, description="Of the bootstrap")
    pictures: int = Field(12, ge=0, le=200, description="Clips that the report pictures, the worst ones first")

    @model_validator(mode="after")
    def _of_one_thing(self) -> Self:
        if (self.pairs is None) == (self.model is None):
            raise TracekitError("an evaluation is of pairs or of a model", remedy="give one of the two sections")
        for name in ("tiers", "vae_fonts"):
            if getattr(self.scores, name) and not self.model:
                raise TracekitError("it is of a model, not of pairs", place=f"scores.{name}", remedy="give a model")
        return self
