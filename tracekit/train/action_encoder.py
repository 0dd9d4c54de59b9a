"""From windows of actions to features: what each row of a window says, as vectors (Neural Computers, appendix D).

Two views may be encoded. The *raw* one (the paper's v1) is a multi-hot of 182 classes, with the keys that are held and
the pointer's position. The *meta* one (v2, its default) has two typed slots a frame. Both share the windows and the
encoder of the pointer, so that a comparison of the two is of the view alone; the paper's v1 had no common windows
(its table 17).

A row that is padding is 0, as is the pointer where it is off the screen or not known.
"""

from dataclasses import dataclass
from typing import Final

import torch
from torch import nn
from torch.nn import functional

from tracekit.actions.classes import CLASSES, KEYS, key_number
from tracekit.actions.fourier import gaussian_matrix
from tracekit.actions.hands import MODIFIERS
from tracekit.core.errors import TracekitError
from tracekit.train.config import ActionSection
from tracekit.train.seams import Shape, Stream
from tracekit.train.tensors import Actions, Tensor

TYPES: Final = 5
"""None, click or drag, scroll, text, shortcut."""
BUTTONS: Final = 6
COUNTS: Final = 4
DIRECTIONS: Final = 5
"""Of these three, 0 is none."""


@dataclass(frozen=True)
class ActionFeatures:
    """What is known of each row of each window."""

    actions: Tensor
    """(b, t, r, width): what was done; 0 in padding."""
    pointer: Tensor
    """(b, t, r, width): where the pointer is; 0 in padding, and where it is not known or off the screen."""
    mask: Tensor
    """bool (b, t, r): False in padding."""
    acted: Tensor
    """bool (b, t): whether anything is done in the window."""
    pointed: Tensor
    """bool (b, t): whether the pointer is known in any row of the window."""

    @property
    def rows(self) -> Tensor:
        """(b, t, r, width): both, for those that attend to rows."""
        return self.actions + self.pointer

    @property
    def streams(self) -> tuple[Stream, Stream]:
        """The paper's ``action_latent`` and ``mouse_latent``: the mean over each window, of which padding is part."""
        return Stream(self.actions.mean(dim=2), self.acted), Stream(self.pointer.mean(dim=2), self.pointed)

    @property
    def pooled(self) -> Tensor:
        """(b, t, width): the sum of both means, for those that take one vector a latent."""
        return self.rows.mean(dim=2)


class ActionEncoder(nn.Module):
    """Encodes what is done and where the pointer is.

    Args:
        section: which view, and how many Fourier features.
        shape: of the transformer; features are as wide as its tokens.
    """

    def __init__(self, section: ActionSection, shape: Shape) -> None:
        super().__init__()
        raw = section.encoding == "raw"
        self.view: RawView | MetaView = RawView(shape.width) if raw else MetaView(shape.width, shape.text_width)
        self.pointer = PointerView(shape.width, section.fourier_features)

    def forward(self, actions: Actions, text_features: Tensor | None) -> ActionFeatures:
        """Encode the rows of each latent's window.

        Args:
            actions: on the device of this module.
            text_features: (n, text_width), of ``actions.text_table``; may be None where that is empty, and for the
                raw view.

        Raises:
            TracekitError: there is text, and no features of it.
        """
        known = actions.on_screen & actions.mask
        done = (actions.raw > 0).any(dim=-1) | (actions.meta["types"] > 0).any(dim=-1)
        return ActionFeatures(
            self.view(actions, text_features) * actions.mask.unsqueeze(-1),
            self.pointer(actions.positions) * known.unsqueeze(-1),
            actions.mask,
            (done & actions.mask).any(dim=-1),
            known.any(dim=-1),
        )


