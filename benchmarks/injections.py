"""What each injection of actions adds to Wan2.1's image-to-video transformer: weights, tokens and arithmetic.

    python benchmarks/injections.py [--frames 77] [--size 832x480] [--window 3]

Counted by torch on tensors without values, so that the 14 billion weights take no memory: the operations of a forward
pass, of matrix products, convolutions and attention. A mask of attention saves nothing in this count: the contextual
injection's is counted as the dense one it is. Nothing is timed, and no GPU is needed.
"""

import argparse
from typing import TYPE_CHECKING, NamedTuple

from tracekit.actions.latents import WAN_STRIDE, Alignment
from tracekit.core import plugins
from tracekit.train.config import ActionSection

if TYPE_CHECKING:
    from torch import nn

    from tracekit.train.injections.base import ActionInjection
    from tracekit.train.tensors import Actions, Tensor

WAN_14B = {
    "num_attention_heads": 40, "attention_head_dim": 128, "num_layers": 40, "ffn_dim": 13824, "in_channels": 36,
    "out_channels": 16, "text_dim": 4096, "image_dim": 1280, "added_kv_proj_dim": 5120,
}  # fmt: skip
"""Of Wan2.1-I2V-14B-480P, as diffusers has it."""
TEXT_TOKENS, IMAGE_TOKENS = 512, 257
NAMES = ("none", "external", "contextual", "residual", "internal")


class Cost(NamedTuple):
    """Of one clip."""

    weights: int
    tokens: int
    operations: int
    """Multiplications and additions of a forward pass."""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--frames", type=int, default=77)
    arguments.add_argument("--size", default="832x480")
    arguments.add_argument("--window", type=int, default=3, help="latent frames of a window of actions")
    given = arguments.parse_args()
    width, height = (int(side) // 8 for side in given.size.split("x"))
    alignment = Alignment(given.frames, WAN_STRIDE, given.window)
    print(f"{given.frames} frames of {given.size}: {alignment.latents} latents of {height} x {width}, one clip")
    print(f"{'':12}{'weights':>16}{'tokens':>12}{'operations':>14}{'of all':>9}")
    base = cost("none", alignment, height, width)
    for name in NAMES:
        found = base if name == "none" else cost(name, alignment, height, width)
        less = Cost(0, 0, 0) if name == "none" else base
        weights, tokens, operations = (one - other for one, other in zip(found, less, strict=True))
        added = "" if name == "none" else "+"
        share = f"{operations / base.operations:.2%}"
        print(f"{name:12}{added}{weights / 1e6:13,.1f} M{tokens:12,}{operations / 1e12:12.2f} T{share:>9}")


def cost(name: str, alignment: Alignment, height: int, width: int) -> Cost:
    """Of the transformer with an injection.

    Args:
        name: of a plug-in, or ``none``.
        alignment: of the clip's actions.
        height: of the latents.
        width: of the latents.
    """
    import torch
    from diffusers import WanTransformer3DModel
    from torch.utils.flop_counter import FlopCounterMode

    from tracekit.train.seams import Shape

    with torch.device("meta"):
        transformer = WanTransformer3DModel(**WAN_14B)
    patch: tuple[int, int, int] = tuple(transformer.config.patch_size)
    inner = WAN_14B["num_attention_heads"] * WAN_14B["attention_head_dim"]
    shape = Shape(inner, WAN_14B["num_layers"], WAN_14B["num_attention_heads"], 16, patch, WAN_14B["text_dim"])
    injection: ActionInjection | None = None
    if name != "none":
        with torch.device("meta"):
            injection = plugins.load("injections", name)(ActionSection(injection=name), shape).to("meta")
        injection.attach(transformer)
    tokens: list[int] = []
    transformer.blocks[1].register_forward_pre_hook(lambda _module, args: tokens.append(args[0].shape[1]))
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        if injection:
            injection.give(nothing_done(alignment), torch.empty(1, shape.text_width, device="meta"))
        run(transformer, torch.empty(1, WAN_14B["in_channels"], alignment.latents, height, width, device="meta"))
    modules: list[nn.Module] = [transformer, *([injection] if injection else [])]
    weights = sum(parameter.numel() for module in modules for parameter in module.parameters())
    return Cost(weights, tokens[0], counter.get_total_flops())


def run(transformer: "nn.Module", video: "Tensor") -> None:
    """A forward pass."""
    import torch

    transformer(
        hidden_states=video,
        timestep=torch.empty(1, device="meta"),
        encoder_hidden_states=torch.empty(1, TEXT_TOKENS, WAN_14B["text_dim"], device="meta"),
        encoder_hidden_states_image=torch.empty(1, IMAGE_TOKENS, WAN_14B["image_dim"], device="meta"),
        return_dict=False,
    )


def nothing_done(alignment: Alignment) -> "Actions":
    """Actions without values, with one text and one shortcut in their tables."""
    import torch

    from tracekit.train.tensors import Actions

    rows = (1, alignment.latents, alignment.window_frames)
    slots = ("types", "click_buttons", "click_counts", "drags", "scroll_directions", "scroll_amounts")
    with torch.device("meta"):
        return Actions(
            raw=torch.empty(*rows, 182, dtype=torch.uint8),
            held=torch.empty(*rows, 169, dtype=torch.bool),
            positions=torch.empty(*rows, 2),
            on_screen=torch.empty(rows, dtype=torch.bool),
            mask=torch.empty(rows, dtype=torch.bool),
            meta={name: torch.empty(*rows, 2, dtype=torch.long) for name in (*slots, "texts", "shortcuts")},
            text_table=("ls",),
            shortcut_table=("Return",),
        )


if __name__ == "__main__":
    main()
