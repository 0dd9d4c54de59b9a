"""The four injections: what they leave as it was, whom they tell what, and that a transformer learns from them."""

from made_actions import FRAMES, Frames, LATENTS, SHAPE, busy, idle, new_transformer, run, shake, text_features, windows  # isort: skip

from typing import Any

import pytest
import torch
from torch import nn

from tracekit.core import plugins
from tracekit.core.errors import TracekitError
from tracekit.train.config import ActionSection
from tracekit.train.injections.attention import RowAttention
from tracekit.train.injections.base import ActionInjection
from tracekit.train.injections.external import External
from tracekit.train.injections.internal import Internal
from tracekit.train.injections.residual import Residual
from tracekit.train.seams import Injection
from tracekit.train.tensors import Tensor

ALL = ("external", "contextual", "residual", "internal")
ADDED = ("external", "residual", "internal")
"""Those whose last projection begins with 0."""


def injected(name: str, transformer: nn.Module | None = None, **options: Any) -> tuple[ActionInjection, nn.Module]:
    transformer = transformer or new_transformer()
    section = ActionSection(injection=name, options=options)
    torch.manual_seed(0)
    injection = plugins.load("injections", name)(section, SHAPE)
    injection.attach(transformer)
    return injection, transformer


def told(injection: ActionInjection, transformer: nn.Module, clip: Frames) -> Tensor:
    injection.give(windows(clip), text_features())
    with torch.no_grad():
        return run(transformer)


@pytest.fixture(scope="module")
def plain() -> Tensor:
    """What the transformer makes by itself."""
    with torch.no_grad():
        return run(new_transformer())


@pytest.mark.parametrize("name", ADDED)
def test_it_begins_as_the_transformer_was(name: str, plain: Tensor) -> None:
    assert torch.equal(told(*injected(name), busy()), plain)


def test_contextual_does_not_begin_as_the_transformer_was(plain: Tensor) -> None:
    made = told(*injected("contextual"), busy())
    assert made.shape == plain.shape
    assert not torch.allclose(made, plain, atol=1e-3)


@pytest.mark.parametrize("name", ALL)
def test_without_actions_the_transformer_works_as_without_hooks(name: str, plain: Tensor) -> None:
    injection, transformer = injected(name)
    shake(injection)
    assert not torch.equal(told(injection, transformer, busy()), plain)
    injection.give(None, None)
    with torch.no_grad():
        assert torch.equal(run(transformer), plain)
    assert injection.features() == ()


@pytest.mark.parametrize("name", ALL)
def test_the_transformer_stays_one_of_diffusers_own(name: str) -> None:
    injection, transformer = injected(name)
    assert isinstance(injection, Injection)
    assert transformer.state_dict().keys() == new_transformer().state_dict().keys()
    assert type(transformer) is type(new_transformer())


@pytest.mark.parametrize("name", ALL)
def test_gradient_checkpointing_changes_no_gradient(name: str) -> None:
    gradients = []
    for checkpointing in (False, True):
        injection, transformer = injected(name)
        shake(injection)
        transformer.train()
        if checkpointing:
            transformer.enable_gradient_checkpointing()
        injection.give(windows(busy()), text_features())
        run(transformer).square().mean().backward()
        both = [*transformer.parameters(), *injection.parameters()]
        gradients.append([parameter.grad for parameter in both if parameter.grad is not None])
    assert len(gradients[0]) == len(gradients[1])
    assert all(torch.equal(one, two) for one, two in zip(*gradients, strict=True))


