"""The cursor as a picture: a further input of the transformer, and a loss where it is (Neural Computers, appendix D.5).

The paper: the reference stream, frame 0 whole and the cursor alone after it, is encoded by the video's own autoencoder;
its latents and masks are concatenated to the transformer's input; an L2 loss on the reconstructed cursor patch, under
the mask, is added. It does not say how masks come to the latents' size, nor in which space the patch is compared.

Ours: masks are packed as Wan packs that of its first frame, four frames of a latent as four channels, and averaged over
the 8 x 8 pixels of a latent's cell; the loss compares clean latents, those that the predicted velocity leads back to.
"""

from typing import NamedTuple

import torch
from torch.nn import functional

from tracekit.actions.latents import WAN_STRIDE
from tracekit.train.seams import Backbone
from tracekit.train.tensors import CursorReference, Tensor


class CursorLatents(NamedTuple):
    """What `tracekit.train.tensors.Conditions` has of the cursor."""

    cursor: Tensor
    """float32 (b, 4 + 16, t, H, W): the mask's four channels, and the latents of the foreground."""
    mask: Tensor
    """float32 (b, t, H, W), 0 to 1: the share of a cell that the cursor covers, mean over the latent's frames; 0 in
    latent 0."""


def encode_cursor(reference: CursorReference, backbone: Backbone) -> CursorLatents:
    """Encode a reference stream.

    Args:
        reference: of n * 4 + 1 frames, on the backbone's device.
        backbone: its autoencoder encodes the foreground, of which -1 is black and 1 is white.
    """
    pixels = ((reference.foreground.float() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
    latents = backbone.encode_video(pixels)
    packed = pack_mask(reference.mask, latents.shape[3], latents.shape[4])
    mask = packed.mean(dim=1)
    mask[:, 0] = 0
    return CursorLatents(torch.cat([packed, latents], dim=1), mask)


def pack_mask(mask: Tensor, height: int, width: int) -> Tensor:
    """Masks of frames as channels of latents, as Wan's image-to-video model has its own.

    Args:
        mask: (b, n * 4 + 1, h, w).
        height: of the latents, a divisor of h.
        width: of the latents, a divisor of w.

    Returns:
        float32 (b, 4, n + 1, height, width). Channel k of latent t > 0 is of frame 4 t - 3 + k; all of latent 0 are of
        frame 0.
    """
    small = functional.adaptive_avg_pool2d(mask.float(), (height, width))
    frames = torch.cat([small[:, :1].expand(-1, WAN_STRIDE, -1, -1), small[:, 1:]], dim=1)
    return frames.reshape(len(mask), -1, WAN_STRIDE, height, width).transpose(1, 2)


def cursor_loss(clean: Tensor, latents: Tensor, mask: Tensor, weights: Tensor) -> Tensor:
    """Mean squared error of the clean latents that a prediction leads back to, where the cursor is.

    Args:
        clean: (b, c, t, H, W), from `tracekit.train.flow.Point.clean`.
        latents: of the same shape: the true ones.
        mask: (b, t, H, W), as `CursorLatents.mask`: what each place weighs.
        weights: (b, t): what each latent weighs besides.

    Returns:
        float32 (), mean over channels, and by weight over places; 0 where nothing weighs.
    """
    errors = (clean.float() - latents.float()).square().mean(dim=1)
    share = mask * weights[:, :, None, None]
    return (errors * share).sum() / share.sum().clamp(min=torch.finfo(torch.float32).tiny)
