"""What encoders make of a batch: the same with a cache as without but for float16, and the same every time."""

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from load.clip_sets import need_torch
from shards import toy, toy_desktop

from tracekit.train.config import ActionSection, CursorSection, DataSection, ModelSection

if TYPE_CHECKING:
    from tracekit.train.encode import Encoder
    from tracekit.train.seams import Backbone
    from tracekit.train.tensors import Encoded, Examples, Tensor

BOTH = ModelSection(backbone="wan-tiny", actions=ActionSection(), cursor=CursorSection(look="recorded"))


@pytest.fixture(autouse=True, scope="module")
def _torch() -> None:
    need_torch()


@pytest.fixture(scope="module")
def desktops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of three clips with videos of their own."""
    samples = []
    for number in range(3):
        files, described = toy_desktop.sample(f"r{number}", 0, "train")
        described["geometry"]["width_px"] = 64 + 2 * number
        samples.append((files | {"mp4": toy.video(width_px=64 + 2 * number)}, described))
    return toy.Dataset({"train-000000.tar": samples}).write(tmp_path_factory.mktemp("encode") / "desktops")


@pytest.fixture(scope="module")
def backbone(_torch: None) -> "Backbone":
    from tracekit.train.backbones.tiny import wan_tiny

    return wan_tiny(BOTH)


def examples(folder: Path, backbone: "Backbone", cache: Path | None, batches: int, **options: Any) -> list["Examples"]:
    from tracekit.train.data import Batches

    data = DataSection(shards=str(folder), frames=9, width_px=64, height_px=48, workers=0, tier="regular")
    return list(islice(Batches(data, BOTH, cache=of(cache, backbone), **options), batches))


def of(folder: Path | None, backbone: "Backbone") -> Any:
    from tracekit.train.latent_cache import LatentCache

    return LatentCache(str(folder), backbone.digest) if folder else None


def encoder(backbone: "Backbone", cache: Path | None = None) -> "Encoder":
    from tracekit.train.encode import Encoder

    return Encoder(backbone, of(cache, backbone))


def tensors(encoded: "Encoded") -> dict[str, "Tensor"]:
    made = vars(encoded.conditions) | vars(encoded)
    return {name: value for name, value in made.items() if name not in ("keys", "conditions", "actions")}


def differences(one: "Encoded", other: "Encoded") -> dict[str, float]:
    """The largest of each tensor."""
    return {name: (value - tensors(other)[name]).abs().max().item() for name, value in tensors(one).items()}


def test_all_is_as_the_seams_have_it(desktops: Path, backbone: "Backbone") -> None:
    import torch

    encoded = encoder(backbone)(examples(desktops, backbone, None, 1, batch_size=2)[0])
    text, width = (512, backbone.shape.text_width), backbone.shape.text_width
    shapes = {"latents": (2, 16, 3, 6, 8), "weights": (2, 3), "first": (2, 20, 3, 6, 8), "text": (2, *text),
              "cursor": (2, 20, 3, 6, 8), "cursor_mask": (2, 3, 6, 8)}  # fmt: skip
    found = tensors(encoded)
    assert {name: tuple(found[name].shape) for name in shapes} == shapes
    assert found["text_features"].shape == (1, width)
    assert {value.dtype for value in found.values()} == {torch.float32}
    assert encoded.conditions.actions is not None


def test_what_is_typed_has_the_mean_of_its_tokens_features(desktops: Path, backbone: "Backbone") -> None:
    (one,) = examples(desktops, backbone, None, 1)
    assert one.actions is not None
    assert one.actions.text_table == ("a",)
    features = backbone.encode_text(("a",))[0]
    tokens = features[features.any(dim=1)]
    given = encoder(backbone)(one).conditions.text_features
    assert given is not None
    assert given.equal(tokens.mean(dim=0, keepdim=True))


def test_a_clip_is_encoded_the_same_whatever_is_beside_it(desktops: Path, backbone: "Backbone") -> None:
    (both,) = examples(desktops, backbone, None, 1, batch_size=2)
    alone = examples(desktops, backbone, None, 2)
    together, apart = encoder(backbone)(both), [encoder(backbone)(one) for one in alone]
    assert all(together.latents[number].equal(one.latents[0]) for number, one in enumerate(apart))


def test_the_first_epoch_with_a_cache_is_as_the_next_bit_for_bit(
    desktops: Path, backbone: "Backbone", tmp_path: Path
) -> None:
    """So that a run taken up again in its first epoch has the losses of one that was not stopped."""
    made = [encoder(backbone, tmp_path)(one) for one in examples(desktops, backbone, tmp_path, 3)]
    again = examples(desktops, backbone, tmp_path, 3)
    assert [(one.video, one.cursor) for one in again] == [(None, None)] * 3
    for before, after in zip(made, map(encoder(backbone, tmp_path), again), strict=True):
        assert before.keys == after.keys
        assert set(differences(before, after).values()) == {0}


def test_with_a_cache_all_is_as_without_but_for_float16(desktops: Path, backbone: "Backbone", tmp_path: Path) -> None:
    (plain,) = examples(desktops, backbone, None, 1)
    (kept,) = examples(desktops, backbone, tmp_path, 1)
    without, with_cache = encoder(backbone)(plain), encoder(backbone, tmp_path)(kept)
    for name, difference in differences(without, with_cache).items():
        assert difference <= tensors(without)[name].abs().max().item() * 2**-11
    assert differences(without, with_cache)["latents"] > 0


def test_the_loss_with_a_cache_is_that_without_but_for_float16(
    desktops: Path, backbone: "Backbone", tmp_path: Path
) -> None:
    from tracekit.train.denoiser import Denoiser
    from tracekit.train.flow import held_loss

    denoiser = Denoiser(backbone)
    losses = [
        held_loss(denoiser, encoder(backbone, cache)(examples(desktops, backbone, cache, 1)[0]), 3.0, seed=1, draws=1)
        for cache in (None, tmp_path, tmp_path)
    ]
    assert losses[1] == losses[2]
    assert losses[1] == pytest.approx(losses[0], rel=2**-10)


def test_a_batch_of_which_the_cache_has_a_part_is_completed(
    desktops: Path, backbone: "Backbone", tmp_path: Path
) -> None:
    encoder(backbone, tmp_path)(examples(desktops, backbone, tmp_path, 1)[0])
    (batch,) = examples(desktops, backbone, tmp_path, 1, batch_size=3)
    assert batch.video is not None
    assert [bool(video.any()) for video in batch.video] == [False, True, True]
    whole = encoder(backbone, tmp_path)(batch)
    (again,) = examples(desktops, backbone, tmp_path, 1, batch_size=3)
    assert again.video is None
    assert set(differences(whole, encoder(backbone, tmp_path)(again)).values()) == {0}


def test_held_clips_have_their_video_though_the_cache_has_them(
    desktops: Path, backbone: "Backbone", tmp_path: Path
) -> None:
    from tracekit.train.data import Batches

    encoder(backbone, tmp_path)(examples(desktops, backbone, tmp_path, 1)[0])
    data = DataSection(shards=str(desktops), frames=9, width_px=64, height_px=48, workers=0, tier="regular")
    (held,) = Batches(data, BOTH, cache=of(tmp_path, backbone)).held(1)
    assert held.video is not None
    assert "latents" in held.cached[0]
