"""Batches to train with: clips of a data set, epoch after epoch, from any place of it on."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import replace
from typing import Any, Final

import pyarrow.compute as pc

from tracekit.actions.latents import WAN_STRIDE
from tracekit.core.errors import TracekitError
from tracekit.load.catalog import Catalog, find
from tracekit.load.clips import Clips, place_among_ranks
from tracekit.load.loader import Loader
from tracekit.load.sample import Loaded, caption_of, described_by, make_sample
from tracekit.shards.read import StoredSample
from tracekit.train.config import DataSection, ModelSection
from tracekit.train.examples import Maker, joined, wanted_of
from tracekit.train.latent_cache import LatentCache
from tracekit.train.tensors import Examples

_DESKTOP: Final = pc.field("kind") == "desktop"
_HAS_ACTIONS: Final = _DESKTOP | (pc.field("inputs") > 0)
_HAS_CURSOR: Final = _DESKTOP & (pc.field("cursor_visible_frames") > 0)


class Batches:
    """Batches of a rank, without end. What order they come in depends on the seed alone, as in `tracekit.load`.

    Clips without what the model is trained with are left out (Neural Computers, section 3.2): where actions are
    injected, terminals that took no input; where the cursor is supervised, terminals and desktops that show none. Each
    rank has as many batches an epoch; the last few clips of its order, less than one a rank, are left out.

    Args:
        data: which samples.
        model: what is made of them.
        batch_size: of this rank.
        seed: of the order.
        rank: of this process; None: as torch.distributed has it, or RANK, or 0.
        ranks: likewise, WORLD_SIZE, or 1.
        shuffle: else clips come in the order in which they lie.
        cache: latents that need no video. Clips of which it has them are not decoded.

    Raises:
        TracekitError: there are no samples, fewer than ranks, or the frames are not n * 4 + 1. While iterating: what
            `tracekit.load.loader.Loader` raises, or not one clip of an epoch can be read.
    """

    def __init__(
        self,
        data: DataSection,
        model: ModelSection,
        *,
        batch_size: int = 1,
        seed: int = 0,
        rank: int | None = None,
        ranks: int | None = None,
        shuffle: bool = True,
        cache: LatentCache | None = None,
    ) -> None:
        if data.frames % WAN_STRIDE != 1:
            raise TracekitError(
                f"clips of {data.frames} frames", place="data.frames", remedy=f"n * {WAN_STRIDE} + 1, such as 77 or 81"
            )
        rank, ranks = place_among_ranks(rank, ranks)
        where = _HAS_CURSOR if model.cursor else _HAS_ACTIONS if model.actions else None
        catalog = find(data.shards, data.split, where)
        if len(catalog) < ranks:
            raise TracekitError(f"{len(catalog)} clips for {ranks} ranks", place=data.shards)
        self.clips = len(catalog)
        """Of the split that are trained with, on all ranks."""
        self.left_out = catalog.left_out
        """Clips of the split without what the model is trained with."""
        self._clips = _Clips(catalog, data, model, cache, shuffle=shuffle, seed=seed, rank=rank, ranks=ranks)
        self._loader = Loader(self._clips, batch_size=batch_size, workers=data.workers, collate=_collate)

    def __len__(self) -> int:
        """Batches of an epoch."""
        return len(self._loader)

    @property
    def epoch(self) -> int:
        """In which the next batch is, from 0; that of the last one, where this was its epoch's last."""
        return self._loader.epoch

    @property
    def corrupt(self) -> dict[str, str]:
        """What is wrong with the clips that this rank has passed over, by shard and key."""
        return self._loader.corrupt

    def __iter__(self) -> Iterator[Examples]:
        while True:
            whole = self._loader.position == 0
            given = False
            for examples in self.one_epoch():
                given = True
                yield examples
            if whole and not given:
                raise TracekitError("not one clip of an epoch can be read", place=self._clips.catalog.url)

    def one_epoch(self) -> Iterator[Examples]:
        """The batches of the epoch from where it stands."""
        yield from self._loader

    def held(self, clips: int) -> list[Examples]:
        """The first clips of the first epoch's order, the same on all ranks, each by itself and with its video.

        Where batches stand is not changed. Clips that can't be read are passed over.
        """
        source = copy(self._clips)
        source.decodes_all = True
        found, folder = list[Examples](), source.folder()
        for number in source.order(0).tolist():
            if len(found) == clips:
                break
            with suppress(TracekitError):
                found.append(_collate([source.read(folder, number)]))
        return found

    def state_dict(self) -> dict[str, Any]:
        """Where batches stand, as JSON can hold it: after the last one that was given. The same on all ranks but for
        ``corrupt``."""
        return self._loader.state_dict()

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a place; the workers, the ranks and the size of batches may be others than they were.

        Raises:
            TracekitError: it is of other samples, or of another order of them.
        """
        self._loader.load_state_dict(state)


class _Clips(Clips):
    """Clips that are made into examples, by the worker that reads them."""

    def __init__(
        self, catalog: Catalog, data: DataSection, model: ModelSection, cache: LatentCache | None, **order: Any
    ) -> None:
        super().__init__(catalog, wanted_of(data, model), even=True, max_corrupt=data.max_corrupt, **order)
        self.maker, self.cache = Maker.of(data, model), cache
        self.decodes_all = False
        """Else not those whose latents the cache has."""

    def make(self, stored: StoredSample) -> Loaded:
        cached, video = None, True
        if self.cache:
            described = described_by(stored)
            cached = self.cache.get("clips", self.maker.digest(described))
            video = self.decodes_all or not cached
            cached |= self.cache.get("texts", caption_of(stored, described, self.maker.tier))
        sample = make_sample(stored, replace(self.wanted, video=video))
        return {"examples": self.maker.example(sample, cached)}


def _collate(samples: Sequence[Loaded]) -> Examples:
    return joined([sample["examples"] for sample in samples])
