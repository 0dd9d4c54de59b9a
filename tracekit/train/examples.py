"""A clip as training takes it: what lies in a shard, made into the tensors of `Examples`; runs in the workers."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import ValidationError

from tracekit.actions.arrow import arrow_track
from tracekit.actions.cursor_maps import iter_reference
from tracekit.actions.cursor_track import CursorTrack
from tracekit.actions.latents import WAN_STRIDE, Alignment
from tracekit.actions.letterbox import Letterbox
from tracekit.core.errors import TracekitError
from tracekit.core.files import digest
from tracekit.load.frames import letterbox
from tracekit.load.sample import INDEXES, Loaded, Wanted
from tracekit.shards.sample import Geometry
from tracekit.train.config import DataSection, ModelSection
from tracekit.train.tensors import Actions, CursorReference, Examples, Tensor

PIXELS: Final = 1
"""Version of how pixels are made here of a video; part of the examples' digests."""


def wanted_of(data: DataSection, model: ModelSection) -> Wanted:
    """What is made of a sample before `Maker` has it."""
    acts = model.actions is not None
    return Wanted(
        frames=data.frames,
        size=(data.width_px, data.height_px),
        tiers=(data.tier,),
        actions=acts,
        cursor=model.cursor is not None,
        keystrokes=acts,
    )


