"""Frames by torchcodec: nearly the exact ones, on the CPU; a GPU is refused where it can't decode."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from clip_sets import clip_set, need_torch
from components import require

import tracekit
from tracekit.core.errors import TracekitError
from tracekit.video.encode import ClipEncoder

FRAMES, SIZE = 12, (192, 96)
COLORS = ((40, 140, 110), (90, 90, 200), (180, 60, 140), (225, 128, 128), (120, 200, 90), (60, 160, 180))
"""Y, U, V of blocks 32 pixels wide."""


@pytest.fixture(autouse=True, scope="module")
def _torch() -> None:
    need_torch()


@pytest.fixture
def torchcodec() -> Any:
    require("torchcodec", module="torchcodec", remedy="pip install --no-deps a torchcodec built for this torch")
    from tracekit.load import torchcodec_frames

    torchcodec_frames.check("cpu")
    return torchcodec_frames


@pytest.fixture(scope="module")
def terminals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clip_set(tmp_path_factory.mktemp("torchcodec") / "terminals", clips=3)


def video(pix_fmt: Any = "yuv420p") -> bytes:
    """Blocks of colour that move by a block from frame to frame, over thin light strokes that stay."""
    encoder = ClipEncoder(*SIZE, pix_fmt=pix_fmt, qp=4)
    step = SIZE[0] // encoder.planes.u.shape[1]
    for number in range(FRAMES):
        for block in range(len(COLORS)):
            for plane, value, scale in zip(
                encoder.planes, COLORS[(block + number // 3) % len(COLORS)], (1, step, step), strict=True
            ):
                plane[:, block * 32 // scale : (block + 1) * 32 // scale] = value
        encoder.planes.y[64:90:4, 8:-8:5] = 235
        encoder.frame(changed=number % 3 == 0)
    return encoder.finish()


def apart(codec: Any, size: tuple[int, int] | None, pix_fmt: str = "yuv420p") -> np.ndarray[Any, Any]:
    """By how many levels frames differ from the exact ones."""
    from tracekit.load.frames import clip_frames

    ours = clip_frames(video(pix_fmt), FRAMES, FRAMES, size)
    theirs = codec.clip_frames(video(pix_fmt), FRAMES, FRAMES, size, "cpu").numpy()
    assert theirs.shape == ours.shape
    assert theirs.dtype == np.uint8
    return np.abs(theirs.astype(np.int16) - ours)


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv444p"])
def test_a_colour_is_the_exact_one_to_two_levels(torchcodec: Any, pix_fmt: str) -> None:
    blocks = apart(torchcodec, None, pix_fmt).reshape(FRAMES, SIZE[1], len(COLORS), 32, 3)
    assert blocks[:, 8:56, :, 8:-8].max() <= 2


@pytest.mark.parametrize("size", [None, (96, 48), (100, 100), (300, 200)])
def test_pictures_differ_from_the_exact_ones_at_edges_alone(torchcodec: Any, size: tuple[int, int] | None) -> None:
    levels = apart(torchcodec, size)
    assert levels.mean() < 3
    assert (levels > 8).mean() < 0.1


def test_frames_are_as_many_as_asked_for_and_fitted_into_black(torchcodec: Any) -> None:
    clip = torchcodec.clip_frames(video(), FRAMES, 15, (100, 100), "cpu")
    assert clip.shape == (15, 100, 100, 3)
    assert not clip[:, :25].any()
    assert not clip[:, 75:].any()
    assert clip[:, 25:75].any()
    assert clip[12:].equal(clip[11:12].expand(3, -1, -1, -1))
    assert clip[:5].equal(torchcodec.clip_frames(video(), FRAMES, 5, (100, 100), "cpu"))


def test_a_video_that_does_not_decode_as_far_is_an_error_of_one_line(torchcodec: Any) -> None:
    with pytest.raises(TracekitError, match=f"the video has {FRAMES} frames, not 13"):
        torchcodec.clip_frames(video(), 13, 13, None, "cpu")
    with pytest.raises(TracekitError, match=rf"the video has \d frames, not {FRAMES}"):
        torchcodec.clip_frames(video()[: len(video()) // 2], FRAMES, FRAMES, None, "cpu")
    pictures = video().index(b"mdat") + 4
    for damaged in (b"", b"no video", video()[:pictures] + b"\xff" * 200 + video()[pictures + 200 :]):
        with pytest.raises(TracekitError, match="torchcodec does not decode the video") as caught:
            torchcodec.clip_frames(damaged, FRAMES, FRAMES, None, "cpu")
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_data_set_is_loaded_in_the_same_order_with_nearly_the_same_videos(
    torchcodec: Any, terminals: Path, workers: int
) -> None:
    from tracekit.load.loader import Loader

    exact = list(Loader(tracekit.load(terminals, frames=3)))
    batches = list(Loader(tracekit.load(terminals, frames=3, decoder="torchcodec"), workers=workers))
    assert [batch["key"] for batch in batches] == [batch["key"] for batch in exact]
    for ours, theirs in zip(exact, batches, strict=True):
        assert (ours["video"].int() - theirs["video"].int()).abs().max() <= 2
        assert theirs["video"].is_shared() == bool(workers)


@pytest.mark.parametrize(
    ("device", "said"),
    [("cuda", "no cuda here"), ("cuda:1", "no cuda:1 here"), ("cuda:x", "on 'cuda:x'"), ("mps", "on 'mps'")],
)
def test_a_device_that_is_not_here_is_refused(
    torchcodec: Any, terminals: Path, monkeypatch: pytest.MonkeyPatch, device: str, said: str
) -> None:
    monkeypatch.setattr("torch.cuda.device_count", lambda: 0)
    with pytest.raises(TracekitError, match=said):
        tracekit.load(terminals, decoder="torchcodec", device=device)


def test_where_torchcodec_is_missing_it_is_said_how_to_get_it(terminals: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torchcodec", None)
    with pytest.raises(TracekitError, match=r"can't be imported \(pip install"):
        tracekit.load(terminals, decoder="torchcodec")


@pytest.mark.parametrize("options", [{"decoder": "gpu"}, {"device": "cuda"}])
def test_a_decoder_that_is_not_known_or_has_no_gpu_is_refused(terminals: Path, options: dict[str, str]) -> None:
    with pytest.raises(TracekitError, match=r"no decoder 'gpu'|PyAV decodes on the CPU"):
        tracekit.load(terminals, **options)


def on_gpu(terminals: Path) -> Any:
    from tracekit.load.catalog import find
    from tracekit.load.clips import Clips
    from tracekit.load.sample import Wanted

    return Clips(find(terminals, "train"), Wanted(decoder="torchcodec", device="cuda"))


@pytest.mark.parametrize("options", [{"workers": 1}, {"pin_memory": True}])
def test_a_loader_with_workers_or_pinned_memory_refuses_a_gpu(terminals: Path, options: dict[str, Any]) -> None:
    from tracekit.load.loader import Loader

    assert Loader(on_gpu(terminals)).workers == 0
    with pytest.raises(TracekitError, match="not handed over by workers, nor pinned"):
        Loader(on_gpu(terminals), **options)


def test_a_worker_of_another_loader_refuses_a_gpu(terminals: Path) -> None:
    from torch.utils.data import DataLoader

    with pytest.raises(TracekitError, match="a GPU decodes in the process that trains"):
        next(iter(DataLoader(on_gpu(terminals), batch_size=None, num_workers=1)))


def test_videos_that_lie_on_a_device_are_stacked_there(terminals: Path) -> None:
    from tracekit.load.collate import collate

    samples = list(tracekit.load(terminals, frames=2, actions=False))
    for sample in samples:
        sample["video"] = sample["video"].to("meta")
    video = collate(samples)["video"]
    assert (video.device.type, tuple(video.shape)) == ("meta", (3, 2, 48, 64, 3))