@pytest.mark.parametrize("encoding", ["raw", "meta"])
@pytest.mark.parametrize("name", ALL)
def test_what_differs_in_actions_alone_is_learned(name: str, encoding: str) -> None:
    """Two examples with the same picture, text and noise, but not the same target.

    The best that can be made of them without their actions is the mean of both, whose loss is 0.01.
    """
    transformer = new_transformer(1).requires_grad_(False)
    torch.manual_seed(0)
    section = ActionSection(injection=name, encoding=encoding)
    injection = plugins.load("injections", name)(section, SHAPE._replace(blocks=1))
    injection.attach(transformer)
    actions = windows(busy(0, 5), busy(1, 5))
    wanted = run(transformer, 2, latents=2) + torch.tensor([0.1, -0.1]).view(2, 1, 1, 1, 1)
    optimiser = torch.optim.AdamW(injection.parameters(), lr=1e-2)
    for _ in range(20):
        injection.give(actions, text_features())
        loss = (run(transformer, 2, latents=2) - wanted).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert loss < 0.0095
    assert all(parameter.grad is not None and parameter.grad.isfinite().all() for parameter in injection.parameters())


def updates(module: nn.Module, injection: ActionInjection, transformer: nn.Module) -> list[Tensor]:
    """What a module gives, (t, n, width), for two clips that differ in frame 10 alone."""
    found: list[Tensor] = []
    module.register_forward_hook(lambda _module, _args, made: found.append(made[0].reshape(LATENTS, -1, SHAPE.width)))
    quiet, acts = idle(), idle()
    acts["types"][10, 0] = acts["click_buttons"][10, 0] = 1
    for clip in (quiet, acts):
        told(injection, transformer, clip)
    return found


@pytest.mark.parametrize(("name", "part"), [("internal", "attn2"), ("residual", "")])
def test_a_block_tells_a_latent_what_is_in_its_window_alone(name: str, part: str) -> None:
    injection, transformer = injected(name)
    shake(injection)
    before, after = updates(transformer.blocks[0].get_submodule(part), injection, transformer)[:2]
    # Frame 10 is in the windows of latents 3 (frames 1 to 12), 4 (5 to 16), and not in that of latent 2 (to frame 8).
    assert (before != after).any(dim=-1).all(dim=-1).tolist() == [False, False, False, True, True]
    assert torch.equal(before[:3], after[:3])


@pytest.mark.parametrize(("name", "told_apart"), [("external", True), ("internal", True), ("residual", False)])
def test_rows_that_are_attended_to_say_when_in_a_window_something_is_done_and_means_do_not(
    name: str, told_apart: bool
) -> None:
    injection, transformer = injected(name)
    shake(injection)
    made = []
    for frame in (13, 14):  # both in the window of the last latent alone
        clip = idle()
        clip["types"][frame, 0] = clip["click_buttons"][frame, 0] = 1
        made.append(told(injection, transformer, clip))
    assert torch.allclose(*made, atol=1e-6) != told_apart


@pytest.mark.parametrize("name", ADDED)
def test_a_window_in_which_nothing_is_known_is_no_trouble(name: str) -> None:
    injection, transformer = injected(name)
    shake(injection)
    injection.give(windows(busy(), section=ActionSection(lag_frames=8)), text_features())
    assert not injection.given.mask[0, :2].any()
    made = run(transformer)
    made.sum().backward()
    assert made.isfinite().all()
    assert all(parameter.grad.isfinite().all() for parameter in injection.parameters() if parameter.grad is not None)


def test_internal_comes_between_the_attention_to_the_text_and_the_feed_forward() -> None:
    transformer = new_transformer()
    block = transformer.blocks[0]
    found: dict[str, Tensor] = {}
    block.norm2.register_forward_pre_hook(lambda _module, args: found.update(after_self=args[0]))
    block.attn2.register_forward_hook(lambda _module, _args, made: found.update(text=made))
    injection, _ = injected("internal", transformer)
    shake(injection)
    attention = injection.get_submodule("attentions.0")
    attention.register_forward_hook(lambda _module, args, made: found.update(asks=args[0], actions=made))
    block.norm3.register_forward_pre_hook(lambda _module, args: found.update(before_feed_forward=args[0]))
    told(injection, transformer, busy())
    after_text = found["after_self"] + found["text"]
    assert torch.allclose(found["asks"].flatten(1, 2), after_text, atol=1e-6)
    assert torch.allclose(found["before_feed_forward"], after_text + found["actions"].flatten(1, 2), atol=1e-6)
    assert found["actions"].any()


