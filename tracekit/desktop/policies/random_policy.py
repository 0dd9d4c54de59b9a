"""What both random policies share: the stage, the targets, the plan, and its playing."""

import random
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from tracekit.core.clock import to_ns
from tracekit.core.errors import TracekitError
from tracekit.desktop.plan import Do
from tracekit.desktop.policies.base import Desktop, Outcome
from tracekit.desktop.policies.play import play
from tracekit.desktop.policies.pointer_path import Screen
from tracekit.desktop.policies.random_plan import Composer, RandomSettings
from tracekit.desktop.policies.stage import choose_programs, set_stage
from tracekit.desktop.policies.targets import Target, find_targets


class RandomPolicy(ABC):
    """Opens some programs, aims at what is there, and plays a plan that was drawn from a seed.

    Args:
        config: its options.
        seed: of the programs and of the plan.
    """

    Config: ClassVar[type[RandomSettings]]
    name: ClassVar[str]

    def __init__(self, config: RandomSettings, seed: int) -> None:
        self._config = config
        self._seed = seed
        self._programs = choose_programs(random.Random(f"tracekit {self.name} programs {seed}"), config)
        self._targets: list[Target] = []

    @staticmethod
    @abstractmethod
    def composer(rng: random.Random, screen: Screen, targets: Sequence[Target], config: Any) -> Composer:
        """What makes its plans."""

    @classmethod
    def plan(
        cls, config: RandomSettings, seed: int, seconds: float, screen: Screen, targets: Sequence[Target]
    ) -> list[Do]:
        """The plan of a recording: the same for the same arguments.

        Args:
            config: options.
            seed: of all that is drawn.
            seconds: length of the recording.
            screen: its size.
            targets: what is on it.
        """
        return cls.composer(random.Random(f"tracekit {cls.name} {seed}"), screen, targets, config).plan(seconds)

    def prepare(self, desktop: Desktop) -> None:
        """Open the programs, put the pointer in the middle, and see what there is to click."""
        set_stage(desktop, self._programs)
        self._targets = find_targets(desktop)

    def run(self, desktop: Desktop, seconds: float) -> Outcome:
        """Play the plan; then stay until the recording ends."""
        screen = Screen(desktop.width_px, desktop.height_px)
        plan = self.plan(self._config, self._seed, seconds, screen, self._targets)
        task: dict[str, Any] = {
            "programs": self._programs,
            "targets": [target._asdict() for target in self._targets],
        }
        try:
            task["played"] = play(desktop, plan)._asdict()
        except TracekitError as error:
            return Outcome(failed=str(error), reason="desktop-died", plan=plan, task=task)
        desktop.wait_until(to_ns(seconds))
        return Outcome(plan=plan, task=task)
