"""`tracekit train`: from shards to a trained model."""

import json
import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracekit.cli import say
from tracekit.core.errors import TracekitError
from tracekit.train.config import TrainConfig
from tracekit.train.config_file import load_config

if TYPE_CHECKING:
    from tracekit.train.logs import Show
    from tracekit.train.loop import Result


class Launcher(StrEnum):
    """Who starts the ranks."""

    none = "none"
    torchrun = "torchrun"
    ray = "ray"


def train_command(
    config: Annotated[Path, typer.Argument(metavar="CONFIG.yaml", help="What to train, on what, and how.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The run's folder, which all ranks must see.")],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="A.B=VALUE", help="Change a key; may be given more than once."),
    ] = None,
    launcher: Annotated[
        Launcher,
        typer.Option(help="Who starts the ranks: this process is one, or torchrun or Ray starts --processes of them."),
    ] = Launcher.none,
    processes: Annotated[
        int | None, typer.Option("--processes", min=1, show_default="one a GPU", help="Ranks, with a launcher.")
    ] = None,
    as_json: say.Json = False,
) -> None:
    """Train a model, or go on with a run that was stopped.

    The folder gets checkpoints, a log (log.jsonl, and tensorboard/ for TensorBoard), videos of what the model makes
    beside what was recorded (samples/), and at the end the model (final/). Stopped at any time, the same command goes
    on from the newest checkpoint as if it had not been. On several machines start it with torchrun on each:
    torchrun --nnodes N ... -m tracekit train CONFIG.yaml --out DIR.

    Example: tracekit train recipes/train/cligen.yaml --set data.shards=general/ --out run/ --launcher torchrun

    Example: tracekit train recipes/train/tiny.yaml --set run.steps=100 --out run/
    """
    made = load_config(config, settings or ())
    if launcher is Launcher.none and processes is not None:
        raise typer.BadParameter("--processes goes with --launcher torchrun or ray")
    if launcher is not Launcher.none:
        arguments = ["train", str(config), "--out", str(out), *(f"--set={setting}" for setting in settings or ())]
        raise typer.Exit(_launch(launcher, made, out, [*arguments, "--json"] if as_json else arguments, processes))
    try:
        result = _train(made, out, as_json)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    if _is_first_rank():
        _print(result, out, as_json)


def _train(config: TrainConfig, out: Path, as_json: bool) -> "Result":
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")  # it remarks on packages that nothing here uses
    try:
        from tracekit.train.faults import Stopped
        from tracekit.train.loop import train
    except ModuleNotFoundError as error:
        raise _not_installed(error) from error
    try:
        return train(config, out, _show(as_json))
    except Stopped as stopped:
        if _is_first_rank():
            say.console.print(f"{stopped}: the same command goes on from there.", markup=False)
        raise typer.Exit(128 + stopped.number) from None


def _launch(launcher: Launcher, config: TrainConfig, out: Path, arguments: list[str], processes: int | None) -> int:
    try:
        import torch

        ranks = processes or max(1, torch.cuda.device_count())
        if launcher is Launcher.torchrun:
            from tracekit.train.launch import torchrun

            return torchrun(arguments, ranks)
        from tracekit.train.ray_launch import ray_train
    except ModuleNotFoundError as error:
        raise _not_installed(error) from error
    ray_train(config, out, ranks)
    typer.echo(f"the model is in {out / 'final'}", err=True)
    return 0


def _is_first_rank() -> bool:
    """As torchrun says; a process by itself is one."""
    return os.environ.get("RANK", "0") == "0"


def _not_installed(error: ModuleNotFoundError) -> TracekitError:
    remedy = "pip install 'tracekit[train]'"
    return TracekitError(f"training needs the package {error.name!r}, which is not installed", remedy=remedy)


def _show(as_json: bool) -> "Show":
    from tracekit.train.logs import Bar, JsonLines, Lines

    return JsonLines() if as_json else Bar(say.console) if say.console.is_terminal else Lines(say.console)


def _print(result: "Result", out: Path, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"out": str(out), **result._asdict()}))
        return
    loss = "" if result.loss is None else f", loss {result.loss:.4g}"
    typer.echo(f"{result.step} steps{loss}; the model is in {out / 'final'}")
    if result.held_first is not None and result.held_last is not None:
        typer.echo(f"held clips: loss {result.held_first:.4g} before training, {result.held_last:.4g} after")
