"""Batches of clips, made by worker processes, that can stop anywhere and go on as if they had not."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from tracekit.core.errors import TracekitError
from tracekit.load.clips import Clips
from tracekit.load.collate import collate
from tracekit.load.corrupt import Corrupt
from tracekit.load.order import batches, position_after
from tracekit.load.sample import Loaded

VERSION = 1
"""Of the state."""

Collate = Callable[[Sequence[Loaded]], Any]


class _Made(NamedTuple):
    """What a worker hands over: a batch, and what the consumer has to know of it."""

    positions: int
    """Of the rank's, that it stands for; some samples may be corrupt."""
    corrupt: tuple[TracekitError, ...]
    batch: Any
    """None where all are corrupt."""
    error: TracekitError | None
    """Of collating."""


class _Batches(IterableDataset[_Made]):
    """The batches of an epoch, from a position on."""

    def __init__(self, clips: Clips, batch_size: int, collate: Collate, epoch: int, start: int) -> None:
        self.clips, self.batch_size, self.collate, self.epoch, self.start = clips, batch_size, collate, epoch, start

    def __iter__(self) -> Iterator[_Made]:
        info = get_worker_info()
        worker, workers = (info.id, info.num_workers) if info else (0, 1)
        folder, order = self.clips.folder(), self.clips.order(self.epoch)
        for positions in batches(self.clips.positions(self.start), self.batch_size, worker, workers):
            samples, corrupt = list[Loaded](), list[TracekitError]()
            for position in positions:
                try:
                    samples.append(self.clips.read(folder, int(order[position])))
                except TracekitError as error:
                    corrupt.append(error)
            try:
                batch, failed = (self.collate(samples) if samples else None), None
            except TracekitError as error:  # torch would put the traceback into its message
                batch, failed = None, error
            yield _Made(len(positions), tuple(corrupt), batch, failed)


class Loader:
    """A torch DataLoader over clips whose place can be saved and gone back to, with other workers or ranks as well.

    Iterating gives the batches of the epoch from where it stands; at its end the next epoch is due. A loop that is left
    half-way goes on there when it is entered again, with the batch after the last one that it was given.

    Args:
        clips: from ``tracekit.load``.
        batch_size: samples of a batch of this rank. The last one of an epoch may have fewer, and so has one with
            corrupt samples in it.
        workers: processes that read and decode; 0: this one does.
        collate: makes a batch of samples; it crosses to the workers.
        prefetch: batches that each worker is ahead.
        pin_memory: for copies to a GPU.
        timeout_s: for how long a worker may say nothing.

    Raises:
        TracekitError: an option is out of range. While iterating: a batch can't be made, more samples are corrupt than
            may be, or a worker died or said nothing for ``timeout_s``.
    """

    def __init__(
        self,
        clips: Clips,
        *,
        batch_size: int = 1,
        workers: int = 0,
        collate: Collate = collate,
        prefetch: int = 2,
        pin_memory: bool = False,
        timeout_s: float = 600,
    ) -> None:
        if batch_size < 1 or workers < 0 or prefetch < 1:
            raise TracekitError("batch_size and prefetch must be at least 1, and workers at least 0")
        if clips.wanted.device != "cpu" and (workers or pin_memory):
            raise TracekitError(
                "what a GPU decodes is not handed over by workers, nor pinned",
                remedy="use workers=0 and pin_memory=False",
            )
        self.clips, self.batch_size, self.workers, self.collate = clips, batch_size, workers, collate
        self.prefetch, self.pin_memory, self.timeout_s = prefetch, pin_memory, timeout_s
        self.epoch = 0
        self.position = 0
        """Positions of the epoch's order that all ranks together have been given."""
        self._corrupt = Corrupt(clips.max_corrupt)

    def __len__(self) -> int:
        """Batches of a whole epoch for this rank."""
        return -(-len(self.clips.positions(0)) // self.batch_size)

    @property
    def corrupt(self) -> dict[str, str]:
        """What is wrong with the samples that this rank has passed over, by shard and key."""
        return dict(self._corrupt.found)

    def __iter__(self) -> Iterator[Any]:
        start, samples, taken = self.position, len(self.clips.catalog), 0
        for made in self._made(start):
            taken += made.positions
            self.position = position_after(samples, start, self.clips.ranks, taken)
            for error in made.corrupt:
                self._corrupt.add(error)
            if made.error:
                raise made.error
            if made.batch is not None:
                yield made.batch
        self.epoch, self.position = self.epoch + 1, 0

    def _made(self, start: int) -> Iterator[_Made]:
        source = _Batches(self.clips, self.batch_size, self.collate, self.epoch, start)
        made: DataLoader[_Made] = DataLoader(
            source,
            batch_size=None,
            num_workers=self.workers,
            collate_fn=_as_it_is,
            pin_memory=self.pin_memory,
            prefetch_factor=self.prefetch if self.workers else None,
            timeout=self.timeout_s if self.workers else 0,
        )
        try:
            yield from made
        except RuntimeError as error:
            if not str(error).startswith("DataLoader"):  # else it is a worker's own, passed on
                raise
            raise TracekitError(
                f"a worker died or said nothing for {self.timeout_s:g} s: {error}",
                remedy="see whether memory ran out; try fewer workers or workers=0",
            ) from error

    def state_dict(self) -> dict[str, Any]:
        """Where the loader stands, as JSON can hold it: after the last batch that was given, whatever is prefetched.

        Save it when all ranks have been given as many batches; it is then the same on each but for ``corrupt``.
        """
        return {
            "version": VERSION,
            "epoch": self.epoch,
            "position": self.position,
            "order": self._order(),
            "corrupt": self.corrupt,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a place. The number of workers, of ranks and the size of batches may be others than they were.

        Raises:
            TracekitError: it is of other samples, or of another order of them.
        """
        if state.get("version") != VERSION:
            raise TracekitError(f"a loader's state of version {state.get('version')}, not {VERSION}")
        if state["order"] != self._order():
            differs = [name for name, value in self._order().items() if state["order"].get(name) != value]
            raise TracekitError(
                f"the loader's state is of another order: {', '.join(differs)}",
                remedy="load the same samples with the same seed, or begin anew without the state",
            )
        if not 0 <= state["position"] <= len(self.clips.catalog) or state["epoch"] < 0:
            raise TracekitError(f"a damaged state: position {state['position']} of epoch {state['epoch']}")
        self.epoch, self.position = state["epoch"], state["position"]
        self._corrupt = Corrupt(self.clips.max_corrupt, state["corrupt"])

    def _order(self) -> dict[str, Any]:
        """All that the order of samples depends on but the epoch."""
        clips = self.clips
        return {"samples": clips.catalog.fingerprint(), "seed": clips.seed, "shuffle": clips.shuffle}


def _as_it_is(made: Any) -> Any:
    return made
