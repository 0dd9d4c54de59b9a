"""Internal: a cross-attention to actions within the blocks, after that to the text and before the feed-forward.

Neural Computers, section 3.2.2 and appendix D.2, after Matrix-Game 2. The paper: "the block applies self-attention,
followed by cross-attention over text and reference features, and then a dedicated action cross-attention layer. Keys
and values are derived from latent action features (and, optionally, mouse inputs)", at selected blocks.

Ours: keys are the rows of a latent's window before their mean, since one key a latent would leave nothing to attend
to. The output projection begins with 0, so that the transformer is at first what it was.
"""

from functools import partial
from typing import Any

from pydantic import Field
from torch import nn

from tracekit.train.config import ActionSection, Section
from tracekit.train.injections.attention import RowAttention
from tracekit.train.injections.base import ActionInjection, blocks_of, by_latent, options, order, zeroed
from tracekit.train.seams import Shape
from tracekit.train.tensors import Tensor


class InternalOptions(Section):
    """Options of the injection internal."""

    every: int = Field(1, ge=1, description="One block in so many attends to actions, beginning with the first")


class Internal(ActionInjection):
    """The injection internal.

    Raises:
        TracekitError: an option is wrong.
    """

    def __init__(self, section: ActionSection, shape: Shape) -> None:
        super().__init__(section, shape)
        self.every = options(section, InternalOptions).every
        attentions = [RowAttention(shape.width, shape.width, shape.heads) for _ in range(0, shape.blocks, self.every)]
        for attention in attentions:
            zeroed(attention.to_out)
        self.attentions = nn.ModuleList(attentions)

    def attach(self, transformer: nn.Module) -> None:
        """Put hooks on the norm before the attention to the text, and on that attention, of each chosen block.

        Raises:
            TracekitError: the blocks have no such parts.
        """
        super().attach(transformer)
        blocks = blocks_of(transformer, "norm2", "attn2")[:: self.every]
        for block, attention in zip(blocks, self.attentions, strict=True):
            before: list[Tensor] = []  # the tokens after self-attention, which that norm is given
            block.get_submodule("norm2").register_forward_pre_hook(partial(_keep, before))
            block.get_submodule("attn2").register_forward_hook(partial(self._attend, before, attention))

    def _attend(self, before: list[Tensor], attention: nn.Module, module: nn.Module, args: Any, text: Tensor) -> Tensor:
        """What the block adds for the text, and for actions: by what it would be after the text."""
        tokens = before.pop()
        if self.given is None:
            return text
        rows = self.given.rows
        rows = rows + order(rows.shape[2], rows)
        added: Tensor = attention(by_latent(tokens + text, rows.shape[1]), rows, self.given.mask)
        return text + added.flatten(1, 2).to(text.dtype)


def _keep(before: list[Tensor], module: nn.Module, args: tuple[Tensor, ...]) -> None:
    before[:] = args