@dataclass(frozen=True)
class Maker:
    """What a sample of the loader is made into."""

    size: tuple[int, int]
    """Of the picture, in pixels."""
    tier: str
    alignment: Alignment
    """Of the lengthened clip."""
    actions: bool
    look: Literal["recorded", "arrow"] | None
    """Of the cursor's reference; None: there is none."""

    @classmethod
    def of(cls, data: DataSection, model: ModelSection) -> "Maker":
        """As a run's configuration has it."""
        alignment, section = Alignment(data.frames, WAN_STRIDE), model.actions
        if section:
            alignment = Alignment(
                data.frames, WAN_STRIDE, section.window_latents, section.lag_frames, section.convention
            )
        look = model.cursor.look if model.cursor else None
        return cls((data.width_px, data.height_px), data.tier, alignment, section is not None, look)

    def digest(self, described: Mapping[str, Any]) -> str:
        """The name of an example's latents, by its ``KEY.json``: see `Examples.digests`.

        Raises:
            TracekitError: its video has no hash.
        """
        if not isinstance(described["files"].get("mp4"), str):
            raise TracekitError("the member .json has no hash of the video")
        pixels = [PIXELS, described["files"]["mp4"], self.alignment.frames, self.size]
        cursor = [self.look, described["files"].get("cursor.npz"), described.get("geometry")] if self.look else []
        return digest([*pixels, *cursor])

    def example(self, sample: Loaded, cached: dict[str, Tensor] | None) -> Examples:
        """A batch of one.

        Args:
            sample: from `tracekit.load.sample.make_sample`, of the lengthened clip.
            cached: what the cache has of it; None: there is no cache.

        Raises:
            TracekitError: the sample lacks actions or a cursor that are wanted, or its geometry makes no sense.
        """
        if (self.actions and sample["actions"] is None) or (self.look and sample["cursor"] is None):
            raise TracekitError("the sample has no actions, or no cursor")
        mask, video = sample["frame_mask"].numpy(), sample["video"]
        draws = self.look is not None and video is not None
        return Examples(
            keys=(sample["key"],),
            digests=(self.digest(sample["json"]),),
            video=None if video is None else video[None],
            captions=(sample["captions"][self.tier],),
            weights=torch.from_numpy(self._weights(mask))[None],
            actions=self._actions(sample, mask) if self.actions else None,
            cursor=self._cursor(sample["cursor"], self._box(sample), video[0].numpy()) if draws else None,
            cached=() if cached is None else (cached,),
        )

    def _weights(self, mask: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Shape (t,): the share of each latent's own frames that are of the clip."""
        frames = dataclasses.replace(self.alignment, window_latents=1, lag_frames=0, convention="shown").windows(mask)
        weights: NDArray[np.float32] = (frames.values.sum(1) / frames.mask.sum(1)).astype(np.float32)
        return weights

    def _box(self, sample: Loaded) -> Letterbox:
        """From the screen as recorded to the picture, whose place in whole pixels `letterbox` says."""
        try:
            geometry = Geometry.model_validate(sample["json"].get("geometry"))
        except ValidationError as error:
            raise TracekitError("the member .json has no geometry that makes sense") from error
        video = geometry.width_px, geometry.height_px
        place = letterbox(*video, self.size)
        scale = min(self.size[0] / video[0], self.size[1] / video[1])
        return Letterbox.of(geometry).then(Letterbox(*video, *self.size, scale, padding_px=(place.left, place.top)))

    def _actions(self, sample: Loaded, mask: NDArray[np.bool_]) -> Actions:
        given, box = sample["actions"], self._box(sample)
        places = given["positions"].numpy()
        on_screen = given["visible"].numpy() & box.on_screen(places)
        positions = np.where(on_screen[:, None], box.normalised(places), 0).astype(np.float32)

        def windows(values: NDArray[Any], nothing: int = 0) -> Tensor:
            values = values.copy()
            values[~mask] = nothing
            return torch.from_numpy(self.alignment.windows(values, nothing).values)[None]

        return Actions(
            raw=windows(given["raw"].numpy()),
            held=windows(given["held"].numpy()),
            positions=windows(positions),
            on_screen=windows(on_screen),
            mask=windows(mask),
            meta={
                name: windows(values.numpy(), -1 if name in INDEXES else 0) for name, values in given["meta"].items()
            },
            text_table=tuple(given["text_table"]),
            shortcut_table=tuple(given["shortcut_table"]),
        )

    def _cursor(self, track: CursorTrack, box: Letterbox, first: NDArray[np.uint8]) -> CursorReference:
        shown = arrow_track(track) if self.look == "arrow" else track
        foreground = np.empty((track.frames, *first.shape), np.float16)
        mask = np.empty(foreground.shape[:3], np.float16)
        for frame, one in enumerate(iter_reference(shown, box, first)):
            foreground[frame], mask[frame] = one
        return CursorReference(torch.from_numpy(foreground)[None], torch.from_numpy(mask)[None])


def joined(examples: Sequence[Examples]) -> Examples:
    """Batches put together into one; they are of one configuration."""
    if len(examples) == 1:
        return examples[0]
    return Examples(
        keys=_together([one.keys for one in examples]),
        digests=_together([one.digests for one in examples]),
        video=_filled([one.video for one in examples]),
        captions=_together([one.captions for one in examples]),
        weights=torch.cat([one.weights for one in examples]),
        actions=_joined_actions([one.actions for one in examples if one.actions]),
        cursor=_joined_cursors([one.cursor for one in examples]),
        cached=_together([one.cached for one in examples]),
    )


def _together(tuples: Sequence[tuple[Any, ...]]) -> tuple[Any, ...]:
    return tuple(value for values in tuples for value in values)


def _filled(tensors: Sequence[Tensor | None]) -> Tensor | None:
    """One after the other, zeros for those that are not there; None if none is."""
    there = next((tensor for tensor in tensors if tensor is not None), None)
    if there is None:
        return None
    return torch.cat([torch.zeros_like(there) if tensor is None else tensor for tensor in tensors])


def _joined_cursors(cursors: Sequence[CursorReference | None]) -> CursorReference | None:
    foreground = _filled([cursor.foreground if cursor else None for cursor in cursors])
    mask = _filled([cursor.mask if cursor else None for cursor in cursors])
    return None if foreground is None or mask is None else CursorReference(foreground, mask)


def _joined_actions(actions: Sequence[Actions]) -> Actions | None:
    if not actions:
        return None
    tables = {
        "texts": sorted({text for one in actions for text in one.text_table}),
        "shortcuts": sorted({chord for one in actions for chord in one.shortcut_table}),
    }
    metas = [
        one.meta
        | {
            name: _renumbered(one.meta[name], own, tables[name])
            for name, own in (("texts", one.text_table), ("shortcuts", one.shortcut_table))
        }
        for one in actions
    ]
    return Actions(
        **{
            name: torch.cat([getattr(one, name) for one in actions])
            for name in ("raw", "held", "positions", "on_screen", "mask")
        },
        meta={name: torch.cat([meta[name] for meta in metas]) for name in metas[0]},
        text_table=tuple(tables["texts"]),
        shortcut_table=tuple(tables["shortcuts"]),
    )


def _renumbered(indexes: Tensor, own: Sequence[str], table: Sequence[str]) -> Tensor:
    """Indexes of a table as indexes of a larger one; -1 stays."""
    numbers = {entry: number for number, entry in enumerate(table)}
    return torch.tensor([*(numbers[entry] for entry in own), -1])[indexes]
