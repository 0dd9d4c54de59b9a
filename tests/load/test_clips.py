"""What is loaded: what lies in the shards, as far as it is asked for, and what is wrong with it by name."""

import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from clip_sets import SHARDS, clip_set, need_torch
from shards import toy, toy_desktop

import tracekit
from tracekit.actions.archive import ActionArchive
from tracekit.actions.keystrokes import terminal_views
from tracekit.core.clock import frame_time_ns
from tracekit.core.errors import TracekitError
from tracekit.core.events import Event
from tracekit.core.files import Folder
from tracekit.load.frames import clip_frames, letterbox
from tracekit.terminal.grid import Grid
from tracekit.video.decode import frames_rgb


@pytest.fixture(autouse=True, scope="module")
def _torch() -> None:
    need_torch()


@pytest.fixture(scope="module")
def terminals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clip_set(tmp_path_factory.mktemp("load") / "terminals")


@pytest.fixture(scope="module")
def desktops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clip_set(tmp_path_factory.mktemp("load") / "desktops", clips=2, kind="desktop")


def first(source: Any, **options: Any) -> dict[str, Any]:
    return next(iter(tracekit.load(source, shuffle=False, **options)))


def keys(source: Any, **options: Any) -> list[str]:
    return [sample["key"] for sample in tracekit.load(source, frames=1, **options)]


def test_importing_tracekit_loads_no_torch() -> None:
    script = "import sys, tracekit; tracekit.load; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_terminal_is_loaded_as_it_lies(terminals: Path) -> None:
    import torch

    sample = first(terminals, tiers=("regular", "script", "chosen"), cells=True, cursor=True)
    assert sample["key"] == "r0_0000"
    assert sample["video"].dtype == torch.uint8
    assert np.array_equal(sample["video"].numpy(), frames_rgb(toy.video(), range(toy.FRAMES)))
    assert sample["captions"] == {"regular": "Of r0_0000.", "script": "", "chosen": "The screen shows `$ ls`."}
    assert sample["frame_mask"].all()
    assert sample["actions"] is None
    assert sample["cursor"] is None
    assert np.array_equal(sample["cells"]["frames"], toy.grid().frame_screens)
    assert sample["json"]["clock"]["frames"] == toy.FRAMES


def test_a_desktop_is_loaded_with_its_actions(desktops: Path) -> None:
    sample = first(desktops, cursor=True)
    archive = ActionArchive.load(toy_desktop.sample("r0", 0, "train")[0]["actions.npz"])
    actions = {name: value.numpy() for name, value in sample["actions"].items() if hasattr(value, "numpy")}
    assert actions["raw"].shape == (75, 182)
    assert np.array_equal(actions["raw"], archive.raw.classes)
    assert np.array_equal(actions["held"], archive.raw.held[1:])
    assert np.array_equal(actions["buttons"], archive.raw.buttons[1:])
    assert np.array_equal(actions["positions"], archive.positions)
    assert np.array_equal(sample["cursor"].positions, toy_desktop.cursor().positions)


def test_the_meta_view_is_loaded_as_it_lies(desktops: Path) -> None:
    actions = first(desktops)["actions"]
    stored = np.load(io.BytesIO(toy_desktop.sample("r0", 0, "train")[0]["actions.npz"]))
    assert actions["meta"].keys() >= {"types", "texts", "shortcuts"}
    assert all(np.array_equal(values, stored[name]) for name, values in actions["meta"].items())
    assert actions["text_table"] == stored["text_table"].tolist() == ["a"]
    assert actions["shortcut_table"] == []


def test_keystrokes_of_a_terminal_are_actions_where_they_are_asked_for(terminals: Path, desktops: Path) -> None:
    actions = first(terminals, keystrokes=True)["actions"]
    views = terminal_views([Event(frame_time_ns(2), "i", "l")], toy.FRAMES)
    assert np.array_equal(actions["raw"], views.raw.classes)
    assert actions["text_table"][actions["meta"]["texts"][2, 0]] == "l"
    assert not actions["visible"].any()
    assert actions["meta"]["types"].tolist() == views.meta_arrays().slots["types"].tolist()
    assert first(desktops, keystrokes=True)["actions"]["raw"].equal(first(desktops)["actions"]["raw"])


