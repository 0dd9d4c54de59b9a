"""The source ``desktop``: traces of desktops, recorded now or before, become clips (GUIWorld)."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from tracekit.clips.clip import Capture, Clip, ClipRejected, Input
from tracekit.clips.settings import Settings
from tracekit.core import plugins
from tracekit.core.errors import Rejected, TracekitError
from tracekit.core.files import digest, measure
from tracekit.desktop.clip_trace import TraceCutter
from tracekit.desktop.session import DesktopConfig
from tracekit.desktop.trace import CursorMode, read_trace
from tracekit.sandbox import images

_DECIDING = ("av", "numpy", "python-xlib")
"""Packages that a clip's bytes depend on, besides the image."""


class DesktopSourceConfig(Settings):
    """The recipe's section ``source`` of the kind ``desktop``: either ``paths``, or a policy that drives."""

    paths: Annotated[list[str], BeforeValidator(lambda value: [value] if isinstance(value, str) else value)] = Field(
        default_factory=list, exclude=True, description="Folders of traces recorded before, or folders of such folders"
    )
    policy: str = Field("random-slow", description="Who drives, a plug-in: random-slow, random-fast, tasks, agent, ...")
    options: dict[str, Any] = Field(default_factory=dict, description="Of the policy")
    seconds: float = Field(
        60, ge=1, le=3600, description="Length of a trace; goal-directed ones end when they are done"
    )
    count: int = Field(10, ge=1, le=10_000_000, description="How many traces")
    seed: int | None = Field(None, description="Of the policies; null: the recipe's")
    cursor: CursorMode = Field("with", description="In the picture; both: KEY.clean.mp4 is the picture without")
    desktop: DesktopConfig = DesktopConfig()
    traces: str | None = Field(
        None, exclude=True, description="Folder where traces are kept, and found again; null: they go once they are cut"
    )

    @model_validator(mode="after")
    def _policy_takes_options(self) -> Self:
        if not self.paths:
            plugins.load("policies", self.policy).Config.model_validate(self.options)
        return self


class DesktopSource:
    """Records desktops and turns the traces into clips."""

    Config = DesktopSourceConfig

    def __init__(self, config: DesktopSourceConfig, capture: Capture) -> None:
        self._config = config
        self._seed = capture.seed if config.seed is None else config.seed
        self._cutter = TraceCutter(capture)

    def plan(self) -> Sequence[Input]:
        """Find the traces, or number those to be made."""
        if self._config.paths:
            return [_recorded(folder) for folder in trace_folders(map(Path, self._config.paths))]
        made_of = self._config.model_dump(mode="json", exclude={"count"}) | {"seed": self._seed}
        return [
            Input(self._key(number), digest([made_of, number]), 0, str(number)) for number in range(self._config.count)
        ]

    def tools(self) -> Mapping[str, str]:
        """Versions of what decides about pixels and bytes, and the image that desktops run.

        Raises:
            TracekitError: the image has not been made.
        """
        tools = {name: version(name) for name in _DECIDING}
        if self._config.paths:
            return tools
        return {
            **tools,
            "image": images.find(self._config.desktop.image).tag,
            "policy": f"{self._config.policy}, {plugins.release('policies', self._config.policy)}",
        }

    def clips(self, item: Input) -> Iterator[Clip | ClipRejected]:
        """Cut one trace, recording it first where that has not been done.

        Raises:
            Rejected: the trace failed, or is damaged.
        """
        with self._trace(item) as folder:
            yield from self._cutter.clips(folder, item)

    @contextmanager
    def _trace(self, item: Input) -> Iterator[Path]:
        if self._config.paths:
            yield Path(item.locator)
            return
        from tracekit.desktop.record import record

        config, number = self._config, int(item.locator)
        kept = Path(config.traces) if config.traces else Path(tempfile.mkdtemp(prefix="tracekit-trace-"))
        try:
            policy = plugins.load("policies", config.policy)
            options = policy.Config.model_validate(config.options)
            record(
                config.desktop,
                policy(options, self._seed + number),
                kept,
                key=self._key(number),
                seconds=config.seconds,
                cursor=config.cursor,
                policy_name=config.policy,
                policy_options=options.model_dump(mode="json"),
                seed=self._seed + number,
            )
            yield kept / self._key(number)
        finally:
            if not config.traces:
                shutil.rmtree(kept, ignore_errors=True)

    def _key(self, number: int) -> str:
        return f"{self._config.policy}-{self._seed + number:06d}"


def trace_folders(paths: Iterator[Path] | Sequence[Path]) -> Iterator[Path]:
    """The traces that paths stand for: folders with a ``trace.json``, and folders of such folders.

    Raises:
        TracekitError: a path is neither.
    """
    for path in paths:
        if (path / "trace.json").is_file():
            yield path
            continue
        found = sorted(file.parent for file in path.glob("*/trace.json")) if path.is_dir() else []
        if not found:
            raise TracekitError("no traces here", place=str(path), remedy="a trace is a folder with a trace.json")
        yield from found


def _recorded(folder: Path) -> Input:
    try:
        read_trace(folder)
        size = sum(file.stat().st_size for file in folder.iterdir() if file.is_file())
        return Input(folder.name, measure(str(folder / "trace.json")).sha256, size, str(folder.absolute()))
    except (TracekitError, Rejected) as error:
        return Input(folder.name, "", 0, str(folder.absolute()), problem=error.message)
