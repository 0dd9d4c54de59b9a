"""Runs small enough to be made in a test: the tiny model on clips of five frames."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from components import require
from load.clip_sets import need_torch

from tracekit.train.config import TrainConfig


def need_trainer() -> None:
    """Skip this test, or fail it, where what trains is not installed; one thread of torch is enough."""
    need_torch()
    for module in ("diffusers", "transformers", "accelerate", "peft", "tensorboard"):
        require("torch", module=module, remedy="pip install 'tracekit[train]'")


def config(shards: Path, **changes: Any) -> TrainConfig:
    """A run of six steps that logs each and keeps every second; changes by section."""
    sections: dict[str, dict[str, Any]] = {
        "data": {
            "shards": str(shards), "frames": 5, "width_px": 64, "height_px": 48, "workers": 0, "tier": "regular",
        },
        "model": {"backbone": "wan-tiny", "gradient_checkpointing": False},
        "optimiser": {"learning_rate": 1e-3},
        "run": {
            "steps": 6, "precision": "fp32", "threads": 1, "log_every": 1, "checkpoint_every": 2, "held_clips": 1,
            "held_every": 3, "sample_steps": 2,
        },
    }  # fmt: skip
    for name, section in changes.items():
        sections[name] |= section
    return TrainConfig.model_validate(sections)


def log(out: Path) -> list[dict[str, float]]:
    """The lines of a run's log."""
    return [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]


def curve(out: Path) -> list[dict[str, float]]:
    """What the log says of learning, without what it says of time."""
    return [
        {name: value for name, value in record.items() if not name.endswith(("_per_s", "_share")) and name != "time"}
        for record in log(out)
    ]


def command(made: TrainConfig, out: Path, *more: str, **environment: str) -> "subprocess.Popen[str]":
    """`tracekit train` as a process of its own, in a session of its own."""
    recipe = out.parent / f"{out.name}.yaml"
    recipe.write_text(json.dumps(made.model_dump(mode="json")))
    return subprocess.Popen(
        [sys.executable, "-m", "tracekit", "train", str(recipe), "--out", str(out), *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
        start_new_session=True,
    )
