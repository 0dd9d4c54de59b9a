"""PSNR and SSIM are torchmetrics' to four digits, and what their definitions say where that can be worked out."""

import numpy as np
import pytest
from coded_videos import pictures, spoilt
from components import require
from hypothesis import given
from hypothesis import strategies as st

from tracekit.metrics.frames import Video
from tracekit.metrics.picture import mse, psnr_db, ssim
from tracekit.metrics.vae_fonts import text_video
from tracekit.video.quality import psnr


def terminal() -> Video:
    return text_video(13, (208, 112), 3)[2]


PAIRS = {
    "text and noise": (terminal(), spoilt(terminal(), 30)),
    "text, coarser": (terminal(), terminal() // 64 * 64),
    "text and black": (terminal(), np.zeros_like(terminal())),
    "text, one row lower": (terminal(), np.roll(terminal(), 1, axis=1)),
    "shapes and others": (pictures(2, 67, 101), pictures(2, 67, 101, seed=2)),
    "smaller than the window": (pictures(2, 9, 8), spoilt(pictures(2, 9, 8), 9)),
}


@pytest.mark.parametrize("name", PAIRS)
def test_both_are_what_torchmetrics_has(name: str) -> None:
    require("torch", module="torch", remedy="pip install 'tracekit[train]'")
    require("torchmetrics", module="torchmetrics", remedy="pip install torchmetrics")
    import torch
    from torchmetrics.functional.image import peak_signal_noise_ratio, structural_similarity_index_measure

    torch.set_num_threads(1)
    truth, predicted = PAIRS[name]
    one, other = (torch.from_numpy(video).permute(0, 3, 1, 2) / 255 for video in (predicted, truth))
    theirs = structural_similarity_index_measure(one, other, data_range=1.0, reduction="none")
    found = ssim(truth, predicted)
    assert found.tolist() == pytest.approx(np.atleast_1d(theirs.numpy()).tolist(), abs=1e-4)
    ratio = psnr_db(float(mse(truth, predicted).mean()))
    assert ratio == pytest.approx(float(peak_signal_noise_ratio(one, other, data_range=1.0)), abs=1e-3)


def test_equal_frames_have_an_ssim_of_one_and_no_psnr() -> None:
    assert ssim(terminal(), terminal()).tolist() == [1.0] * 3
    assert mse(terminal(), terminal()).tolist() == [0.0] * 3
    assert psnr_db(0.0) is None


def test_the_psnr_of_a_clip_in_which_some_frames_are_equal_is_that_of_its_mean_error() -> None:
    truth = terminal()
    predicted = truth.copy()
    predicted[1] ^= 1
    errors = mse(truth, predicted)
    assert [psnr_db(error) for error in errors.tolist()] == [None, pytest.approx(psnr(truth[1], predicted[1])), None]
    assert psnr_db(float(errors.mean())) == pytest.approx(psnr(truth, predicted))


@given(a=st.integers(0, 255), b=st.integers(0, 255))
def test_of_even_pictures_ssim_is_what_its_definition_leaves(a: int, b: int) -> None:
    one, other = (np.full((1, 16, 12, 3), shade, np.uint8) for shade in (a, b))
    x, y, c1 = a / 255, b / 255, 0.01**2
    assert ssim(one, other)[0] == pytest.approx((2 * x * y + c1) / (x * x + y * y + c1), abs=1e-4)


def test_the_value_at_a_point_is_that_of_the_window_about_it() -> None:
    truth, predicted = pictures(1, 11, 11, seed=3), pictures(1, 11, 11, seed=4)
    window = np.exp(-np.square(np.arange(-5, 6)) / (2 * 1.5**2))
    weights = np.outer(window, window)[..., None] / np.outer(window, window).sum()
    x, y = (
        np.pad(truth[0] / 255, ((5, 5), (5, 5), (0, 0)), "reflect"),
        np.pad(predicted[0] / 255, ((5, 5), (5, 5), (0, 0)), "reflect"),
    )
    values = []
    for row in range(11):
        for column in range(11):
            p, q = x[row : row + 11, column : column + 11], y[row : row + 11, column : column + 11]
            p_mean, q_mean = (weights * p).sum(axis=(0, 1)), (weights * q).sum(axis=(0, 1))
            p_var, q_var = (
                (weights * (p - p_mean) ** 2).sum(axis=(0, 1)),
                (weights * (q - q_mean) ** 2).sum(axis=(0, 1)),
            )
            covariance = (weights * (p - p_mean) * (q - q_mean)).sum(axis=(0, 1))
            numerator = (2 * p_mean * q_mean + 0.01**2) * (2 * covariance + 0.03**2)
            values.append(numerator / ((p_mean**2 + q_mean**2 + 0.01**2) * (p_var + q_var + 0.03**2)))
    assert ssim(truth, predicted)[0] == pytest.approx(np.mean(values), abs=1e-5)


def test_ssim_takes_both_sides_alike() -> None:
    for truth, predicted in PAIRS.values():
        assert ssim(truth, predicted) == pytest.approx(ssim(predicted, truth), abs=1e-6)


def test_more_noise_is_worse_by_both() -> None:
    truth = terminal()
    less, more = spoilt(truth, 5), spoilt(truth, 40)
    assert ssim(truth, more).mean() < ssim(truth, less).mean() < 1
    assert mse(truth, more).mean() > mse(truth, less).mean() > 0


def test_an_error_of_one_level_is_48_13_db() -> None:
    black = np.zeros((1, 4, 4, 3), np.uint8)
    assert mse(black, black + 1).tolist() == [1.0]
    assert psnr_db(1.0) == pytest.approx(48.1308, abs=1e-4)


def test_the_largest_error_there_is_does_not_overflow() -> None:
    black = np.zeros((1, 4, 4, 3), np.uint8)
    assert mse(black, black + 255).tolist() == [255.0**2]
    assert psnr_db(255.0**2) == 0
