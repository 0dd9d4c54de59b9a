"""The loader: one order whatever the workers, and a stop anywhere that leaves no trace in what comes after."""

import json
import os
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from clip_sets import SHARDS, clip_set, need_torch

import tracekit
from tracekit.core.errors import TracekitError

if TYPE_CHECKING:
    from tracekit.load.loader import Loader

CLIPS = 11


@pytest.fixture(autouse=True, scope="module")
def _torch() -> None:
    need_torch()


@pytest.fixture(scope="module")
def terminals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clip_set(tmp_path_factory.mktemp("loader") / "terminals", CLIPS)


def loader(folder: Path, batch_size: int = 2, workers: int = 0, **options: Any) -> "Loader":
    from tracekit.load.loader import Loader

    of_loader = {name: options.pop(name) for name in ("collate", "prefetch", "timeout_s") if name in options}
    return Loader(tracekit.load(folder, frames=1, **options), batch_size=batch_size, workers=workers, **of_loader)


def epoch(of: "Loader") -> list[list[str]]:
    return [batch["key"] for batch in of]


def saved(of: "Loader") -> Any:
    return json.loads(json.dumps(of.state_dict()))


@pytest.mark.parametrize("workers", [1, 3])
def test_batches_are_the_same_whatever_the_workers(terminals: Path, workers: int) -> None:
    here, there = loader(terminals), loader(terminals, workers=workers)
    assert [epoch(here), epoch(here)] == [epoch(there), epoch(there)]


def test_epochs_have_orders_of_their_own_and_all_samples(terminals: Path) -> None:
    of = loader(terminals, CLIPS)
    (one,), (two,) = epoch(of), epoch(of)
    assert one != two
    assert sorted(one) == sorted(two)
    assert len(set(one)) == CLIPS
    assert of.epoch == 2


@pytest.mark.parametrize(("workers", "later_workers"), [(0, 2), (2, 0), (2, 3)])
@pytest.mark.parametrize("stop", [1, 4, 6])
def test_stopped_and_taken_up_again_is_as_if_not_stopped(
    terminals: Path, workers: int, later_workers: int, stop: int
) -> None:
    whole = loader(terminals)
    uninterrupted = epoch(whole) + epoch(whole)
    first = loader(terminals, workers=workers)
    taken = take(first, stop)
    state = saved(first)
    later = loader(terminals, workers=later_workers)
    later.load_state_dict(state)
    assert taken + epoch(later) + epoch(later) == uninterrupted


def take(of: "Loader", batches: int) -> list[list[str]]:
    """So many batches, and no step further."""
    taken = []
    for batch in of:
        taken.append(batch["key"])
        if len(taken) == batches:
            break
    return taken


def stopped(of: "Loader", after: int) -> "Loader":
    take(of, after)
    return of


def test_a_loop_that_was_left_goes_on_where_it_stopped(terminals: Path) -> None:
    of = stopped(loader(terminals, workers=2), 2)
    assert epoch(loader(terminals))[2:] == epoch(of)


@pytest.mark.parametrize(("ranks", "later_ranks", "later_size"), [(2, 3, 1), (3, 1, 4), (1, 2, 2)])
def test_other_ranks_take_up_what_is_left(terminals: Path, ranks: int, later_ranks: int, later_size: int) -> None:
    first = [loader(terminals, 1, rank=rank, ranks=ranks) for rank in range(ranks)]
    taken = [key for of in first for batch in take(of, 2) for key in batch]
    states = [saved(of) for of in first]
    assert states == [states[0]] * ranks
    for rank in range(later_ranks):
        of = loader(terminals, later_size, rank=rank, ranks=later_ranks)
        of.load_state_dict(states[0])
        taken += chain.from_iterable(epoch(of))
    assert sorted(taken) == sorted(chain.from_iterable(epoch(loader(terminals))))


def test_even_ranks_have_as_many_batches(terminals: Path) -> None:
    of_ranks = [epoch(loader(terminals, 2, rank=rank, ranks=3, even=True)) for rank in range(3)]
    assert [[len(batch) for batch in batches] for batches in of_ranks] == [[2, 1]] * 3
    assert [len(loader(terminals, 2, rank=rank, ranks=3, even=True)) for rank in range(3)] == [2] * 3


