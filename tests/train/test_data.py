"""Batches to train with: what an example is made of, and an order that goes on where it stopped."""

import json
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from load.clip_sets import clip_set, need_torch
from shards import toy, toy_desktop

from tracekit.actions.archive import ActionArchive
from tracekit.actions.latents import Alignment
from tracekit.core.errors import TracekitError
from tracekit.core.events import Event
from tracekit.shards.events import dump_events
from tracekit.train.config import ActionSection, CursorSection, DataSection, ModelSection

if TYPE_CHECKING:
    from tracekit.train.data import Batches
    from tracekit.train.tensors import Examples

CLIPS = 5
ACTIONS = ModelSection(actions=ActionSection())
CURSOR = ModelSection(cursor=CursorSection())
BOTH = ModelSection(actions=ActionSection(), cursor=CursorSection())


@pytest.fixture(autouse=True, scope="module")
def _torch() -> None:
    need_torch()


@pytest.fixture(scope="module")
def terminals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clip_set(tmp_path_factory.mktemp("data") / "terminals", CLIPS)


@pytest.fixture(scope="module")
def desktops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clip_set(tmp_path_factory.mktemp("data") / "desktops", CLIPS, "desktop")


def batches(folder: Path, model: ModelSection | None = None, **options: Any) -> "Batches":
    from tracekit.train.data import Batches

    of_data = {"frames": 5, "width_px": 64, "height_px": 48, "workers": 0, "tier": "regular"}
    data = {name: options.pop(name, value) for name, value in of_data.items()}
    return Batches(DataSection(shards=str(folder), **data), model or ModelSection(), **options)


def first(folder: Path, model: ModelSection | None = None, **options: Any) -> "Examples":
    return next(iter(batches(folder, model, shuffle=False, **options)))


def keys(of: "Batches", count: int) -> list[tuple[str, ...]]:
    return [examples.keys for examples in islice(of, count)]


def archive() -> ActionArchive:
    return ActionArchive.load(toy_desktop.sample("r0", 0, "train")[0]["actions.npz"])


def test_a_clip_is_lengthened_and_its_last_latent_weighs_half(terminals: Path) -> None:
    examples = first(terminals, frames=77)
    assert examples.video is not None
    assert examples.video.shape == (1, 77, 48, 64, 3)
    assert (examples.video[0, 75:] == examples.video[0, 74]).all()
    assert examples.weights.tolist() == [Alignment(75).latent_weights().tolist()]
    assert examples.captions == ("Of r0_0000.",)
    assert examples.actions is None
    assert examples.cursor is None


def test_latents_of_padding_alone_weigh_nothing(terminals: Path) -> None:
    assert first(terminals, frames=85).weights[0, -4:].tolist() == [1, 0.5, 0, 0]


@pytest.mark.parametrize("frames", [76, 78, 16])
def test_frames_that_make_no_latents_are_refused(terminals: Path, frames: int) -> None:
    with pytest.raises(TracekitError, match="n \\* 4 \\+ 1"):
        batches(terminals, frames=frames)


@pytest.mark.parametrize("convention", ["shown", "next"])
@pytest.mark.parametrize("lag_frames", [0, 3])
def test_actions_are_the_windows_of_the_clips_own_alignment(desktops: Path, convention: Any, lag_frames: int) -> None:
    """Lengthened or not: what is past the clip's end is nothing."""
    section = ActionSection(window_latents=2, lag_frames=lag_frames, convention=convention)
    given = first(desktops, ModelSection(actions=section), frames=77).actions
    assert given is not None
    alignment, stored = Alignment(75, 4, 2, lag_frames, convention), archive()
    raw, mask = alignment.windows(stored.raw.classes)
    assert np.array_equal(given.raw[0], raw)
    assert np.array_equal(given.mask[0], mask)
    assert np.array_equal(given.held[0], alignment.windows(stored.raw.held[1:]).values)
    meta = stored.meta_arrays()
    assert set(given.meta) == set(meta.slots)
    for name, values in meta.slots.items():
        fill = -1 if name in ("texts", "shortcuts") else 0
        assert np.array_equal(given.meta[name][0], alignment.windows(values, fill).values)
    assert (given.text_table, given.shortcut_table) == (("a",), ())


def test_positions_are_where_the_cursor_is_in_the_picture(desktops: Path) -> None:
    """The toy's screen of 64 x 48 at twice its size in 160 x 96 has 16 black columns on each side."""
    given = first(desktops, ACTIONS, width_px=160, height_px=96).actions
    assert given is not None
    assert given.positions[0, 1, -1].tolist() == pytest.approx([(16 + 2 * 30) / 159, 2 * 20 / 95])
    assert given.on_screen[0, 1, -1]
    assert not given.positions[~given.on_screen].any()


def test_tables_of_a_batch_are_merged(tmp_path: Path) -> None:
    samples = []
    for number, typed in enumerate(("b", "ab", "\x03")):
        files, described = toy.sample(f"r{number}", 0, "train")
        files["events.jsonl"] = dump_events([Event(10, "i", typed)])
        samples.append((files, described))
    folder = toy.Dataset({"train-000000.tar": samples}).write(tmp_path / "set")
    given = first(folder, ACTIONS, batch_size=3).actions
    assert given is not None
    assert given.text_table == ("ab", "b")
    assert given.shortcut_table == ("ctrl+c",)
    texts = given.meta["texts"].amax(dim=(1, 2, 3)).tolist()
    assert [given.text_table[text] if text >= 0 else "" for text in texts] == ["b", "ab", ""]
    assert given.meta["shortcuts"].amax(dim=(1, 2, 3)).tolist() == [-1, -1, 0]


