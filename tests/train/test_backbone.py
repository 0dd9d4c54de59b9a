"""A backbone: Wan's own encoders as its pipeline uses them, frozen, one by one, and the same when loaded again."""

from tiny_wan import CAPTIONS, FRAMES, HEIGHT_PX, LATENTS, WIDTH_PX, encoded, tiny, typing, unchanged  # isort: skip

import shutil
from pathlib import Path

import PIL.Image
import pytest
import torch
from diffusers import WanTransformer3DModel
from safetensors.torch import load_file, save_file

from tracekit.actions.latents import Alignment
from tracekit.core.errors import TracekitError
from tracekit.core.plugins import load
from tracekit.train.config import CursorSection, ModelSection
from tracekit.train.seams import Backbone
from tracekit.train.tensors import Tensor


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model as it is saved."""
    made = tmp_path_factory.mktemp("wan") / "tiny"
    unchanged().save(str(made), unchanged().transformer)
    return made


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "copy"))


def wan(weights: Path | None, **section: object) -> Backbone:
    return load("backbones", "wan")(ModelSection(weights=str(weights) if weights else None, **section))


def same_weights(one: torch.nn.Module, other: torch.nn.Module) -> bool:
    ours, theirs = one.state_dict(), other.state_dict()
    return ours.keys() == theirs.keys() and all(ours[name].equal(theirs[name]) for name in ours)


def test_the_tiny_one_is_the_same_each_time_and_draws_nothing_from_others() -> None:
    before = torch.random.get_rng_state()
    again = load("backbones", "wan-tiny")(ModelSection(backbone="wan-tiny", gradient_checkpointing=False))
    assert isinstance(again, Backbone)
    assert again.digest == unchanged().digest
    assert same_weights(again.transformer, unchanged().transformer)
    assert torch.random.get_rng_state().equal(before)


def test_the_tiny_one_refuses_weights() -> None:
    with pytest.raises(TracekitError, match=r"model\.weights"):
        load("backbones", "wan-tiny")(ModelSection(backbone="wan-tiny", weights="folder"))


def test_latents_of_screens_have_about_a_mean_of_0_and_a_deviation_of_1() -> None:
    latents = unchanged().encode_video(typing())
    assert latents.shape == (2, 16, LATENTS, HEIGHT_PX // 8, WIDTH_PX // 8)
    assert abs(float(latents.mean())) < 0.2
    assert 0.8 < float(latents.std()) < 1.25


def test_what_is_decoded_has_the_pixels_of_what_was_encoded() -> None:
    video = unchanged().decode_video(unchanged().encode_video(typing()))
    assert video.shape == typing().shape
    assert video.dtype == torch.uint8


def test_a_frame_changes_no_latent_before_the_one_that_it_is_aligned_to() -> None:
    video, alignment = typing(1), Alignment(frames=FRAMES)
    latents = unchanged().encode_video(video)
    for frame in (0, 1, 4, 5, 16):
        other = video.clone()
        other[:, frame] = 255 - other[:, frame]
        changed = (unchanged().encode_video(other) != latents).any(dim=1).flatten(2).any(dim=2)[0]
        assert int(changed.nonzero()[0]) == alignment.latent_of(frame)


def test_the_first_frames_condition_is_that_of_wans_pipeline_bit_for_bit() -> None:
    pipeline, frame = unchanged().pipeline, typing()[1, 0]
    picture = pipeline.video_processor.preprocess(PIL.Image.fromarray(frame.numpy()), HEIGHT_PX, WIDTH_PX)
    with torch.no_grad():
        _, theirs = pipeline.prepare_latents(
            picture, 1, height=HEIGHT_PX, width=WIDTH_PX, num_frames=FRAMES, dtype=torch.float32
        )
    assert unchanged().encode_first(frame[None], FRAMES).equal(theirs)


def test_pictures_and_captions_are_encoded_as_wans_pipeline_does_bit_for_bit() -> None:
    pipeline, frame = unchanged().pipeline, typing()[1, 0]
    with torch.no_grad():
        image = pipeline.encode_image(PIL.Image.fromarray(frame.numpy()))
        text, empty = pipeline.encode_prompt(CAPTIONS[0], max_sequence_length=512)
    assert unchanged().encode_image(frame[None]).equal(image)
    assert unchanged().encode_text((CAPTIONS[0], "")).equal(torch.cat([text, empty]))


def test_captions_are_512_tokens_and_0_after_their_end() -> None:
    text = unchanged().encode_text(("pwd", "x" * 2000))
    assert text.shape == (2, 512, 32)
    assert not text[0, 6:].any()
    assert text[1].any(dim=1).all()


def test_what_is_made_of_an_example_does_not_depend_on_its_neighbours() -> None:
    video, backbone = typing(), unchanged()
    for many, one in (
        (backbone.encode_video(video), backbone.encode_video(video[1:])),
        (backbone.encode_first(video[:, 0], FRAMES), backbone.encode_first(video[1:, 0], FRAMES)),
        (backbone.encode_image(video[:, 0]), backbone.encode_image(video[1:, 0])),
        (backbone.encode_text(CAPTIONS), backbone.encode_text(CAPTIONS[1:])),
    ):
        assert many[1:].equal(one)


def test_a_saved_folder_is_loaded_bit_for_bit(folder: Path) -> None:
    loaded = wan(folder)
    assert isinstance(loaded, Backbone)
    assert same_weights(loaded.transformer, unchanged().transformer)
    assert loaded.digest == unchanged().digest
    assert loaded.shape == unchanged().shape
    video = typing()
    assert loaded.encode_video(video).equal(encoded().latents)
    assert loaded.encode_first(video[:, 0], FRAMES).equal(encoded().conditions.first)
    assert loaded.encode_image(video[:, 0]).equal(encoded().conditions.image)
    assert loaded.encode_text(CAPTIONS).equal(encoded().conditions.text)


def test_a_transformer_widened_for_a_cursor_is_saved_and_loaded_as_wide(tmp_path: Path) -> None:
    wide = tiny(cursor=True)
    wide.save(str(tmp_path / "wide"), wide.transformer)
    loaded = wan(tmp_path / "wide", cursor=CursorSection())
    assert loaded.transformer.patch_embedding.in_channels == 16 + 20 + 20
    assert same_weights(loaded.transformer, wide.transformer)
    with pytest.raises(TracekitError, match=r"takes 56 channels, not 36.*model\.cursor"):
        wan(tmp_path / "wide")


def test_a_transformer_saved_in_half_precision_is_trained_in_full_precision(copy: Path) -> None:
    half = tiny().transformer.to(torch.bfloat16)
    half.save_pretrained(copy / "transformer")
    loaded = wan(copy).transformer
    assert {weight.dtype for weight in loaded.parameters()} == {torch.float32}
    assert loaded.proj_out.weight.equal(half.proj_out.weight.float())


def test_the_digest_is_of_the_encoders_as_they_are_used() -> None:
    one = tiny()
    with torch.no_grad():
        one.transformer.proj_out.weight.add_(1)
    assert one.digest == unchanged().digest
    one.to(torch.device("cpu"), torch.bfloat16)
    assert one.digest != unchanged().digest


def test_only_the_text_encoder_takes_a_lower_precision_and_features_stay_float32() -> None:
    one = tiny()
    one.to(torch.device("cpu"), torch.bfloat16)
    assert one.encode_video(typing()).equal(encoded().latents)
    text = one.encode_text(CAPTIONS)
    assert text.dtype == torch.float32
    assert not text.equal(encoded().conditions.text)
    assert text.allclose(encoded().conditions.text, atol=0.1)


def test_encoders_keep_their_precision_where_the_transformers_is_lowered() -> None:
    backbone, video = unchanged(), typing()
    with torch.autocast("cpu", torch.bfloat16):
        assert backbone.encode_video(video).equal(encoded().latents)
        assert backbone.encode_image(video[:, 0]).equal(encoded().conditions.image)
        assert backbone.encode_text(CAPTIONS).equal(encoded().conditions.text)
        pictures = backbone.decode_video(encoded().latents)
    assert pictures.equal(backbone.decode_video(encoded().latents))


def test_without_weights_wan_says_how_to_get_some(tmp_path: Path) -> None:
    with pytest.raises(TracekitError, match=r"model\.weights.*hf download"):
        wan(None)
    with pytest.raises(TracekitError, match=r"no such folder.*hf download"):
        wan(tmp_path / "absent")


@pytest.mark.parametrize(
    "part", ["vae", "image_encoder", "transformer", "tokenizer", "text_encoder", "image_processor"]
)
def test_a_missing_part_is_named(copy: Path, part: str) -> None:
    shutil.rmtree(copy / part)
    with pytest.raises(TracekitError, match=f"copy: the part {part} is missing"):
        wan(copy)


@pytest.mark.parametrize(
    "name",
    [
        "vae/diffusion_pytorch_model.safetensors",
        "transformer/diffusion_pytorch_model.safetensors",
        "text_encoder/model.safetensors",
        "image_encoder/model.safetensors",
        "vae/config.json",
        "text_encoder/config.json",
        "tokenizer/tokenizer.json",
        "image_processor/preprocessor_config.json",
    ],
)
def test_a_damaged_part_is_named(copy: Path, name: str) -> None:
    damaged = copy / name
    damaged.write_bytes(damaged.read_bytes()[: damaged.stat().st_size // 2])
    with pytest.raises(TracekitError, match=f"{name.partition('/')[0]}: the part can't be read"):
        wan(copy)


@pytest.mark.parametrize(
    ("name", "weight"),
    [
        ("vae/diffusion_pytorch_model.safetensors", "quant_conv.bias"),
        ("transformer/diffusion_pytorch_model.safetensors", "proj_out.bias"),
        ("text_encoder/model.safetensors", "encoder.final_layer_norm.weight"),
        ("image_encoder/model.safetensors", None),
    ],
)
def test_weights_that_are_missing_are_not_made_up(copy: Path, name: str, weight: str | None) -> None:
    weights = load_file(copy / name)
    del weights[weight or sorted(weights)[-1]]
    save_file(weights, copy / name, metadata={"format": "pt"})
    with pytest.raises(TracekitError, match="1 weights are missing"):
        wan(copy)


def velocity(transformer: torch.nn.Module, channels: Tensor, image: Tensor | None) -> Tensor:
    with torch.no_grad():
        made = transformer(
            hidden_states=channels,
            timestep=torch.tensor([500.0, 20.0]),
            encoder_hidden_states=encoded().conditions.text,
            encoder_hidden_states_image=image,
        )
    return made.sample


def test_a_text_to_video_model_gets_inputs_for_images_that_change_nothing_yet(copy: Path) -> None:
    torch.manual_seed(0)
    config = {**unchanged().transformer.config, "in_channels": 16, "image_dim": None, "added_kv_proj_dim": None}
    plain = WanTransformer3DModel.from_config(config)
    plain.save_pretrained(copy / "transformer")
    conditions, latents = encoded().conditions, encoded().latents
    wide = wan(copy).transformer
    made = velocity(wide, torch.cat([latents, conditions.first], dim=1), conditions.image)
    assert made.equal(velocity(plain, latents, None))
    assert wide.patch_embedding.in_channels == 36
    assert same_weights(wide, wan(copy).transformer)
    shutil.rmtree(copy / "image_encoder")
    with pytest.raises(TracekitError, match="the part image_encoder is missing"):
        wan(copy)


def test_widening_leaves_what_is_made_unchanged_whatever_the_new_channels_hold() -> None:
    conditions, latents = encoded().conditions, encoded().latents
    channels = torch.cat([latents, conditions.first], dim=1)
    before = velocity(unchanged().transformer, channels, conditions.image)
    wide = tiny(cursor=True).transformer
    filled = torch.cat([channels, torch.randn(2, 20, *latents.shape[2:])], dim=1)
    assert velocity(wide, filled, conditions.image).equal(before)
    assert wide.config.in_channels == filled.shape[1]
