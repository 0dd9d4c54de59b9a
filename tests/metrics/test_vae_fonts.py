"""Autoencoders by font size: the same screenful of text, drawn in each."""

from itertools import pairwise

import numpy as np
import pytest
from components import require

from tracekit.core.errors import TracekitError
from tracekit.metrics.frames import Video
from tracekit.metrics.vae_fonts import SIZES_PX, font_scores, text_video

CANVAS_PX = (208, 112)


def test_what_nothing_is_lost_of_is_equal() -> None:
    for score in font_scores(lambda video: video, (6, 40), CANVAS_PX, 5):
        assert (score.psnr_db, score.mean_ssim, score.mean_mse) == (None, 1.0, 0.0)


def test_a_codec_that_halves_the_picture_keeps_large_letters_better_than_small_ones() -> None:
    def halved(video: Video) -> Video:
        return video[:, ::2, ::2].repeat(2, axis=1).repeat(2, axis=2)

    small, large = font_scores(halved, (6, 40), CANVAS_PX, 1)
    assert small.mean_ssim < large.mean_ssim < 1
    assert small.psnr_db is not None
    assert large.psnr_db is not None
    assert small.psnr_db < large.psnr_db


@pytest.mark.parametrize("size_px", [6, 7, 13, 25, 40])
def test_the_screen_is_as_large_as_the_picture_allows_and_full_of_text(size_px: int) -> None:
    columns, rows, video = text_video(size_px, CANVAS_PX, 2)
    assert video.shape == (2, 112, 208, 3)
    assert rows * size_px <= 112
    ground = np.median(video[0].reshape(-1, 3), axis=0)
    written = np.abs(video[0].astype(int) - ground).max(axis=2) > 30
    lines = [written[row * 112 // rows : (row + 1) * 112 // rows].any() for row in range(rows)]
    assert all(lines)
    assert columns > 2


def test_a_character_is_typed_with_each_frame() -> None:
    _, _, video = text_video(8, CANVAS_PX, 17)
    assert all((one != other).any() for one, other in pairwise(video))


def test_pictures_are_the_same_each_time() -> None:
    assert np.array_equal(text_video(9, CANVAS_PX, 3)[2], text_video(9, CANVAS_PX, 3)[2])


def test_the_papers_range_of_sizes_is_the_default() -> None:
    assert [score.font_size_px for score in font_scores(lambda video: video, canvas_px=CANVAS_PX, frames=1)] == [
        *range(6, 41)
    ]
    assert list(SIZES_PX) == list(range(6, 41))


def test_a_codec_that_returns_other_frames_is_told_so() -> None:
    with pytest.raises(TracekitError, match=r"made uint8 \(4, 112, 208, 3\) of uint8 \(5, 112, 208, 3\)"):
        list(font_scores(lambda video: video[:4], (13,), CANVAS_PX, 5))


def test_a_picture_too_small_for_a_letter_is_an_error() -> None:
    with pytest.raises(TracekitError, match="no cell of a font of 40 px"):
        text_video(40, (16, 16), 1)


def test_wans_autoencoder_takes_the_video_as_it_is() -> None:
    """The tiny one, whose weights are random: its pictures are nothing, and so are its scores."""
    for module in ("torch", "diffusers", "transformers"):
        require(module, module=module, remedy="pip install 'tracekit[train]'")
    import torch

    from tracekit.train.backbones.tiny import wan_tiny
    from tracekit.train.config import ModelSection

    torch.set_num_threads(1)
    backbone = wan_tiny(ModelSection(backbone="wan-tiny"))

    def codec(video: Video) -> Video:
        with torch.inference_mode():
            decoded = backbone.decode_video(backbone.encode_video(torch.from_numpy(video)[None]))
        return np.asarray(decoded[0].numpy(), np.uint8)

    (score,) = font_scores(codec, (8,), (96, 64), 5)
    assert score.psnr_db is not None
    assert np.isfinite([score.psnr_db, score.mean_ssim]).all()
