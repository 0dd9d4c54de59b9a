"""Ranks on Ray Train: one of our own on this machine, or a cluster that RAY_ADDRESS names. The loop is the same."""

import os
from pathlib import Path
from typing import Any

import ray
from ray.train import RunConfig, ScalingConfig
from ray.train.torch import TorchTrainer

from tracekit.core.errors import TracekitError
from tracekit.train.config import TrainConfig


def ray_train(config: TrainConfig, out: Path, ranks: int) -> None:
    """Train on Ray, or go on with a run.

    Ray's own records of the run go to ``OUT/ray``; checkpoints, the log and the model are where they always are.

    Args:
        config: of the run.
        out: its folder, which all nodes must see.
        ranks: how many; each has a GPU where there are any.

    Raises:
        TracekitError: a rank failed.
    """
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    ray.init()
    cluster: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
    gpu = "GPU" in cluster  # this machine, where the command is given, may have none
    trainer = TorchTrainer(
        _rank,
        train_loop_config={"config": config.model_dump(mode="json"), "out": str(out.absolute())},
        scaling_config=ScalingConfig(num_workers=ranks, use_gpu=gpu),
        run_config=RunConfig(name="ray", storage_path=str(out.absolute())),
    )
    try:
        trainer.fit()
    except ray.exceptions.RayError as error:
        raise TracekitError(f"training on Ray failed: {error}", remedy="see what the ranks said above") from error
    finally:
        ray.shutdown()


def _rank(settings: dict[str, Any]) -> None:
    """The loop, as a rank that Ray has started."""
    from rich.console import Console

    from tracekit.train.logs import Lines
    from tracekit.train.loop import train

    train(TrainConfig.model_validate(settings["config"]), Path(settings["out"]), Lines(Console(soft_wrap=True)))
