"""What passes between the data, the encoders, the injections and the loss: tensors with names.

Dimensions: b examples of a batch; f frames of the lengthened clip, n * 4 + 1; t latent frames, n + 1; h, w the
picture's pixels; H, W those of a latent, an eighth; r rows of a latent's window of actions
(`tracekit.actions.latents.Alignment`).
"""

from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, Final, TypeVar, cast

import torch
from torch import Tensor as Tensor

_T = TypeVar("_T")

TEXT_TOKENS: Final = 512
"""Of every caption's features, as Wan's cross-attention takes them; 0 after the caption's end."""


@dataclass(frozen=True)
class Actions:
    """What was done, as each latent frame is given it. Padding rows hold 0 (-1 in ``texts`` and ``shortcuts``)."""

    raw: Tensor
    """uint8 (b, t, r, 182): the raw view, 0 or 1."""
    held: Tensor
    """bool (b, t, r, 169): the keys that are down."""
    positions: Tensor
    """float32 (b, t, r, 2): the cursor's hotspot in the picture, ``(s * x + p) / (w - 1)``: 0 to 1 on it."""
    on_screen: Tensor
    """bool (b, t, r): whether the position is known and on the screen."""
    mask: Tensor
    """bool (b, t, r): whether the row is a frame of the clip, and not padding."""
    meta: dict[str, Tensor]
    """int64 (b, t, r, 2), a value for each of two slots: ``types``, ``click_buttons``, ``click_counts``, ``drags``,
    ``scroll_directions``, ``scroll_amounts``, ``texts``, ``shortcuts``, as docs/actions.md has them. The last two are
    indexes of ``text_table`` and ``shortcut_table``, or -1."""
    text_table: tuple[str, ...]
    """What is typed anywhere in the batch."""
    shortcut_table: tuple[str, ...]
    """Chords used anywhere in the batch, such as ``ctrl+c``."""


@dataclass(frozen=True)
class CursorReference:
    """The cursor by itself, in pixels (`tracekit.actions.cursor_maps`): frame 0 is the whole picture."""

    foreground: Tensor
    """float16 (b, f, h, w, 3), -1 to 1."""
    mask: Tensor
    """float16 (b, f, h, w), 0 to 1; all ones in frame 0, all zeros where the cursor is hidden or not known."""


@dataclass(frozen=True)
class Examples:
    """A batch as the data gives it, on the CPU and in pixels."""

    keys: tuple[str, ...]
    """Of the samples."""
    digests: tuple[str, ...]
    """Of each example, SHA-256 over the hash of its video and all that changes its pixels here: the latents' name."""
    video: Tensor | None
    """uint8 (b, f, h, w, 3), RGB. None where the latents of all examples are in the cache; black in those that are."""
    captions: tuple[str, ...]
    """The caption of the tier that is trained with; '' where a sample has none."""
    weights: Tensor
    """float32 (b, t): the share of a latent's frames that are of the clip, 0 to 1; of latent 0 it is 1."""
    actions: Actions | None = None
    """None where the samples are of terminals that took no input, or no injection asks for them."""
    cursor: CursorReference | None = None
    """None where it is not asked for, or the latents of all examples are in the cache."""
    cached: tuple[dict[str, Tensor], ...] = ()
    """Of each example what the cache has of it (`tracekit.train.latent_cache`); of no example without a cache."""


@dataclass(frozen=True)
class Conditions:
    """All that the model is given besides the noisy latents."""

    first: Tensor
    """(b, 4 + 16, t, H, W): the mask of known frames and the latents of the first frame with grey after it."""
    image: Tensor
    """(b, n, d): CLIP's features of the first frame."""
    text: Tensor
    """(b, 512, d): umT5's features of the caption."""
    actions: Actions | None = None
    """For the injection."""
    text_features: Tensor | None = None
    """(n, d): umT5's of each of ``actions.text_table``, mean over its tokens; for the injection."""
    cursor: Tensor | None = None
    """(b, 4 + 16, t, H, W): the cursor's mask, as four channels a latent, and the latents of its foreground."""
    cursor_mask: Tensor | None = None
    """(b, t, H, W), 0 to 1: where the cursor is, for the loss; 0 in latent 0, which is the whole picture."""


@dataclass(frozen=True)
class Encoded:
    """A batch as the loss takes it, on the device of the model."""

    keys: tuple[str, ...]
    """Of the samples."""
    latents: Tensor
    """float32 (b, 16, t, H, W), normalised: what is to be denoised."""
    weights: Tensor
    """float32 (b, t), as in `Examples`."""
    conditions: Conditions
    """What it is denoised with."""


def moved(value: _T, device: torch.device | str) -> _T:
    """A value of these classes with all its tensors on a device."""
    if isinstance(value, Tensor):
        return cast(_T, value.to(device))
    if isinstance(value, dict):
        return type(value)((name, moved(item, device)) for name, item in value.items())
    if is_dataclass(value) and not isinstance(value, type):
        changes: dict[str, Any] = {field.name: moved(getattr(value, field.name), device) for field in fields(value)}
        return replace(value, **changes)
    return value