def test_a_video_not_asked_for_is_not_decoded(tmp_path: Path) -> None:
    sample = first(clip_set(tmp_path / "set", corrupt=1), video=False, frames=5)
    assert (sample["key"], sample["video"]) == ("r0_0000", None)
    assert sample["frame_mask"].tolist() == [True] * 5


def test_frames_that_stand_still_are_the_decoders_as_well() -> None:
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=15)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(12):
            picture = np.full((48, 64, 3), 60, np.uint8)
            picture[:, : 16 * (number // 4)] = 200
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    clip = clip_frames(file.getvalue(), 12, 12, None)
    assert np.array_equal(clip, frames_rgb(file.getvalue(), range(12)))
    assert len(np.unique(clip, axis=0)) >= 3


def test_more_frames_repeat_the_last_and_do_nothing(desktops: Path) -> None:
    import torch

    own, sample = first(desktops), first(desktops, frames=77, cursor=True)
    assert sample["frame_mask"].tolist() == [True] * 75 + [False] * 2
    assert torch.equal(sample["video"][:75], own["video"])
    assert torch.equal(sample["video"][75:], own["video"][74:].expand(2, -1, -1, -1))
    assert not sample["actions"]["raw"][75:].any()
    meta = {name: values[75:].unique().tolist() for name, values in sample["actions"]["meta"].items()}
    assert meta == {name: [-1] if name in ("texts", "shortcuts") else [0] for name in meta}
    assert torch.equal(sample["actions"]["positions"][75:], own["actions"]["positions"][74:].expand(2, -1))
    assert sample["cursor"].frames == 77


def test_fewer_frames_are_the_first(terminals: Path) -> None:
    import torch

    sample = first(terminals, frames=5, cells=True)
    assert torch.equal(sample["video"], first(terminals)["video"][:5])
    assert np.array_equal(sample["cells"]["frames"], toy.grid().frame_screens[:5])


def test_cells_not_asked_for_are_not_there(terminals: Path) -> None:
    assert not {"cells", "cursor", "actions"} & set(first(terminals, actions=False))


def test_a_picture_is_scaled_to_fit_and_the_rest_is_black(terminals: Path) -> None:
    import torch

    assert letterbox(64, 48, (40, 24)) == (4, 0, 32, 24)
    video = first(terminals, size=(40, 24))["video"].to(torch.int32)
    assert video.shape == (75, 24, 40, 3)
    assert not video[:, :, :4].any()
    assert not video[:, :, 36:].any()
    whole = first(terminals)["video"].to(torch.int32)
    assert (video[40, :, 4:36].float().mean() - whole[40].float().mean()).abs() < 1


def test_the_split_that_is_asked_for_is_loaded(terminals: Path) -> None:
    assert sorted(keys(terminals)) == [f"r{number}_0000" for number in range(7)]
    assert keys(terminals, split="validation") == ["v_0000"]
    with pytest.raises(TracekitError, match="no samples of the split 'test'"):
        keys(terminals, split="test")


def test_shards_are_loaded_by_name_with_an_index_and_without(terminals: Path, tmp_path: Path) -> None:
    shard = terminals / "shards" / SHARDS[1]
    (tmp_path / SHARDS[1]).write_bytes(shard.read_bytes())
    assert keys(shard, shuffle=False) == keys([tmp_path / SHARDS[1]], shuffle=False)
    assert sorted(keys(shard)) == [f"r{number}_0000" for number in range(3, 7)]


def test_a_store_is_read_as_a_folder_is(terminals: Path, tmp_path: Path) -> None:
    url = f"memory://{tmp_path}/set"
    for path in ("index.parquet", *(f"shards/{name}" for name in SHARDS)):
        Folder(url).write(path, (terminals / path).read_bytes())
    assert keys(url, seed=4) == keys(terminals, seed=4)


def test_ranks_and_torchs_own_workers_share_the_samples(terminals: Path) -> None:
    import torch

    found = []
    for rank in range(2):
        clips = tracekit.load(terminals, frames=1, rank=rank, ranks=2)
        loader = torch.utils.data.DataLoader(clips, batch_size=None, num_workers=2, collate_fn=only_key)
        found += list(loader)
    assert sorted(found) == [f"r{number}_0000" for number in range(7)]


def only_key(sample: Any) -> str:
    return str(sample["key"])


def test_torchrun_says_which_rank_this_is(terminals: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "3")
    assert keys(terminals, seed=2) == keys(terminals, seed=2, rank=1, ranks=3)
    assert len(keys(terminals)) == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tiers": ("long",)}, "no caption 'long'"),
        ({"frames": 0}, "frames"),
        ({"size": (0, 5)}, "size"),
        ({"seed": -1}, "negative"),
        ({"rank": 1}, "together"),
        ({"rank": 2, "ranks": 2}, "no rank 2 of 2"),
    ],
)
def test_an_option_out_of_range_is_refused(terminals: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(TracekitError, match=message):
        tracekit.load(terminals, **options)


def test_what_is_no_data_set_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(TracekitError, match="not the folder of a data set"):
        tracekit.load(tmp_path)
    (tmp_path / "index.parquet").write_bytes(b"no index")
    with pytest.raises(TracekitError, match="not an index"):
        tracekit.load(tmp_path)


def test_a_damaged_sample_is_passed_over_and_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = clip_set(tmp_path / "set", corrupt=2)
    assert keys(folder, shuffle=False) == [f"r{number}_0000" for number in range(2, 7)]
    assert f"{SHARDS[0]}: r1_0000: the member .mp4 is not what .json has the hash of" in caplog.text
    with pytest.raises(TracekitError, match="2 samples can't be read, and 1 may be passed over") as told:
        keys(folder, shuffle=False, max_corrupt=1)
    assert told.value.place.endswith(f"{SHARDS[0]}: r1_0000")


def rewritten(folder: Path, change: str, value: Any) -> Path:
    """A data set of one sample, whose clock or one file is another than it should be, hashes and all."""
    files, described = toy.sample("one", 0, "train")
    if change == "frames":
        described["clock"]["frames"] = value
    else:
        files[change] = value
    return toy.Dataset({SHARDS[0]: [(files, described)]}).write(folder)


@pytest.mark.parametrize(
    ("change", "value", "message"),
    [
        ("frames", 80, "the video has 75 frames, not 80"),
        ("frames", 10**12, "damaged: it has more than 1048576 frames"),
        ("frames", 0, "damaged: it has no frames"),
        ("mp4", b"no film", "does not decode"),
    ],
)
def test_a_sample_that_is_wrong_in_itself_is_named(tmp_path: Path, change: str, value: Any, message: str) -> None:
    folder = rewritten(tmp_path / "set", change, value)
    with pytest.raises(TracekitError, match=message) as told:
        keys_of_whole(folder)
    assert told.value.place.endswith(f"{SHARDS[0]}: one_0000")


def keys_of_whole(folder: Path) -> list[str]:
    return [sample["key"] for sample in tracekit.load(folder, max_corrupt=0)]


def test_a_shard_that_stops_early_or_is_gone_is_named(tmp_path: Path) -> None:
    folder = clip_set(tmp_path / "set", clips=2)
    shard = folder / "shards" / SHARDS[1]
    shard.write_bytes(shard.read_bytes()[:2000])
    assert keys(folder) == ["r0_0000"]
    shard.unlink()
    with pytest.raises(TracekitError, match="no such file") as told:
        keys(folder, max_corrupt=0)
    assert told.value.place.endswith(f"{SHARDS[1]}: r1_0000")


def test_cells_are_those_of_the_grid(terminals: Path) -> None:
    cells = first(terminals, cells=True)["cells"]
    with tarfile.open(terminals / "shards" / SHARDS[0]) as tar:
        stored = tar.extractfile("r0_0000.cells.npz")
        assert stored
        data = stored.read()
        described = tar.extractfile("r0_0000.json")
        assert described
        assert json.load(described)["key"] == "r0_0000"
    arrays = dict(np.load(io.BytesIO(data)))
    assert set(cells) == set(arrays)
    assert all(np.array_equal(cells[name], arrays[name]) for name in arrays)
    assert Grid.load(data).lines(74)[0] == "$ ls"
