"""The work of one part, as it is sent to a worker: capture, caption, measure, each unless it is done."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tracekit.build.caption import caption, settings_of
from tracekit.build.capture import capture
from tracekit.build.measure import measure, measured, measuring
from tracekit.build.plan import Part
from tracekit.build.recipe import Recipe
from tracekit.build.records import PartFolder
from tracekit.build.sections import captioner_of
from tracekit.captions.base import BatchCaptioner
from tracekit.core.errors import TracekitError
from tracekit.core.files import Folder, digest

CAPTURE_SECTIONS = ("source", "clip", "look", "video", "licence", "seed")
"""The sections of a recipe that a clip's files depend on."""


@dataclass(frozen=True)
class PartJob:
    """One part, and all that a worker must know to do it."""

    out: Folder
    part: Part
    recipe_json: str
    """With the paths of its inputs."""
    resolved: Mapping[str, Any]
    """The recipe as the lock has it."""
    tools: Mapping[str, str]
    alone: bool = False
    """Whether to run each input in a process of its own."""
    may_draw: bool = True
    """False where captions are made again, and inputs are not at hand."""

    @property
    def settings(self) -> str:
        """Digest of all that the part's clips depend on."""
        sections = {name: self.resolved[name] for name in CAPTURE_SECTIONS}
        return digest([sections, dict(self.tools), [[item.uri, item.sha256] for item in self.part.inputs]])

    @property
    def done(self) -> bool:
        """Whether all stages are committed."""
        folder = PartFolder(self.out, self.part.id)
        captured = folder.done("capture", self.settings)
        if captured is None or folder.done("caption", settings_of(self.resolved, captured)) is None:
            return False
        return measured(folder, measuring(self.recipe_json), captured)

    @cached_property
    def size(self) -> int:
        """How much work it is: bytes of inputs, and where nothing is drawn, clips."""
        if self.may_draw:
            return self.part.bytes
        captured = PartFolder(self.out, self.part.id).done("capture")
        return captured.count if captured else 0


@dataclass(frozen=True)
class PartDone:
    """What a part has come to."""

    clips: int
    refused: int
    remark: str = ""
    """What the captioner has to say of its work."""

    def __str__(self) -> str:
        return f"{self.clips} clips, {self.refused} rejected" + (f", {self.remark}" if self.remark else "")


def run_part(job: PartJob) -> PartDone:
    """Do what is not done of a part.

    Raises:
        TracekitError: something that the user must put right.
    """
    folder = PartFolder(job.out, job.part.id)
    captured = folder.done("capture", job.settings)
    if captured is None:
        if not job.may_draw:
            raise TracekitError(
                "not captured yet", place=folder.out.path(folder.name("")), remedy="run `tracekit build` first"
            )
        captured = capture(folder, job.part, job.recipe_json, job.settings, alone=job.alone)
    settings = settings_of(job.resolved, captured)
    remark = ""
    if folder.done("caption", settings) is None:
        captioner = captioner_of(Recipe.model_validate_json(job.recipe_json))
        caption(folder, captioner, settings)
        remark = captioner.remark if isinstance(captioner, BatchCaptioner) else ""
    measure(folder, measuring(job.recipe_json), captured)
    return PartDone(captured.count, len(captured.refused), remark)