@pytest.mark.parametrize("look", ["arrow", "recorded"])
def test_the_cursor_is_drawn_by_itself_after_the_first_frame(desktops: Path, look: Any) -> None:
    examples = first(desktops, ModelSection(cursor=CursorSection(look=look)))
    assert examples.cursor is not None
    assert examples.video is not None
    foreground, mask = examples.cursor.foreground[0].float(), examples.cursor.mask[0].float()
    assert mask[0].eq(1).all()
    assert ((foreground[0] + 1) * 127.5 - examples.video[0, 0]).abs().max() < 0.2
    assert 0 < mask[1].sum() < 21 * 14
    assert not foreground[1][mask[1] == 0].any()
    if look == "recorded":
        assert mask[1].nonzero().amin(dim=0).tolist() == [10, 10]


def test_clips_without_what_is_trained_with_are_left_out(tmp_path: Path) -> None:
    silent, described = toy.sample("silent", 0, "train")
    silent["events.jsonl"], described["statistics"]["inputs"] = dump_events([]), 0
    unseen, of_unseen = toy_desktop.sample("unseen", 0, "train")
    of_unseen["statistics"]["cursor_visible_frames"] = 0
    samples = [
        toy.sample("a", 0, "train"),
        (silent, described),
        toy_desktop.sample("b", 0, "train"),
        (unseen, of_unseen),
    ]
    folder = toy.Dataset({"train-000000.tar": samples}).write(tmp_path / "set")
    seen = {
        name: (sorted(key for (key,) in keys(of, of.clips)), of.left_out)
        for name, model in {"none": ModelSection(), "actions": ACTIONS, "cursor": BOTH}.items()
        for of in [batches(folder, model)]
    }
    assert seen == {
        "none": (["a_0000", "b_0000", "silent_0000", "unseen_0000"], 0),
        "actions": (["a_0000", "b_0000", "unseen_0000"], 1),
        "cursor": (["b_0000"], 3),
    }


def test_where_all_are_left_out_it_is_said(terminals: Path) -> None:
    with pytest.raises(TracekitError, match=f"no samples of the split 'train' but {CLIPS} that are left out"):
        batches(terminals, CURSOR)


def test_batches_never_end_and_each_epoch_has_all_clips(terminals: Path) -> None:
    seen = keys(batches(terminals, batch_size=2), 9)
    assert [sorted(key for batch in seen[at : at + 3] for key in batch) for at in (0, 3, 6)] == [
        [f"r{number}_0000" for number in range(CLIPS)]
    ] * 3
    assert seen[:3] != seen[3:6]


@pytest.mark.parametrize("taken", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("workers", [0, 2])
def test_stopped_and_taken_up_again_is_as_if_not_stopped(terminals: Path, taken: int, workers: int) -> None:
    whole = keys(batches(terminals, batch_size=2), 9)
    stopped = batches(terminals, batch_size=2)
    keys(stopped, taken)
    later = batches(terminals, batch_size=2, workers=workers)
    later.load_state_dict(json.loads(json.dumps(stopped.state_dict())))
    assert keys(later, 9 - taken) == whole[taken:]


def test_ranks_share_an_epoch_and_have_as_many_batches(terminals: Path) -> None:
    of_ranks = [batches(terminals, rank=rank, ranks=2) for rank in range(2)]
    seen = [key for of in of_ranks for (key,) in keys(of, len(of))]
    assert len(seen) == len(set(seen)) == CLIPS - 1
    assert of_ranks[0].state_dict() == of_ranks[1].state_dict()
    with pytest.raises(TracekitError, match=f"{CLIPS} clips for 6 ranks"):
        batches(terminals, rank=0, ranks=6)


def test_held_clips_are_the_orders_first_and_change_nothing(terminals: Path) -> None:
    of = batches(terminals)
    before = of.state_dict()
    held = [examples.keys for examples in of.held(2)]
    assert of.state_dict() == before
    assert held == keys(of, 2)
    assert [examples.keys for examples in batches(terminals, rank=1, ranks=2).held(2)] == held
    assert len(of.held(99)) == CLIPS


def test_an_epoch_of_which_nothing_can_be_read_is_an_error(tmp_path: Path) -> None:
    folder = clip_set(tmp_path / "set", 4, corrupt=2)
    damaged = folder / "shards" / "train-000001.tar"
    damaged.write_bytes(b"")
    of = batches(folder)
    with pytest.raises(TracekitError, match="not one clip of an epoch"):
        keys(of, 1)
    assert len(of.corrupt) == 4
    assert of.held(2) == []


@pytest.mark.parametrize("change", ["geometry", "files", "cursor"])
def test_a_sample_that_makes_no_sense_is_passed_over_and_named(tmp_path: Path, change: str) -> None:
    files, described = toy_desktop.sample("r0", 0, "train")
    if change == "geometry":
        described["geometry"] = {"width_px": 0}
    elif change == "files":
        files.pop("mp4")
    else:
        files.pop("cursor.npz")
    samples = [(files, described), toy_desktop.sample("r1", 0, "train")]
    of = batches(toy.Dataset({"train-000000.tar": samples}).write(tmp_path / "set"), BOTH, shuffle=False)
    assert keys(of, 2) == [("r1_0000",)] * 2
    assert [place.rpartition(" ")[2] for place in of.corrupt] == ["r0_0000"]


def test_a_digest_is_that_of_the_pixels(desktops: Path) -> None:
    def digest(model: ModelSection | None = None, **options: Any) -> str:
        return first(desktops, model, **options).digests[0]

    changed = [
        digest(frames=9),
        digest(width_px=80),
        digest(BOTH),
        digest(ModelSection(cursor=CursorSection(look="recorded"))),
    ]
    assert len({digest(), *changed}) == 5
    assert digest() == digest(ACTIONS) == digest(tier="semantic")
    assert digest(BOTH) == digest(CURSOR)
