"""``tracekit.load``: the samples of a data set as a torch dataset, in an order that resuming can rely on."""

import io
import os
from collections.abc import Iterator

import numpy as np
import torch.distributed
from numpy.typing import NDArray
from torch.utils.data import IterableDataset, get_worker_info

from tracekit.core.errors import TracekitError
from tracekit.core.files import Folder
from tracekit.load import torchcodec_frames
from tracekit.load.catalog import Catalog, Source, find
from tracekit.load.corrupt import Corrupt
from tracekit.load.frames import Size
from tracekit.load.order import batches, epoch_order, share
from tracekit.load.sample import Loaded, Wanted, make_sample
from tracekit.shards.read import StoredSample, read_sample
from tracekit.shards.write import Place


class Clips(IterableDataset[Loaded]):
    """The samples of a split. Iterating gives those of this rank and worker, of one epoch from its beginning.

    `tracekit.load.loader.Loader` makes batches of them, and can stop and go on anywhere.
    """

    def __init__(
        self,
        catalog: Catalog,
        wanted: Wanted,
        *,
        shuffle: bool = True,
        seed: int = 0,
        rank: int = 0,
        ranks: int = 1,
        even: bool = False,
        max_corrupt: int = 10,
    ) -> None:
        self.catalog, self.wanted, self.shuffle, self.seed = catalog, wanted, shuffle, seed
        self.rank, self.ranks, self.even, self.max_corrupt = rank, ranks, even, max_corrupt
        self.epoch = 0

    def __iter__(self) -> Iterator[Loaded]:
        info = get_worker_info()
        if info and self.wanted.device != "cpu":
            raise TracekitError("a GPU decodes in the process that trains, not in workers", remedy="use no workers")
        worker, workers = (info.id, info.num_workers) if info else (0, 1)
        folder, order, corrupt = self.folder(), self.order(self.epoch), Corrupt(self.max_corrupt)
        for (position,) in batches(self.positions(0), 1, worker, workers):
            try:
                sample = self.read(folder, int(order[position]))
            except TracekitError as error:
                corrupt.add(error)
            else:
                yield sample

    def set_epoch(self, epoch: int) -> None:
        """Which epoch's order the next iteration has; from 0."""
        self.epoch = epoch

    def order(self, epoch: int) -> NDArray[np.int64]:
        """The numbers of all samples, of all ranks, in the order of an epoch."""
        samples = len(self.catalog)
        return epoch_order(samples, self.seed, epoch) if self.shuffle else np.arange(samples)

    def positions(self, start: int) -> range:
        """This rank's positions of the order, from a position on."""
        return share(len(self.catalog), start, self.rank, self.ranks, self.even)

    def folder(self) -> Folder:
        """Where the shards are. A connection to a store does not survive a fork: each worker opens its own."""
        return Folder(self.catalog.url)

    def read(self, folder: Folder, number: int) -> Loaded:
        """A sample by its number in the catalogue, with one request for its bytes.

        Raises:
            TracekitError: it can't be read; the place names shard and key.
        """
        catalog = self.catalog
        shard, key = catalog.shards[catalog.shard_numbers[number]], catalog.keys[number].decode()
        offset, size = int(catalog.offsets[number]), int(catalog.sizes[number])
        try:
            members = io.BytesIO(folder.read(shard, offset, offset + size))
            stored = read_sample(members, Place(0, size), shard)
            if stored.key != key:
                raise TracekitError(f"the sample {stored.key} lies at its place")
            return self.make(stored)
        except TracekitError as error:
            raise TracekitError(error.message, place=f"{folder.path(shard)}: {key}", remedy=error.remedy) from error

    def make(self, stored: StoredSample) -> Loaded:
        """What a sample's members are made into.

        Raises:
            TracekitError: they can't be.
        """
        return make_sample(stored, self.wanted)


