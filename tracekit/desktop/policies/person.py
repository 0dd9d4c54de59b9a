"""The policy ``person``: drives nothing, so that a person can, through the live view."""

from typing import Any, ClassVar

from pydantic import Field

from tracekit.clips.settings import Settings
from tracekit.core.clock import to_ns
from tracekit.desktop.policies.base import Desktop, Outcome
from tracekit.desktop.policies.stage import set_stage


class PersonSettings(Settings):
    """Options of ``person``."""

    programs: tuple[str, ...] = Field((), description="Command lines of what is opened before the start, in order")
    instruction: str | None = Field(None, description="What the person was asked to do: kept in the trace")


class Person:
    """``person``."""

    Config: ClassVar[type[Settings]] = PersonSettings

    def __init__(self, config: PersonSettings, seed: int) -> None:
        self._config = config

    def prepare(self, desktop: Desktop) -> None:
        """Open the programs, and put the pointer in the middle."""
        set_stage(desktop, self._config.programs)

    def run(self, desktop: Desktop, seconds: float) -> Outcome:
        """Wait until the recording ends."""
        desktop.wait_until(to_ns(seconds))
        task: dict[str, Any] = {"programs": list(self._config.programs)}
        return Outcome(instruction=self._config.instruction, task=task)
