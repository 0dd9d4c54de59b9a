"""The source ``tapes``: scripts for vhs, run in a sandbox on a virtual clock, become clips (CLIGen, Clean)."""

import hashlib
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from tracekit.casts.model import Header
from tracekit.casts.scrub import scrub
from tracekit.clips.clip import Capture, Clip, ClipRejected, Input
from tracekit.clips.inputs import find_files
from tracekit.clips.recording import Filming, Recording
from tracekit.clips.settings import LookSettings, Settings
from tracekit.clips.studio import OWN_THEME
from tracekit.clips.timeline import leave_out_hidden
from tracekit.core import plugins
from tracekit.core.errors import Rejected, TracekitError
from tracekit.core.events import Event
from tracekit.sandbox.base import Limits, Sandbox, open_sandbox
from tracekit.tapes.caption_script import script_caption, with_answer
from tracekit.tapes.checks import Checks, check_run, check_tape
from tracekit.tapes.driver.drive import Run, run_tape
from tracekit.tapes.driver.schedule import schedule
from tracekit.tapes.inputs import generated, generated_tape, read_tape
from tracekit.tapes.language.program import Program, Setting
from tracekit.tapes.language.settings import settings_of
from tracekit.tapes.meta import TapeMeta, meta_of
from tracekit.tapes.seen import look

SUFFIXES = (".tape",)
_FLAG = "flag: "
"""How the markers begin that say what stands in a run's ``flags``."""
_LOOKS = 4


class LimitSettings(Settings):
    """Bounds on one run; what comes near them is no honest tape."""

    memory_mb: int = Field(512, ge=64, le=65_536, description="Of all processes together")
    processes: int = Field(128, ge=8, le=4096, description="Threads count, too")
    disk_mb: int = Field(64, ge=8, le=65_536, description="Of the home folder; as much again of /tmp")
    cpu_s: int = Field(60, ge=1, le=3600, description="Processor seconds of one process")
    wall_s: float = Field(120, ge=1, le=3600, description="Real seconds of a run")


class TapeConfig(Settings):
    """The recipe's section ``source`` of the kind ``tapes``: either ``paths`` or ``families``."""

    paths: Annotated[list[str], BeforeValidator(lambda value: [value] if isinstance(value, str) else value)] = Field(
        default_factory=list, exclude=True, description="Files, folders and patterns, local or fsspec URLs"
    )
    families: dict[str, Annotated[float, Field(gt=0, allow_inf_nan=False)]] = Field(
        default_factory=dict, description="Families that compose tapes, each with its weight"
    )
    count: int = Field(500, ge=1, le=100_000_000, description="How many tapes the families compose")
    seed: int | None = Field(None, description="Of the families; null: the recipe's")
    sandbox: str = Field("bwrap", description="Where tapes run, a plug-in: bwrap or docker")
    limits: LimitSettings = LimitSettings()
    look: Literal["recipe", "tape"] = Field(
        "recipe", description="Whose font size and canvas: those of the recipe's section look, or the tape's own"
    )
    answer_fraction: float = Field(
        0.5, ge=0, le=1, description="Share of the tapes with an answer whose script caption gives it, chosen by hash"
    )
    checks: Checks = Checks()

    @model_validator(mode="after")
    def _has_one_origin(self) -> Self:
        if bool(self.paths) == bool(self.families):
            raise ValueError("give either paths or families")
        return self


