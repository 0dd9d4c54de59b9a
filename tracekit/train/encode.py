"""What the frozen encoders make of a batch; of each clip and caption once, where there is a cache."""

from functools import lru_cache
from typing import Final

import torch

from tracekit.train.cursor_stream import encode_cursor
from tracekit.train.latent_cache import LatentCache
from tracekit.train.seams import Backbone
from tracekit.train.tensors import TEXT_TOKENS, Actions, Conditions, CursorReference, Encoded, Examples, Tensor, moved

TYPED_IN_MEMORY: Final = 4096
"""Texts typed whose features stay in memory: 16 kB each of umT5's."""


class Encoder:
    """Makes latents and conditions of batches.

    Clips and captions are encoded each by itself: what comes out does not depend on what else is in the batch. With a
    cache all of it is rounded to float16, no matter whether it was there already.

    Args:
        backbone: its encoders, which are on the device already.
        cache: where what they make is kept, and is looked for.
        device: of what is given out.
    """

    def __init__(
        self, backbone: Backbone, cache: LatentCache | None = None, device: torch.device | str = "cpu"
    ) -> None:
        self.backbone, self.cache, self.device = backbone, cache, device
        self._typed = lru_cache(TYPED_IN_MEMORY)(self._mean_of)

    @torch.no_grad()
    def __call__(self, examples: Examples) -> Encoded:
        """Encode a batch.

        Args:
            examples: from `tracekit.train.data.Batches` with the same cache.

        Raises:
            TracekitError: the cache can't be written.
        """
        cached = examples.cached or ({},) * len(examples.keys)
        clips = [self._clip(examples, number, kept) for number, kept in enumerate(cached)]
        parts = {name: torch.stack([self._here(clip[name]) for clip in clips]) for name in clips[0]}
        texts = [self._text(caption, kept) for caption, kept in zip(examples.captions, cached, strict=True)]
        actions = moved(examples.actions, self.device)
        return Encoded(
            keys=examples.keys,
            latents=parts["latents"],
            weights=examples.weights.to(self.device),
            conditions=Conditions(
                first=parts["first"],
                image=parts["image"],
                text=torch.stack([_lengthened(text) for text in texts]),
                actions=actions,
                text_features=self._of_what_is_typed(actions) if actions else None,
                cursor=parts.get("cursor"),
                cursor_mask=parts.get("cursor_mask"),
            ),
        )

    def _here(self, tensor: Tensor) -> Tensor:
        return tensor.to(self.device, torch.float32)

    def _clip(self, examples: Examples, number: int, kept: dict[str, Tensor]) -> dict[str, Tensor]:
        """Latents and pictures' conditions of one clip, without the dimension of the batch."""
        if "latents" in kept:
            return {name: tensor for name, tensor in kept.items() if name != "text"}
        assert examples.video is not None  # the cache had nothing of this one, so it was decoded
        video = examples.video[number : number + 1]
        made = {
            "latents": self.backbone.encode_video(video),
            "first": self.backbone.encode_first(video[:, 0], video.shape[1]),
            "image": self.backbone.encode_image(video[:, 0]),
        }
        if examples.cursor:
            of_all = examples.cursor
            reference = CursorReference(of_all.foreground[number : number + 1], of_all.mask[number : number + 1])
            made["cursor"], made["cursor_mask"] = encode_cursor(moved(reference, self.device), self.backbone)
        alone = {name: tensor[0] for name, tensor in made.items()}
        return self.cache.put("clips", examples.digests[number], alone) if self.cache else alone

    def _text(self, text: str, kept: dict[str, Tensor]) -> Tensor:
        """Features of a text's tokens, float32 (tokens, d)."""
        if "text" not in kept:
            features = self.backbone.encode_text((text,))[0]
            tokens = max(1, int(features.any(dim=1).sum()))
            kept = {"text": features[:tokens]}
            if self.cache:
                kept = self.cache.put("texts", text, kept)
        return self._here(kept["text"])

    def _mean_of(self, text: str) -> Tensor:
        return self._text(text, self.cache.get("texts", text) if self.cache else {}).mean(dim=0)

    def _of_what_is_typed(self, actions: Actions) -> Tensor:
        """float32 (n, d), of each text of the table."""
        nothing = torch.zeros(0, self.backbone.shape.text_width, device=self.device)
        return torch.cat([nothing, *(self._typed(text)[None] for text in actions.text_table)])


def _lengthened(features: Tensor) -> Tensor:
    return torch.nn.functional.pad(features, (0, 0, 0, TEXT_TOKENS - len(features)))