class RawView(nn.Module):
    """The paper's v1: 182 classes that happen, 169 keys that are held, and the position as two numbers."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = _layers(CLASSES + len(KEYS) + 2, width)

    def forward(self, actions: Actions, text_features: Tensor | None) -> Tensor:
        """(b, t, r, width). Text is not looked at: its keys are."""
        centred = _centred(actions.positions) * actions.on_screen.unsqueeze(-1)
        known: Tensor = self.layers(torch.cat([actions.raw.float(), actions.held.float(), centred], dim=-1))
        return known


class MetaView(nn.Module):
    """The paper's v2: a slot is the sum of its type's and its parameters' embeddings, a row the mean of its slots.

    Slots of type none count only in rows that have no other. A shortcut is the sum of its key's and its modifiers'
    embeddings: 169 and 4 make all chords there are. The paper's table of whole chords would have to be kept with the
    weights, most of it would never be trained, and it would have no place for a chord that is first seen later.
    """

    def __init__(self, width: int, text_width: int) -> None:
        super().__init__()
        self.types = nn.Embedding(TYPES, width)
        self.buttons = nn.Embedding(BUTTONS, width, padding_idx=0)
        self.counts = nn.Embedding(COUNTS, width, padding_idx=0)
        self.drags = nn.Embedding(2, width, padding_idx=0)
        self.directions = nn.Embedding(DIRECTIONS, width, padding_idx=0)
        self.amounts = nn.Linear(1, width, bias=False)
        self.texts = nn.Linear(text_width, width, bias=False)
        self.keys = nn.Embedding(len(KEYS), width)
        self.modifiers = nn.Linear(len(MODIFIERS), width, bias=False)
        self.layers = _layers(width, width)

    def forward(self, actions: Actions, text_features: Tensor | None) -> Tensor:
        """(b, t, r, width)."""
        if actions.text_table and (text_features is None or len(text_features) != len(actions.text_table)):
            raise TracekitError(f"features of {len(actions.text_table)} typed texts are needed for the meta view")
        meta = actions.meta
        slots = (
            self.types(meta["types"])
            + self.buttons(meta["click_buttons"])
            + self.counts(meta["click_counts"])
            + self.drags(meta["drags"])
            + self.directions(meta["scroll_directions"])
            + self.amounts(meta["scroll_amounts"].unsqueeze(-1).float().log1p())
        )
        if text_features is None or not actions.text_table:
            text_features = slots.new_zeros(0, self.texts.in_features)
        slots = slots + _chosen(self.texts(text_features.float()), meta["texts"])
        slots = slots + _chosen(self._chords(actions.shortcut_table), meta["shortcuts"])
        return _mean(self.layers(slots), meta["types"] > 0)

    def _chords(self, table: tuple[str, ...]) -> Tensor:
        """(n, width)."""
        device, parts = self.keys.weight.device, list(map(chord_parts, table))
        numbers = torch.tensor([number for number, _ in parts], device=device, dtype=torch.long)
        held = torch.tensor([held for _, held in parts], device=device, dtype=torch.float32)
        keys: Tensor = self.keys(numbers)
        modifiers: Tensor = self.modifiers(held.reshape(-1, len(MODIFIERS)))
        return keys + modifiers


class PointerView(nn.Module):
    """Fourier features of the position by a fixed Gaussian matrix, and two layers (appendix D.5).

    Positions are clamped to the picture and centred, as the paper has it. The matrix is saved with the weights.
    """

    matrix: Tensor

    def __init__(self, width: int, features: int) -> None:
        super().__init__()
        self.register_buffer("matrix", torch.from_numpy(gaussian_matrix(features)))
        self.layers = _layers(2 * features, width)

    def forward(self, positions: Tensor) -> Tensor:
        """Positions, (..., 2), 0 to 1 on the picture, to (..., width)."""
        # Not a product of matrices: autocast would make bfloat16 of it, which is too coarse for tens of cycles.
        angles = torch.pi * (_centred(positions).unsqueeze(-1) * self.matrix.float()).sum(dim=-2)
        encoded: Tensor = self.layers(torch.cat([angles.sin(), angles.cos()], dim=-1))
        return encoded


def chord_parts(chord: str) -> tuple[int, tuple[bool, ...]]:
    """A chord such as ``ctrl+shift+t`` as the number of its key's class, and for each of MODIFIERS whether it is held.

    Keys that the table of classes does not know are all of its class ``other``.
    """
    *held, key = chord.split("+")
    return key_number(key), tuple(name in held for name in MODIFIERS)


def _layers(inputs: int, width: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, width), nn.SiLU(), nn.Linear(width, width), nn.LayerNorm(width))


def _centred(positions: Tensor) -> Tensor:
    """0 to 1 as -1 to 1; what is further out, or not finite, as on the edge."""
    centred: Tensor = torch.nan_to_num(positions.float()).clamp(0, 1) * 2 - 1
    return centred


def _chosen(table: Tensor, indexes: Tensor) -> Tensor:
    """Rows of a table by their indexes; 0 where the index is -1.

    Also of a table without rows: what made it then has gradients of 0, and not none, which shards of a model need.
    """
    return functional.pad(table, (0, 0, 0, 1))[indexes]


def _mean(slots: Tensor, filled: Tensor) -> Tensor:
    """(b, t, r, 2, width) to (b, t, r, width): the mean of the slots that are filled, or of all where none is."""
    counted = (filled | ~filled.any(dim=-1, keepdim=True)).unsqueeze(-1)
    return (slots * counted).sum(dim=-2) / counted.sum(dim=-2)