class TapeSource:
    """Turns tapes into clips."""

    Config = TapeConfig

    def __init__(self, config: TapeConfig, capture: Capture) -> None:
        self._config, self._capture = config, capture
        self._seed = capture.seed if config.seed is None else config.seed
        self._filming = Filming(capture)
        self._filming_as = lru_cache(maxsize=_LOOKS)(self._filming_at)
        for family in config.families:
            plugins.load("families", family)

    def plan(self) -> Sequence[Input]:
        """Find the tapes, or compose them, and hash their text."""
        if self._config.paths:
            return find_files(self._config.paths, SUFFIXES, "tapes")
        return list(generated(self._config.families, self._config.count, self._seed))

    def tools(self) -> Mapping[str, str]:
        """Versions of what decides about pixels and bytes, and the digest of the image in which tapes run.

        Raises:
            TracekitError: the sandbox does not work, or its image has not been made.
        """
        name = self._config.sandbox
        with closing(open_sandbox(name)) as sandbox:
            return {
                **self._filming.tools(),
                "sandbox": f"{name}, {plugins.release('sandboxes', name)}",
                "image": sandbox.image_digest,
            }

    def clips(self, item: Input) -> Iterator[Clip | ClipRejected]:
        """Run, check and film one tape.

        Raises:
            Rejected: it is no tape, does not run to its end, or fails a check.
        """
        program, meta = self._read(item)
        check_tape(program, self._config.checks)
        run = self._run(program, item)
        timeline = leave_out_hidden(run.events, run.duration_ns)
        seen = look(run.header, timeline, self._capture.look.engine)
        try:
            check_run(run, meta, seen, self._config.checks)
        except Rejected as error:
            raise Rejected(error.reason, _clean(error.message, run.header, run.events), place=item.uri) from error
        told = [
            event for event in run.events if event.data and not (event.code == "m" and event.data.startswith(_FLAG))
        ]
        header = replace(run.header, timestamp_s=None)  # the date that its programs saw
        script, extra = self._script(program, meta, item), self._extra(meta, run)
        texts = {"script": script} | ({"instruction": meta.instruction} if meta else {})
        recording = Recording("tapes", item, header, told, texts=texts, extra=extra, duration_ns=run.duration_ns)
        yield from self._camera(program).clips(recording)

    @cached_property
    def _sandbox(self) -> Sandbox:
        sandbox = open_sandbox(self._config.sandbox)
        weakref.finalize(self, sandbox.close)  # at the latest when the process ends
        return sandbox

    def _read(self, item: Input) -> tuple[Program, TapeMeta | None]:
        try:
            if self._config.paths:
                program = read_tape(item.locator, item.uri)
            else:
                program = generated_tape(self._config.families, self._seed, int(item.locator)).program
            program = self._sized(program)
            schedule(program)  # what of a tape can't be run is its own fault, and stops no build
            return program, meta_of(program)
        except Rejected:
            raise
        except TracekitError as error:
            where = f"{error.place}: " if error.place else ""
            message = _clean(f"{where}{error.message}".replace(item.locator, item.uri))
            raise Rejected("bad-tape", message, place=item.uri, remedy=error.remedy) from error

    def _sized(self, program: Program) -> Program:
        """The tape, with a terminal that fills the recipe's canvas if the recipe's look counts and has one."""
        look, canvas = self._capture.look, self._capture.look.canvas
        if self._config.look == "tape" or canvas is None:
            return program
        sizes: dict[str, str | float] = {
            "FontSize": look.font_size_px,
            "LineHeight": look.line_height,
            "LetterSpacing": look.letter_spacing_px,
            "Width": canvas.width_px,
            "Height": canvas.height_px,
            "Padding": 0,
            "Margin": 0,
            "WindowBar": "",
        }
        rest = [command for command in program.commands if not (isinstance(command, Setting) and command.name in sizes)]
        return Program((*(Setting(name, value) for name, value in sizes.items()), *rest))

    def _run(self, program: Program, item: Input) -> Run:
        return run_tape(
            program,
            self._sandbox,
            seed=int(item.sha256[:8], 16),  # dates and random numbers differ from tape to tape
            engine=self._capture.look.engine,
            limits=Limits(**self._config.limits.model_dump()),
        )

    def _camera(self, program: Program) -> Filming:
        if self._config.look == "recipe":
            return self._filming
        settings = settings_of(program)
        size = settings.width_px // 2 * 2, settings.height_px // 2 * 2
        return self._filming_as(settings.font_size_px, settings.line_height, round(settings.letter_spacing), size)

    def _filming_at(
        self, font_size_px: int, line_height: float, letter_spacing_px: int, size_px: tuple[int, int]
    ) -> Filming:
        width_px, height_px = size_px
        own = {
            "theme": OWN_THEME,
            "font_size_px": font_size_px,
            "line_height": line_height,
            "letter_spacing_px": letter_spacing_px,
            "canvas": {"width_px": width_px, "height_px": height_px},
            "fit": "pad",
        }
        try:
            return Filming(self._capture, LookSettings.model_validate(self._capture.look.model_dump() | own))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise Rejected("look", f"its {'.'.join(map(str, first['loc']))}: {first['msg']}") from error

    def _script(self, program: Program, meta: TapeMeta | None, item: Input) -> str:
        script = script_caption(program)
        if meta is None or meta.answer is None or not self._gives_answer(meta):
            return script
        return with_answer(script, meta.answer)

    def _gives_answer(self, meta: TapeMeta) -> bool:
        drawn = int(hashlib.sha256(f"answer {meta.id}".encode()).hexdigest()[:13], 16) / 16**13
        return drawn < self._config.answer_fraction

    def _extra(self, meta: TapeMeta | None, run: Run) -> dict[str, object]:
        ran = {"statuses": [status for _, status in run.statuses], "flags": list(run.flags)}
        if meta is None:
            return ran
        label = meta.model_dump(mode="json", include={"id", "family", "level", "classes", "interactive", "answer"})
        asked = {} if meta.answer is None else {"answer_in_script": self._gives_answer(meta)}
        return {**label, **asked, **ran}


def _clean(message: str, header: Header | None = None, events: Sequence[Event] = ()) -> str:
    """What is said of a tape, which may quote it, without its secrets."""
    told = replace(header or Header(2, 80, 24), title=message)
    return scrub(told, events).header.title or ""
