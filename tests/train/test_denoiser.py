"""The module that is trained: all of it visible to what wraps it, and the same with less memory."""

from tiny_wan import LATENTS, encoded, tiny, unchanged  # isort: skip

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from diffusers import WanTransformer3DModel
from torch import nn

from tracekit.core.errors import TracekitError
from tracekit.train.denoiser import Denoiser
from tracekit.train.seams import Shape
from tracekit.train.tensors import Conditions, Tensor

TIMES = torch.tensor([900.0, 30.0])


class Adds(nn.Module):
    """An injection that adds its one weight to the noisy latents, and remembers what it was given."""

    streams = 0

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(()))
        self.given: list[Any] = []

    def attach(self, transformer: nn.Module) -> None:
        transformer.register_forward_pre_hook(self._add, with_kwargs=True)

    def give(self, actions: Any, text_features: Any) -> None:
        self.given.append((actions, text_features))

    def features(self) -> tuple[()]:
        return ()

    def _add(self, _module: nn.Module, args: Any, kwargs: dict[str, Any]) -> Any:
        return args, {**kwargs, "hidden_states": kwargs["hidden_states"] + self.weight}


def predicted(denoiser: Denoiser, **changes: Any) -> Tensor:
    made: Tensor = denoiser(encoded().latents, TIMES, replace(encoded().conditions, **changes))
    return made


def gradients(denoiser: Denoiser) -> dict[str, Tensor]:
    (predicted(denoiser).square().mean() + denoiser.visual_features.square().mean()).backward()
    return {name: weight.grad for name, weight in denoiser.named_parameters() if weight.grad is not None}


def test_the_velocity_has_the_latents_shape_and_full_precision() -> None:
    with torch.autocast("cpu", torch.bfloat16):
        velocity = predicted(Denoiser(unchanged()))
    assert velocity.shape == encoded().latents.shape
    assert velocity.dtype == torch.float32


def test_an_injections_weights_are_trained_with_the_transformers() -> None:
    injection = Adds()
    denoiser = Denoiser(tiny(), injection)
    assert gradients(denoiser)["injection.weight"] != 0
    assert {name.partition(".")[0] for name, _ in denoiser.named_parameters()} == {"transformer", "injection"}


def test_an_injection_is_given_the_actions_of_each_forward_pass() -> None:
    injection = Adds()
    denoiser = Denoiser(tiny(), injection)
    actions: Any = SimpleNamespace(text_table=("ls",))
    features = torch.ones(1, 32)
    predicted(denoiser, actions=actions, text_features=features)
    predicted(denoiser)
    assert injection.given == [(actions, features), (None, None)]


def test_a_cursor_is_a_further_input_that_changes_nothing_at_first_and_is_learned() -> None:
    denoiser = Denoiser(tiny(cursor=True))
    cursor = torch.randn(encoded().conditions.first.shape, generator=torch.Generator().manual_seed(0))
    velocity = predicted(denoiser, cursor=cursor)
    assert velocity.equal(predicted(Denoiser(unchanged())))
    velocity.square().mean().backward()
    assert denoiser.transformer.patch_embedding.weight.grad[:, 36:].any()


def test_gradient_checkpointing_changes_no_gradient() -> None:
    kept, recomputed = gradients(Denoiser(tiny())), gradients(Denoiser(tiny(checkpointing=True)))
    assert kept.keys() == recomputed.keys()
    assert all(kept[name].equal(recomputed[name]) for name in kept)


def test_visual_features_are_the_mean_over_each_latent_frame_of_what_the_last_block_made() -> None:
    denoiser, seen = Denoiser(tiny()), []
    denoiser.transformer.blocks[-1].register_forward_hook(lambda _module, _inputs, output: seen.append(output))
    predicted(denoiser)
    frames = seen[0].chunk(LATENTS, dim=1)
    expected = torch.stack([frame.mean(dim=1) for frame in frames], dim=1)
    assert denoiser.visual_features.allclose(expected, atol=1e-6)
    assert denoiser.visual_features.requires_grad


def test_a_transformer_that_gives_no_features_is_told() -> None:
    class Plain(nn.Module):
        def forward(self, hidden_states: Tensor, **_conditions: Any) -> tuple[Tensor]:
            return (hidden_states[:, :16],)

    shape = Shape(width=8, blocks=0, heads=1, channels=16, patch=(1, 1, 1), text_width=32)
    backbone: Any = SimpleNamespace(transformer=Plain(), shape=shape)
    denoiser = Denoiser(backbone)
    assert predicted(denoiser).equal(encoded().latents)
    with pytest.raises(TracekitError, match="norm_out"):
        _ = denoiser.visual_features


def test_a_transformer_of_wans_full_size_takes_what_the_tiny_one_takes() -> None:
    with torch.device("meta"):
        transformer = WanTransformer3DModel(
            in_channels=36, out_channels=16, text_dim=4096, image_dim=1280, added_kv_proj_dim=5120
        )
        backbone: Any = SimpleNamespace(
            transformer=transformer, shape=unchanged().shape._replace(width=5120, blocks=40, heads=40, text_width=4096)
        )
        conditions = Conditions(
            first=torch.empty(1, 20, 20, 60, 104), image=torch.empty(1, 257, 1280), text=torch.empty(1, 512, 4096)
        )
        denoiser = Denoiser(backbone)
        velocity = denoiser(torch.empty(1, 16, 20, 60, 104), torch.empty(1), conditions)
    assert velocity.shape == (1, 16, 20, 60, 104)
    assert denoiser.visual_features.shape == (1, 20, 5120)


def test_nothing_of_the_conditions_is_without_effect() -> None:
    denoiser = Denoiser(unchanged())
    conditions: Conditions = encoded().conditions
    velocity = predicted(denoiser)
    for name in ("first", "image", "text"):
        assert not predicted(denoiser, **{name: getattr(conditions, name).flip(0)}).equal(velocity), name


def test_the_transformer_still_works_without_the_denoiser_as_in_a_pipeline() -> None:
    denoiser = Denoiser(tiny())
    conditions, latents = encoded().conditions, encoded().latents
    predicted(denoiser)
    features = denoiser.visual_features
    made = denoiser.transformer(
        hidden_states=torch.cat([latents, conditions.first], dim=1)[:, :, :2],
        timestep=TIMES,
        encoder_hidden_states=conditions.text,
        encoder_hidden_states_image=conditions.image,
    )
    assert made.sample.shape[2] == 2
    assert denoiser.visual_features is features
