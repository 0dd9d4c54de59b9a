"""Attention of the video's tokens to the rows of their latent's window of actions."""

import torch
from torch import nn
from torch.nn import functional

from tracekit.train.tensors import Tensor


class RowAttention(nn.Module):
    """Multi-head cross-attention with normed queries and keys, as Wan has in its blocks.

    Args:
        width: of the queries and of what comes out.
        row_width: of the rows.
        heads: they divide the width.
    """

    def __init__(self, width: int, row_width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(width)
        self.to_q = nn.Linear(width, width)
        self.to_k = nn.Linear(row_width, width)
        self.to_v = nn.Linear(row_width, width)
        self.norm_q = nn.RMSNorm(width)
        self.norm_k = nn.RMSNorm(width)
        self.to_out = nn.Linear(width, width)

    def forward(self, tokens: Tensor, rows: Tensor, mask: Tensor) -> Tensor:
        """Each token attends to the rows of its own latent.

        Args:
            tokens: (b, t, n, width).
            rows: (b, t, r, row_width).
            mask: bool (b, t, r). Rows that are False are not attended to.

        Returns:
            (b, t, n, width); 0 where a latent has no row.
        """
        b, t, n, _ = tokens.shape
        query = self._split(self.norm_q(self.to_q(self.norm(tokens))))
        key, value = self._split(self.norm_k(self.to_k(rows))), self._split(self.to_v(rows))
        some = mask.any(dim=-1, keepdim=True)
        # Without any key, some of torch's kernels give NaN: such a query is given all, and its result is dropped.
        seen = (mask | ~some).reshape(b * t, 1, 1, -1)
        mixed = functional.scaled_dot_product_attention(query, key, value, seen).transpose(1, 2)
        out: Tensor = self.to_out(mixed.reshape(b, t, n, -1))
        return out * some.unsqueeze(-1)

    def _split(self, values: Tensor) -> Tensor:
        """(b, t, n, width) to (b * t, heads, n, width / heads)."""
        return values.reshape(-1, values.shape[2], self.heads, values.shape[3] // self.heads).transpose(1, 2)


class TimeAttention(nn.Module):
    """Multi-head self-attention along time, at each place by itself; a latent sees none after it."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(width)
        self.to_qkv = nn.Linear(width, 3 * width)
        self.to_out = nn.Linear(width, width)

    def forward(self, tokens: Tensor) -> Tensor:
        """(b, t, n, width) to the same shape."""
        b, t, n, width = tokens.shape
        by_place = self.norm(tokens).transpose(1, 2).flatten(0, 1)
        parts = self.to_qkv(by_place).reshape(b * n, t, 3, self.heads, width // self.heads)
        query, key, value = torch.unbind(parts.permute(2, 0, 3, 1, 4))
        mixed = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        out: Tensor = self.to_out(mixed.transpose(1, 2).flatten(2))
        return out.reshape(b, n, t, width).transpose(1, 2)
