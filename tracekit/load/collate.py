"""Samples made into a batch."""

from collections.abc import Sequence
from typing import Any

import torch

from tracekit.core.errors import TracekitError
from tracekit.load.sample import Loaded


def collate(samples: Sequence[Loaded]) -> Loaded:
    """Stack what has the same shape in every sample; the rest is a list, an item a sample.

    ``video`` becomes (n, t, h, w, 3), ``frame_mask`` (n, t), each of the actions (n, t, ...); captions a list by tier;
    ``key``, ``json``, ``cells`` and ``cursor`` lists. ``actions`` are None where no sample has any.

    Raises:
        TracekitError: videos of several shapes, or terminals and desktops with actions in one batch.
    """
    batch: Loaded = {name: [sample[name] for sample in samples] for name in samples[0]}
    shapes = sorted({tuple(video.shape) for video in batch["video"]})
    if len(shapes) > 1:
        raise TracekitError(
            f"videos of several shapes in one batch: {shapes[0]} and {shapes[-1]}",
            place=samples[0]["key"],
            remedy="give size and frames to load, or take batches of one",
        )
    batch["video"], batch["frame_mask"] = torch.stack(batch["video"]), torch.stack(batch["frame_mask"])
    batch["captions"] = _by_name(batch["captions"])
    if "actions" in batch:
        batch["actions"] = _stack_actions(batch["actions"], samples[0]["key"])
    return batch


def _by_name(dicts: Sequence[dict[str, Any]]) -> dict[str, list[Any]]:
    return {name: [one[name] for one in dicts] for name in dicts[0]}


def _stack_actions(actions: Sequence[dict[str, torch.Tensor] | None], place: str) -> dict[str, torch.Tensor] | None:
    has = [one for one in actions if one is not None]
    if not has:
        return None
    if len(has) < len(actions):
        raise TracekitError(
            "terminals and desktops in one batch", place=place, remedy="load with actions=False, or batches of one"
        )
    return {name: torch.stack(tensors) for name, tensors in _by_name(has).items()}