def load(
    source: Source,
    *,
    split: str = "train",
    frames: int | None = None,
    size: Size | None = None,
    tiers: tuple[str, ...] = ("regular",),
    actions: bool = True,
    cells: bool = False,
    cursor: bool = False,
    keystrokes: bool = False,
    video: bool = True,
    decoder: str = "pyav",
    device: str = "cpu",
    shuffle: bool = True,
    seed: int = 0,
    rank: int | None = None,
    ranks: int | None = None,
    even: bool = False,
    max_corrupt: int = 10,
) -> Clips:
    """The samples of a data set, for training.

    Each is a dict:

    - ``key``: str.
    - ``video``: uint8 tensor (t, h, w, 3), RGB, 0 to 255; None if not asked for.
    - ``frame_mask``: bool tensor (t,): False in frames that repeat the last one because more were asked for.
    - ``captions``: dict of str by tier; '' where the sample has none of the tier.
    - ``actions``: a dict, or None of a terminal unless ``keystrokes``. With a row a frame it has the tensors ``raw``,
      uint8 (t, 182), and ``held``, bool (t, 169), by the classes of docs/actions.md; ``buttons``, bool (t, 5);
      ``positions``, int32 (t, 2), in pixels of the screen as recorded; ``visible``, bool (t,); and ``meta``, a dict of
      the meta view's arrays by their names, int64 (t, 2) for two slots a frame. ``text_table`` and ``shortcut_table``
      are the lists of str that its ``texts`` and ``shortcuts`` are indexes of, or -1.
    - ``cells``, if asked for: of a terminal the arrays of ``KEY.cells.npz``, ``frames`` and ``cursor`` with t rows.
    - ``cursor``, if asked for: of a desktop a `tracekit.actions.cursor_track.CursorTrack` of t frames.
    - ``json``: ``KEY.json``, as docs/format.md has it.

    Args:
        source: the folder of a data set, a path or any URL that fsspec knows; or one or several of its shards.
        split: train or validation. Of shards that are named all samples are taken.
        frames: the first so many of each clip; where a clip has fewer, its last frame is repeated. None: all it has.
        size: width and height in pixels; the picture is scaled to fit and the rest is black. None: as it is.
        tiers: captions, of semantic, regular, detailed, script, instruction, and chosen for that of ``KEY.txt``.
        actions: whether to read the actions.
        cells: whether to read the cells of a terminal.
        cursor: whether to read the pictures of the cursor.
        keystrokes: whether a terminal has actions as well, made of its input (`tracekit.actions.keystrokes`).
        video: whether to decode it.
        decoder: pyav, which is exact, or torchcodec, which is not quite (docs/loading.md) and has to be installed.
        device: where torchcodec decodes and ``video`` then lies: cpu, cuda (the process's current one) or cuda:N.
            A GPU has no workers.
        shuffle: else samples come in the order in which they lie.
        seed: of the order, not negative; with the number of the epoch all that it depends on.
        rank: of this process; None: as torch.distributed has it, or the variable RANK, or 0.
        ranks: processes that share the data set; None: likewise, WORLD_SIZE, or 1.
        even: give each rank as many samples, and leave out the last few of the order. Else each sample comes
            exactly once in an epoch, and the first ranks have one more.
        max_corrupt: samples that can't be read are passed over, at most so many.

    Raises:
        TracekitError: there are no samples, an option is out of range, or torchcodec or the device is not here.
    """
    rank, ranks = place_among_ranks(rank, ranks)
    if seed < 0 or max_corrupt < 0:
        raise TracekitError("seed and max_corrupt can't be negative")
    wanted = Wanted(frames, size, tuple(tiers), actions, cells, cursor, keystrokes, video, decoder, device)
    if decoder == "torchcodec":
        torchcodec_frames.check(device)
    catalog = find(source, split)
    return Clips(
        catalog, wanted, shuffle=shuffle, seed=seed, rank=rank, ranks=ranks, even=even, max_corrupt=max_corrupt
    )


def place_among_ranks(rank: int | None, ranks: int | None) -> tuple[int, int]:
    """Which rank this process is, of how many, where that is not given.

    Raises:
        TracekitError: one is given without the other, or they don't fit each other.
    """
    if (rank is None) != (ranks is None):
        raise TracekitError("rank and ranks are given together or not at all")
    if rank is None or ranks is None:
        if torch.distributed.is_available() and torch.distributed.is_initialized():
            rank, ranks = torch.distributed.get_rank(), torch.distributed.get_world_size()
        else:  # torchrun sets these before any group is made
            rank, ranks = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    if not 0 <= rank < ranks:
        raise TracekitError(f"there is no rank {rank} of {ranks}")
    return rank, ranks