def test_a_latent_without_rows_is_told_nothing() -> None:
    torch.manual_seed(0)
    attention = RowAttention(8, 6, 2)
    tokens, rows = torch.randn(1, 2, 3, 8), torch.randn(1, 2, 4, 6)
    mask = torch.tensor([[[False] * 4, [True, False, False, True]]])
    told = attention(tokens, rows, mask)
    assert not told[:, 0].any()
    assert told[:, 1].all()
    assert torch.equal(told, attention(tokens, torch.where(mask[..., None], rows, 9), mask))


def test_the_update_of_latents_looks_back_only() -> None:
    injection, _ = injected("external")
    assert isinstance(injection, External)
    shake(injection)
    latents = torch.randn(1, 16, LATENTS, 4, 6, generator=torch.Generator().manual_seed(5))
    quiet, acts = idle(), idle()
    acts["types"][10, 0] = acts["click_buttons"][10, 0] = 1
    found = []
    for clip in (quiet, acts):
        injection.give(windows(clip), text_features())
        found.append(injection.update(latents, injection.given)[0].detach())
    differ = (found[0] != found[1]).any(dim=0).flatten(1).any(dim=1)
    assert differ.tolist() == [False, False, False, True, True]


def test_only_noisy_latents_are_changed_before_the_transformer() -> None:
    injection, transformer = injected("external")
    shake(injection)
    given: list[Tensor] = []
    transformer.patch_embedding.register_forward_pre_hook(lambda _module, args: given.append(args[0]))
    told(injection, transformer, busy())
    injection.give(None, None)
    run(transformer)
    assert not torch.allclose(given[0][:, :16], given[1][:, :16])
    assert torch.equal(given[0][:, 16:], given[1][:, 16:])


@pytest.mark.parametrize(
    ("name", "every", "blocks"), [("internal", 1, [0, 1]), ("internal", 2, [0]), ("residual", 2, [0])]
)
def test_one_block_in_so_many_is_told(name: str, every: int, blocks: list[int], plain: Tensor) -> None:
    injection, transformer = injected(name, every=every)
    assert isinstance(injection, Internal | Residual)
    parts = injection.attentions if isinstance(injection, Internal) else injection.branches
    assert len(parts) == len(blocks)
    calls: list[int] = []
    for number, part in zip(blocks, parts, strict=True):
        part.register_forward_hook(lambda *_, number=number: calls.append(number))
    told(injection, transformer, busy())
    assert calls == blocks


@pytest.mark.parametrize("name", ALL)
def test_actions_of_another_length_than_the_video_are_refused(name: str) -> None:
    injection, transformer = injected(name)
    injection.give(windows(busy(frames=FRAMES + 4)), text_features())
    with pytest.raises(TracekitError, match="actions of 1 clips of 6 latent frames for a video of 1 of 5"):
        run(transformer)


@pytest.mark.parametrize("name", ALL)
def test_options_that_an_injection_does_not_have_are_refused_by_name(name: str) -> None:
    with pytest.raises(TracekitError) as error:
        injected(name, colour=1)
    assert error.value.place == "model.actions.options.colour"
    assert name in error.value.remedy


@pytest.mark.parametrize("name", ["contextual", "residual", "internal"])
def test_a_transformer_without_blocks_is_refused(name: str) -> None:
    with pytest.raises(TracekitError, match="Linear has no blocks"):
        injected(name, nn.Linear(2, 2))


@pytest.mark.parametrize("name", ALL)
def test_tokens_of_several_latent_frames_are_refused(name: str) -> None:
    with pytest.raises(TracekitError, match="2 latent frames"):
        plugins.load("injections", name)(ActionSection(injection=name), SHAPE._replace(patch=(2, 2, 2)))
