"""What the paper's training runs would ask of this loader and trainer on H100 GPUs: arithmetic, and nothing measured.

    python benchmarks/paper_runs.py --decode-ms MS --cached-ms MS --sample-kb KB --desktop-ms MS --desktop-kb KB

These are measured: `benchmarks/trainer.py` prints the milliseconds of a core that a clip of 832x480x77 takes to decode
and to read as latents, those of a desktop with its cursor, and what samples of both weigh in their shards. The rest is
counted from Wan2.1's published sizes (by torch, on tensors without values) or is an assumption, a named constant here
with its source. Nothing here was run on a GPU. Ranges are from the better assumption to the worse one.
"""

import argparse
import math
import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from torch import nn

# Of an H100 SXM, by NVIDIA's data sheet; that gives twice as much for both, with sparsity.
BF16_PER_S: Final = 989.4e12
TF32_PER_S: Final = 494.7e12
GPU_BYTES: Final = 80e9
NVLINK_BYTES_PER_S: Final = 450e9
"""Each way; the data sheet has the sum of both."""
NETWORK_BYTES_PER_S: Final = 400e9 / 8
"""Between nodes, for each GPU: a DGX H100 has eight adapters of 400 Gb/s for its eight GPUs, by its data sheet."""
NODE_GPUS: Final = 8
"""Of a DGX H100. Each rank reads the whole model into its machine's memory before it is cut up."""
CORES: Final = 112 / NODE_GPUS
"""For each GPU: a DGX H100 has two processors of 56 cores, by its data sheet."""

UTILISATION: Final = (0.5, 0.3)
"""Of the peak that a transformer reaches. Assumed around the 38 to 43 % of Llama 3 405B on H100s (arXiv 2407.21783)."""
ENCODER_UTILISATION: Final = (0.4, 0.15)
"""The same of the autoencoder, whose convolutions of few channels wait for memory. Assumed; TF32 is torch's default for
convolutions in float32, in which it runs."""

STEP_FORWARDS: Final = 4
"""A step is so many forward passes of work: one, one more for gradient checkpointing, and two for the gradients."""
WEIGHT_BYTES, MOMENTS_BYTES, HALF_BYTES = 4, 8, 2
"""What is trained, its gradients and AdamW's two moments are float32; what is frozen under low-rank updates is bfloat16
(`tracekit.train.parallel`, `tracekit.train.lora`)."""
CHECKPOINT_EVERY, WORKERS = 500, 4
"""Of the recipes."""
PREFETCHED: Final = 2
"""Batches that each worker is ahead (`tracekit.load.loader.Loader`)."""
DISK_BYTES_PER_S: Final = 1e9
"""That a checkpoint is written with. Assumed."""
TEXT_TOKENS, TEXT_WIDTH, IMAGE_TOKENS, IMAGE_WIDTH = 512, 4096, 257, 1280
"""Of umT5-XXL, to which Wan lengthens captions, and of CLIP ViT-H/14."""
CAPTION_TOKENS: Final = 200
"""Of a caption of 76 words, the paper's mean of detailed ones (Table 3), which the cache keeps. Assumed."""

CLIP_S: Final = 5
"""Section 3.1.1."""
GENERAL_CLIPS: Final = 823_989
"""CLIGen (General), section 3.1.1."""
CLEAN_CLIPS: Final = 128_000
"""CLIGen (Clean), section 3.1.1: about 78,000 and 50,000."""
GUI_CLIPS: Final = (1_000 + 400 + 110) * 3600 // CLIP_S
"""GUIWorld, section 3.2.1: its hours, cut as the terminals are."""
GENERAL_HOURS, CLEAN_HOURS = 15_000, 7_000
"""Of H100s, section 3.1.3."""
GUI_GPUS, GUI_DAYS, GUI_STEPS = 64, 15, 64_000
"""Section 3.2.3."""


class Measured(NamedTuple):
    """Of one clip, on one core."""

    decode_ms: float
    cached_ms: float
    """Of terminals; others by their bytes."""
    sample_kb: float
    desktop_ms: float
    desktop_kb: float


