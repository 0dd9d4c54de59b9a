"""Samples made into a batch."""

from collections.abc import Sequence
from typing import Any

import torch

from tracekit.core.errors import TracekitError
from tracekit.load.sample import Loaded
from tracekit.load.shared import blank


def collate(samples: Sequence[Loaded]) -> Loaded:
    """Stack what has the same shape in every sample; the rest is a list, an item a sample.

    ``video`` becomes (n, t, h, w, 3), ``frame_mask`` (n, t), each of the actions (n, t, ...); captions a list by tier;
    ``key``, ``json``, ``cells``, ``cursor`` and the tables of actions lists. ``actions`` are None where no sample has
    any, and so is ``video``.

    Raises:
        TracekitError: videos of several shapes, or samples with actions and without in one batch.
    """
    batch: Loaded = {name: [sample[name] for sample in samples] for name in samples[0]}
    shapes = sorted({tuple(video.shape) for video in batch["video"] if video is not None})
    if len(shapes) > 1:
        raise TracekitError(
            f"videos of several shapes in one batch: {shapes[0]} and {shapes[-1]}",
            place=samples[0]["key"],
            remedy="give size and frames to load, or take batches of one",
        )
    batch["video"] = _stacked_videos(batch["video"]) if shapes else None
    batch["frame_mask"] = torch.stack(batch["frame_mask"])
    batch["captions"] = _by_name(batch["captions"])
    if "actions" in batch:
        batch["actions"] = _stack_actions(batch["actions"], samples[0]["key"])
    return batch


def _stacked_videos(videos: Sequence[torch.Tensor]) -> torch.Tensor:
    if len(videos) == 1:
        return videos[0][None]  # no copy: a clip is a hundred megabytes
    out = blank((len(videos), *videos[0].shape)) if videos[0].device.type == "cpu" else None
    return torch.stack(list(videos), out=out)


def _by_name(dicts: Sequence[dict[str, Any]]) -> dict[str, list[Any]]:
    return {name: [one[name] for one in dicts] for name in dicts[0]}


def _stack_actions(actions: Sequence[dict[str, Any] | None], place: str) -> dict[str, Any] | None:
    has = [one for one in actions if one is not None]
    if not has:
        return None
    if len(has) < len(actions):
        raise TracekitError(
            "samples with actions and without in one batch",
            place=place,
            remedy="load with actions=False, or with keystrokes=True, or batches of one",
        )
    return {name: _stacked(values) for name, values in _by_name(has).items()}


def _stacked(values: Sequence[Any]) -> Any:
    if isinstance(values[0], dict):
        return {name: torch.stack(tensors) for name, tensors in _by_name(values).items()}
    return torch.stack(list(values)) if isinstance(values[0], torch.Tensor) else list(values)
