"""Low-rank updates: nothing at first, all that is trained, and the same when merged or loaded by diffusers."""

from made_actions import shake  # isort: skip
from tiny_wan import encoded, tiny, unchanged  # isort: skip

from pathlib import Path

import pytest
import torch
from diffusers import WanTransformer3DModel

from tracekit.core.errors import TracekitError
from tracekit.train.config import LoraSection
from tracekit.train.denoiser import Denoiser
from tracekit.train.lora import add_lora, lower_frozen, merged, save_lora
from tracekit.train.tensors import Tensor

SECTION = LoraSection(rank=4, alpha=8)
TIMES = torch.tensor([900.0, 30.0])


def velocity(transformer: WanTransformer3DModel) -> Tensor:
    conditions = encoded().conditions
    with torch.no_grad():
        made = transformer(
            hidden_states=torch.cat([encoded().latents, conditions.first], dim=1),
            timestep=TIMES,
            encoder_hidden_states=conditions.text,
            encoder_hidden_states_image=conditions.image,
        )
    velocity: Tensor = made.sample
    return velocity


def trained() -> WanTransformer3DModel:
    """One whose updates are not 0."""
    transformer = tiny().transformer
    add_lora(transformer, SECTION, seed=0)
    with torch.no_grad():
        for name, weight in transformer.named_parameters():
            if "lora_B" in name:
                weight.normal_(std=0.1, generator=torch.Generator().manual_seed(1))
    assert not velocity(transformer).allclose(velocity(unchanged().transformer), atol=1e-3)
    return transformer


def test_updates_change_nothing_at_first_and_are_all_that_is_trained() -> None:
    backbone, before = tiny(checkpointing=True), torch.random.get_rng_state()
    add_lora(backbone.transformer, SECTION, seed=0)
    assert torch.random.get_rng_state().equal(before)
    denoiser = Denoiser(backbone)
    assert velocity(backbone.transformer).equal(velocity(unchanged().transformer))
    denoiser(encoded().latents, TIMES, encoded().conditions).square().mean().backward()
    with_gradient = {name for name, weight in denoiser.named_parameters() if weight.grad is not None}
    assert with_gradient
    assert all(".lora_" in name for name in with_gradient)
    assert with_gradient == {name for name, weight in denoiser.named_parameters() if weight.requires_grad}


def test_new_updates_are_a_function_of_the_seed() -> None:
    def weights(seed: int) -> Tensor:
        transformer = tiny().transformer
        add_lora(transformer, SECTION, seed)
        found: Tensor = transformer.blocks[0].attn1.to_q.lora_A["default"].weight
        return found

    assert weights(3).equal(weights(3))
    assert not weights(3).equal(weights(4))


def test_a_merged_copy_makes_the_same_and_the_transformer_stays_as_it_is() -> None:
    transformer = trained()
    before = {name: weight.clone() for name, weight in transformer.state_dict().items()}
    copy = merged(transformer)
    assert copy.state_dict().keys() == unchanged().transformer.state_dict().keys()
    assert velocity(copy).allclose(velocity(transformer), atol=1e-4)
    assert all(weight.equal(before[name]) for name, weight in transformer.state_dict().items())


def test_saved_updates_are_loaded_by_diffusers_pipeline_with_their_scale(tmp_path: Path) -> None:
    transformer = trained()
    save_lora(str(tmp_path), transformer)
    pipeline = tiny().pipeline
    pipeline.load_lora_weights(str(tmp_path))
    assert velocity(pipeline.transformer).allclose(velocity(transformer), atol=1e-5)


def test_an_unknown_target_is_told() -> None:
    with pytest.raises(TracekitError, match=r"model\.lora\.targets.*to_z"):
        add_lora(tiny().transformer, LoraSection(targets=("to_z",)), seed=0)


def test_inputs_that_were_just_put_in_are_trained_in_full() -> None:
    transformer = tiny(cursor=True).transformer
    add_lora(transformer, SECTION, seed=0)
    trained_in_full = {
        name for name, weight in transformer.named_parameters() if weight.requires_grad and ".lora_" not in name
    }
    assert trained_in_full == {"patch_embedding.weight", "patch_embedding.bias"}
    with torch.no_grad():
        transformer.patch_embedding.weight.add_(1)
    assert merged(transformer).patch_embedding.weight.equal(transformer.patch_embedding.weight)


def test_frozen_weights_in_half_the_memory_give_the_same_numbers_under_autocast() -> None:
    def gradients(lowered: bool) -> list[Tensor]:
        backbone = tiny()
        add_lora(backbone.transformer, SECTION, seed=0)
        shake(backbone.transformer)
        if lowered:
            lower_frozen(backbone.transformer)
        batch = encoded()
        with torch.autocast("cpu", torch.bfloat16):
            times = torch.full((len(batch.latents),), 300.0)
            Denoiser(backbone)(batch.latents, times, batch.conditions).square().mean().backward()
        return [weight.grad for weight in backbone.transformer.parameters() if weight.grad is not None]

    whole, half = gradients(lowered=False), gradients(lowered=True)
    assert len(whole) == len(half) > 0
    assert all(map(torch.equal, whole, half))


def test_only_layers_that_are_not_trained_are_lowered() -> None:
    transformer = tiny(cursor=True).transformer
    add_lora(transformer, SECTION, seed=0)
    lower_frozen(transformer)
    lowered = {name for name, weight in transformer.named_parameters() if weight.dtype == torch.bfloat16}
    assert "blocks.0.attn1.to_q.base_layer.weight" in lowered
    assert not any("norm" in name or "lora_" in name or "patch_embedding" in name for name in lowered)