class Clip(NamedTuple):
    """What is trained with. The paper does not say its sizes: these are of recipes/train."""

    name: str
    width_px: int
    height_px: int
    encodings: int
    """Passes of the autoencoder: the clip, its first frame with grey after it, and the cursor where there is one."""
    frames: int = 77

    @property
    def latents(self) -> tuple[int, int, int]:
        """Latent frames, rows, columns."""
        return (self.frames - 1) // 4 + 1, self.height_px // 8, self.width_px // 8

    @property
    def tokens(self) -> int:
        """Of the transformer: 2 x 2 latents each."""
        return math.prod(self.latents) // 4

    @property
    def cached_bytes(self) -> int:
        """What the cache keeps: latents, the first frame's and their mask, the cursor's, CLIP's and umT5's features."""
        channels = 16 + (4 + 16) + (4 + 16 + 1) * (self.encodings > 2)
        features = IMAGE_TOKENS * IMAGE_WIDTH + CAPTION_TOKENS * TEXT_WIDTH
        return HALF_BYTES * (channels * math.prod(self.latents) + features)

    @property
    def pixel_bytes(self) -> int:
        """Of an example: RGB in bytes, and of the cursor's reference RGB and mask in float16."""
        return self.frames * self.height_px * self.width_px * (3 + (3 + 1) * HALF_BYTES * (self.encodings > 2))


class Model(NamedTuple):
    """Wan2.1's image-to-video transformer at its published sizes (arXiv 2503.20314). The smaller one is published for
    text only; its parts for images are reckoned with."""

    name: str
    layers: int
    heads: int
    feed_forward: int

    @property
    def width(self) -> int:
        """Of a token: heads of 128."""
        return self.heads * 128


class Work(NamedTuple):
    """Of one clip."""

    weights: float
    operations: float
    """Multiplications and additions of a forward pass."""
    attention: float
    """Those of them that multiply tokens with tokens."""