def test_a_state_of_other_samples_or_another_seed_is_refused(terminals: Path, tmp_path: Path) -> None:
    state = saved(stopped(loader(terminals), 1))
    with pytest.raises(TracekitError, match="another order: seed"):
        loader(terminals, seed=1).load_state_dict(state)
    with pytest.raises(TracekitError, match="another order: samples"):
        loader(clip_set(tmp_path / "other", CLIPS + 1)).load_state_dict(state)
    with pytest.raises(TracekitError, match="version 0"):
        loader(terminals).load_state_dict(state | {"version": 0})
    with pytest.raises(TracekitError, match="damaged"):
        loader(terminals).load_state_dict(state | {"position": CLIPS + 1})


@pytest.mark.parametrize("workers", [0, 2])
def test_corrupt_samples_are_passed_over_named_and_counted_once(tmp_path: Path, workers: int) -> None:
    folder = clip_set(tmp_path / "set", 7, corrupt=2)
    of = loader(folder, 3, workers, shuffle=False)
    assert epoch(of) == [["r2_0000"], ["r3_0000", "r4_0000", "r5_0000"], ["r6_0000"]]
    epoch(of)
    names = [f"{folder}/shards/{SHARDS[0]}: r{number}_0000" for number in range(2)]
    assert list(of.corrupt) == list(saved(of)["corrupt"]) == names
    with pytest.raises(TracekitError, match="2 samples can't be read, and 1 may be passed over") as told:
        epoch(loader(folder, 3, workers, shuffle=False, max_corrupt=1))
    assert told.value.place == names[1]


def test_those_passed_over_before_a_stop_count_after_it(tmp_path: Path) -> None:
    folder = clip_set(tmp_path / "set", 7, corrupt=2)
    state = saved(stopped(loader(folder, 1, shuffle=False, max_corrupt=3), 1))
    other = loader(folder, 1, shuffle=False, max_corrupt=3)
    other.load_state_dict(state)
    assert (len(other.corrupt), other.position) == (2, 3)


def test_batches_are_stacked(terminals: Path, tmp_path: Path) -> None:
    desktops = clip_set(tmp_path / "desktops", 2, "desktop")
    (batch,) = loader(desktops, 2, workers=1, cursor=True)
    assert batch["video"].shape == (2, 1, 48, 64, 3)
    assert batch["frame_mask"].shape == (2, 1)
    assert batch["actions"]["raw"].shape == (2, 1, 182)
    assert batch["actions"]["positions"].shape == (2, 1, 2)
    assert batch["captions"]["regular"] == [f"Of {key}." for key in batch["key"]]
    assert [track.frames for track in batch["cursor"]] == [1, 1]
    assert batch["actions"]["meta"]["types"].shape == (2, 1, 2)
    assert batch["actions"]["text_table"] == [["a"], ["a"]]
    assert next(iter(loader(terminals)))["actions"] is None
    assert next(iter(loader(terminals, keystrokes=True)))["actions"]["raw"].shape == (2, 1, 182)
    assert next(iter(loader(terminals, video=False)))["video"] is None


@pytest.mark.parametrize("batch_size", [1, 3])
def test_a_workers_videos_are_those_made_here_and_lie_in_shared_memory(terminals: Path, batch_size: int) -> None:
    import torch

    here, there = (loader(terminals, batch_size, workers, shuffle=False) for workers in (0, 1))
    for one, other in zip(here, there, strict=True):
        assert torch.equal(one["video"], other["video"])
        assert (one["video"].is_shared(), other["video"].is_shared()) == (False, True)


@pytest.mark.parametrize("workers", [0, 1])
def test_what_does_not_fit_into_one_batch_is_an_error_of_one_line(terminals: Path, workers: int) -> None:
    of = loader(terminals, workers=workers, collate=refusing)
    with pytest.raises(TracekitError) as told:
        epoch(of)
    assert str(told.value) == "these do not fit"


def refusing(samples: Sequence[dict[str, Any]]) -> None:
    raise TracekitError("these do not fit")


def test_a_worker_that_dies_is_an_error_and_no_hang(terminals: Path) -> None:
    of = loader(terminals, workers=1, collate=dying, timeout_s=60)
    with pytest.raises(TracekitError, match="a worker died"):
        epoch(of)


def dying(samples: Sequence[dict[str, Any]]) -> None:
    os._exit(1)


@pytest.mark.parametrize("options", [{"batch_size": 0}, {"workers": -1}, {"prefetch": 0}])
def test_an_option_of_the_loader_out_of_range_is_refused(terminals: Path, options: dict[str, int]) -> None:
    with pytest.raises(TracekitError, match="at least"):
        loader(terminals, **options)
