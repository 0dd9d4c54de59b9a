"""How far a decoded picture is from the one that was meant."""

import numpy as np
from numpy.typing import NDArray


def psnr(meant: NDArray[np.uint8], shown: NDArray[np.uint8]) -> float:
    """Peak signal-to-noise ratio of two arrays of one shape, in dB below a peak of 255; infinite where equal.

    Of two luma planes it is PSNR-Y as ffmpeg's ``psnr`` filter has it.
    """
    error = np.mean(np.square(np.subtract(meant, shown, dtype=np.float64)))
    return float(10 * np.log10(255**2 / error)) if error else float("inf")