TERMINALS, DESKTOPS = Clip("terminals", 832, 480, 2), Clip("desktops", 832, 624, 3)
LARGE, SMALL = Model("14B", 40, 40, 13824), Model("1.3B", 30, 12, 8960)
PAIRS: Final = [(model, clip) for model in (LARGE, SMALL) for clip in (TERMINALS, DESKTOPS)]
CORPORA: Final = (
    ("CLIGen General", GENERAL_CLIPS, TERMINALS),
    ("CLIGen Clean", CLEAN_CLIPS, TERMINALS),
    ("GUIWorld", GUI_CLIPS, DESKTOPS),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in Measured._fields:
        parser.add_argument(f"--{name.replace('_', '-')}", type=float, required=True)
    measured = Measured(**vars(parser.parse_args()))
    print("\n\n".join([steps(), data(measured), corpora(measured), runs(), memory()]))


def steps() -> str:
    """What a step costs."""
    rows = [["", "weights", "tokens", "forward", "attention", "step", "seconds", "encoding", "seconds", "of the step"]]
    for model, clip in PAIRS:
        work, step, before = transformer_work(model, clip), step_s(model, clip), encoding_s(clip)
        rows.append([
            f"{model.name} {clip.name}", f"{work.weights / 1e9:.1f} B", f"{clip.tokens:,}", peta(work.operations),
            f"{work.attention / work.operations:.0%}", peta(STEP_FORWARDS * work.operations),
            between(step), peta(encoding(clip)), between(before),
            f"{min(before) / max(step):.0%} to {max(before) / min(step):.0%}",
        ])  # fmt: skip
    return table("A step on one clip, and making its latents before it", rows)


def data(measured: Measured) -> str:
    """What a GPU asks of the data while it computes, at the better utilisation, with latents from the cache."""
    rows = [["", "clips/s", "cores to decode", "of its own", "latents", "for 64 GPUs", "read by the step itself"]]
    for model, clip in PAIRS:
        seconds = step_s(model, clip)[0]
        cores = (measured.decode_ms if clip is TERMINALS else measured.desktop_ms) / 1000 / seconds
        read_s = measured.cached_ms / 1000 * clip.cached_bytes / TERMINALS.cached_bytes
        megabytes = clip.cached_bytes / 1e6 / seconds
        rows.append([
            f"{model.name} {clip.name}", f"{1 / seconds:.3f}", f"{cores:.3f}", f"{cores / CORES:.2%}",
            f"{megabytes:.1f} MB/s", f"{64 * megabytes:.0f} MB/s", f"{read_s / seconds:.2%}",
        ])  # fmt: skip
    return table("What one GPU asks for", rows)


def corpora(measured: Measured) -> str:
    """What the paper's data sets weigh, as samples, as latents, and as pixels on their way to a GPU."""
    rows = [["", "clips", "as samples", "as latents", "H100 hours to encode", "in shared memory"]]
    for name, count, clip in CORPORA:
        sample_kb = measured.sample_kb if clip is TERMINALS else measured.desktop_kb
        hours = between([count * seconds / 3600 for seconds in encoding_s(clip)])
        ahead = NODE_GPUS * WORKERS * PREFETCHED * clip.pixel_bytes
        rows.append([
            name, f"{count:,}", f"{count * sample_kb / 1e6:.0f} GB", f"{count * clip.cached_bytes / 1e12:.1f} TB",
            hours, f"{ahead / 1e9:.1f} GB a machine",
        ])  # fmt: skip
    return table("The paper's data sets", rows)


def runs() -> str:
    """What the paper's GPU hours are in clips and epochs."""
    rows = [["", "hours", "million clips", "epochs"]]
    for (name, count, clip), hours in zip(CORPORA, (GENERAL_HOURS, CLEAN_HOURS, GUI_GPUS * GUI_DAYS * 24), strict=True):
        for model in (LARGE, SMALL):
            seen = [hours * 3600 / seconds for seconds in step_s(model, clip)]
            million, epochs = between([one / 1e6 for one in seen]), between([one / count for one in seen])
            rows.append([f"{name}, {model.name}", f"{hours:,}", million, epochs])
    step, seen_there = GUI_DAYS * 86400 / GUI_STEPS, GUI_GPUS * GUI_STEPS
    used = [
        f"{STEP_FORWARDS * transformer_work(model, DESKTOPS).operations / step / BF16_PER_S:.0%} for {model.name}"
        for model in (LARGE, SMALL)
    ]
    told = (
        f"GUIWorld by the paper's own numbers: {step:.1f} s a step. With one clip a GPU that is "
        f"{seen_there / 1e6:.1f} million clips,\n{seen_there / GUI_CLIPS:.1f} epochs, at a share of the peak of "
        f"{' and '.join(used)}."
    )
    return table("The paper's GPU hours, spent on steps alone", rows) + "\n" + told


def memory() -> str:
    """What is held and sent where the model is trained in full."""
    heads = [
        "state",
        "of 8 GPUs",
        "of 64",
        "encoders",
        "activations",
        "checkpoint",
        "start",
        "sent",
        "NVLink",
        "network",
    ]
    rows = [["GB", *heads]]
    for model in (LARGE, SMALL):
        weights = transformer_work(model, TERMINALS).weights
        state = weights * (2 * WEIGHT_BYTES + MOMENTS_BYTES)
        kept = model.layers * TERMINALS.tokens * model.width * HALF_BYTES
        start = NODE_GPUS * WEIGHT_BYTES * weights
        # FSDP2 gathers the weights for the forward and for the backward pass, and scatters the gradients.
        sent = 3 * WEIGHT_BYTES * weights
        sizes = (state, state / 8, state / 64, encoder_bytes(), kept, saved_bytes(model), start, sent)
        times = (sent / NVLINK_BYTES_PER_S, sent / NETWORK_BYTES_PER_S)
        rows.append([model.name, *(f"{size / 1e9:.1f}" for size in sizes), *(f"{seconds:.1f} s" for seconds in times)])
    frozen = HALF_BYTES * transformer_work(LARGE, TERMINALS).weights
    save_s, step = saved_bytes(LARGE) / DISK_BYTES_PER_S, step_s(LARGE, TERMINALS)[0]
    told = (
        f"Checkpoints of {LARGE.name}, one in {CHECKPOINT_EVERY} steps, at {DISK_BYTES_PER_S / 1e9:.0f} GB/s: "
        f"{save_s / (save_s + CHECKPOINT_EVERY * step):.1%} of the time.\n"
        f"With low-rank updates each GPU holds {frozen / 1e9:.1f} GB of frozen weights of {LARGE.name} and "
        f"{encoder_bytes() / 1e9:.1f} GB of encoders, of {GPU_BYTES / 1e9:.0f} GB."
    )
    return table("Training all weights on terminals with FSDP2", rows) + "\n" + told


def table(title: str, rows: list[list[str]]) -> str:
    """Lines of columns that are as wide as what is in them."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    first = [row[0].ljust(widths[0]) + line[widths[0] :] for row, line in zip(rows, lines, strict=True)]
    return "\n".join([title, *first])


def step_s(model: Model, clip: Clip) -> list[float]:
    """Seconds, at the better utilisation and at the worse."""
    operations = STEP_FORWARDS * transformer_work(model, clip).operations
    return [operations / BF16_PER_S / used for used in UTILISATION]


def encoding_s(clip: Clip) -> list[float]:
    """The same of making latents."""
    return [encoding(clip) / TF32_PER_S / used for used in ENCODER_UTILISATION]


def saved_bytes(model: Model) -> float:
    """Of a checkpoint: weights and moments."""
    return (WEIGHT_BYTES + MOMENTS_BYTES) * transformer_work(model, TERMINALS).weights


@cache
def transformer_work(model: Model, clip: Clip) -> Work:
    """Of a forward pass, counted with one block and with two: the others are the same."""
    one, two = (counted_transformer(model._replace(layers=layers), clip) for layers in (1, 2))
    return Work(*(first + (model.layers - 1) * (second - first) for first, second in zip(one, two, strict=True)))


def counted_transformer(model: Model, clip: Clip) -> Work:
    """Of a forward pass, block by block."""
    import torch
    from diffusers import WanTransformer3DModel

    with torch.device("meta"):
        transformer = WanTransformer3DModel(
            num_layers=model.layers, num_attention_heads=model.heads, attention_head_dim=128,
            ffn_dim=model.feed_forward, in_channels=36, out_channels=16, text_dim=TEXT_WIDTH, image_dim=IMAGE_WIDTH,
            added_kv_proj_dim=model.width,
        )  # fmt: skip
        operations, attention = counted(
            lambda: transformer(
                hidden_states=torch.empty(1, 36, *clip.latents),
                timestep=torch.empty(1),
                encoder_hidden_states=torch.empty(1, TEXT_TOKENS, TEXT_WIDTH),
                encoder_hidden_states_image=torch.empty(1, IMAGE_TOKENS, IMAGE_WIDTH),
                return_dict=False,
            )
        )
    return Work(weights_of(transformer), operations, attention)


@cache
def encoding(clip: Clip) -> float:
    """Operations of making a clip's latents: the autoencoder takes frame 0, then four frames at a time, all alike."""
    first, more = (counted_encoder(clip._replace(frames=frames)) for frames in (1, 5))
    return clip.encodings * (first + (clip.latents[0] - 1) * (more - first))


def counted_encoder(clip: Clip) -> float:
    """Of one pass."""
    import torch
    from diffusers import AutoencoderKLWan

    with torch.device("meta"):
        autoencoder = AutoencoderKLWan().eval()
        video = torch.empty(1, 3, clip.frames, clip.height_px, clip.width_px)
        return counted(lambda: autoencoder.encode(video))[0]


@cache
def encoder_bytes() -> float:
    """Of the frozen encoders on each GPU: the text's in bfloat16, those of pictures in float32."""
    import torch
    from diffusers import AutoencoderKLWan
    from transformers import CLIPVisionConfig, CLIPVisionModel, UMT5Config, UMT5EncoderModel

    text = UMT5Config(vocab_size=256384, d_model=4096, d_kv=64, d_ff=10240, num_layers=24, num_heads=64)
    image = CLIPVisionConfig(hidden_size=1280, intermediate_size=5120, num_hidden_layers=32, num_attention_heads=16)
    with torch.device("meta"):
        half = weights_of(UMT5EncoderModel(text))
        whole = weights_of(AutoencoderKLWan()) + weights_of(CLIPVisionModel(image))
    return half * HALF_BYTES + whole * WEIGHT_BYTES


def counted(work: Callable[[], object]) -> tuple[float, float]:
    """The operations of some work, and those of products of tokens with tokens."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter, torch.no_grad():
        work()
    # What attention is made of differs between versions of torch.
    parts = counter.get_flop_counts()["Global"].items()
    return counter.get_total_flops(), sum(part for name, part in parts if re.search("bmm|attention", str(name)))


def weights_of(module: "nn.Module") -> int:
    return sum(weight.numel() for weight in module.parameters())


def peta(operations: float) -> str:
    return f"{operations / 1e15:.2f} P"


def between(values: list[float]) -> str:
    """A range, to a tenth below 10."""
    return " to ".join(f"{value:.0f}" if value >= 10 else f"{value:.1f}" for value in values)


if __name__ == "__main__":
    main()
