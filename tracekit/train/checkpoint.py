"""Checkpoints: a folder that is whole or not there, from which a run goes on as if it had not been stopped.

    checkpoints/step-000500/weights.safetensors    all that is trained: of the transformer, injection and heads
                            optimiser.pt           AdamW's moments, by the names of the weights
                            state.json             the step, the place in the data, the log's open window

The tensors are the whole ones, whatever the number of ranks that hold them, so any number may go on. Noise and times
are functions of the seed, the step and the rank (`tracekit.train.loop`), and so need no state.
"""

import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn
from torch.distributed.checkpoint.state_dict import (
    StateDictOptions,
    get_model_state_dict,
    get_optimizer_state_dict,
    set_model_state_dict,
    set_optimizer_state_dict,
)
from torch.nn.parallel import DistributedDataParallel

from tracekit.core.errors import TracekitError
from tracekit.core.faults import fault_point
from tracekit.core.files import sync_folder, to_json
from tracekit.train.run_folder import step_name

WEIGHTS, OPTIMISER, STATE = "weights.safetensors", "optimiser.pt", "state.json"
_NAME = re.compile(r"step-(\d{6,})")
_TEMPORARY = ".tmp-"
_SAVED = StateDictOptions(full_state_dict=True, cpu_offload=True, ignore_frozen_params=True)
_LOADED = StateDictOptions(full_state_dict=True, strict=False)


@dataclass(frozen=True)
class State:
    """All of a checkpoint that is no tensor."""

    step: int
    """Steps that are done."""
    data: list[dict[str, Any]]
    """Where the data of each rank stands, as its ``state_dict`` says."""
    window: dict[str, Any]
    """Of the log: what was summed since its last line."""


def saved(folder: Path) -> list[Path]:
    """The whole checkpoints of a folder, oldest first."""
    found = [path for path in folder.glob("step-*") if _NAME.fullmatch(path.name)] if folder.is_dir() else []
    return sorted(found, key=lambda path: int(path.name.removeprefix("step-")))


def save(folder: Path, model: nn.Module, optimiser: torch.optim.Optimizer, state: State, keep: int, main: bool) -> Path:
    """Write a checkpoint, and delete all but the newest.

    Every rank calls it, since a sharded model is gathered; one writes.

    Args:
        folder: of all checkpoints.
        model: what is trained, sharded or not.
        optimiser: of it.
        state: the rest.
        keep: how many of the newest stay.
        main: whether this rank writes.

    Returns:
        The checkpoint's folder, which is whole once ``main``'s call returns.

    Raises:
        TracekitError: it can't be written.
    """
    target = folder / step_name(state.step)
    weights = cast(dict[str, torch.Tensor], get_model_state_dict(model, options=_SAVED))
    moments = get_optimizer_state_dict(model, optimiser, options=_SAVED)
    if main and not target.exists():
        temporary = folder / f"{_TEMPORARY}{target.name}"
        for left in folder.glob(f"{_TEMPORARY}*"):  # by one that was killed
            shutil.rmtree(left, ignore_errors=True)
        try:
            temporary.mkdir(parents=True)
            save_file({name: tensor.contiguous() for name, tensor in weights.items()}, temporary / WEIGHTS)
            torch.save(moments, temporary / OPTIMISER)
        except (OSError, SafetensorError, RuntimeError) as error:  # the last is torch's, of a full disk
            shutil.rmtree(temporary, ignore_errors=True)
            remedy = "make room, or lower run.keep; the same command goes on from the checkpoint before it"
            raise TracekitError(f"a checkpoint can't be written: {error}", place=str(target), remedy=remedy) from error
        fault_point("checkpoint-half-written")
        (temporary / STATE).write_bytes(to_json(asdict(state)))
        for path in temporary.iterdir():
            _sync(path)
        sync_folder(temporary)
        temporary.rename(target)
        sync_folder(folder)
        fault_point("checkpoint-written")
    if main:
        for old in saved(folder)[:-keep]:
            shutil.rmtree(old)
    return target


def load(checkpoint: Path, model: nn.Module, optimiser: torch.optim.Optimizer) -> State:
    """Go back to a checkpoint: the weights and moments in place, and the rest.

    Raises:
        TracekitError: it is damaged, or of another model.
    """
    try:
        state = State(**json.loads((checkpoint / STATE).read_bytes()))
        load_weights(checkpoint, model)
        moments = torch.load(checkpoint / OPTIMISER, map_location="cpu", mmap=True, weights_only=True)
        set_optimizer_state_dict(model, optimiser, moments, options=_LOADED)
    except TracekitError:
        raise
    except (OSError, ValueError, TypeError, KeyError, RuntimeError) as error:
        raise _damaged(checkpoint, error) from error
    return state


def place_of(data: Sequence[dict[str, Any]], rank: int, ranks: int) -> dict[str, Any]:
    """Where a rank goes on, by what `State` has of all.

    They stand at the same place, but for ranks that met batches of which not one clip could be read. Where there are
    other ranks now, all go on from the earliest place: nothing is left out.
    """
    return data[rank] if len(data) == ranks else min(data, key=lambda one: (one["epoch"], one["position"]))


def load_weights(checkpoint: Path, model: nn.Module) -> None:
    """The weights of a checkpoint put into a model.

    Raises:
        TracekitError: the file is damaged, or of another model.
    """
    try:
        weights: Mapping[str, torch.Tensor] = load_file(checkpoint / WEIGHTS)
    except (OSError, SafetensorError) as error:
        raise _damaged(checkpoint, error) from error
    bare = model.module if isinstance(model, DistributedDataParallel) else model  # whose names are those of the file
    trained = {name for name, weight in bare.named_parameters() if weight.requires_grad}
    if other := trained - weights.keys() or weights.keys() - bare.state_dict().keys():
        raise TracekitError(
            f"a checkpoint of another model: {len(other)} weights differ, such as {min(other)}", place=str(checkpoint)
        )
    set_model_state_dict(model, dict(weights), options=_LOADED)


def _damaged(checkpoint: Path, error: Exception) -> TracekitError:
    reason = " ".join(str(error).split())[:200]
    remedy = "delete this folder: the run then goes on from the checkpoint before it"
    return TracekitError(f"the checkpoint is damaged: {reason}", place=str(checkpoint), remedy=remedy)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
