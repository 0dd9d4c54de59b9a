"""What scores of pictures cost: seconds of processor a frame, beside torchmetrics in the same run.

The pictures are a terminal full of text and the same with noise, 832 x 480. All run on one thread; of several rounds
the least counts. By how much SSIM and PSNR differ from torchmetrics' is printed too. LPIPS and R3D-18 have random
weights, of which only the time is printed: it does not depend on them.

    python benchmarks/scores.py [--frames 8] [--rounds 3]
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np


def least_s(work: Callable[[], object], rounds: int) -> float:
    """Processor seconds of the quickest round."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()

    import torch
    from torchmetrics.functional.image import peak_signal_noise_ratio, structural_similarity_index_measure

    from tracekit.metrics import lpips, picture, r3d18
    from tracekit.metrics.frames import PAPER_GLOBAL, make_pair
    from tracekit.metrics.fvd import frechet_distance
    from tracekit.metrics.vae_fonts import CANVAS_PX, text_video
    from tracekit.metrics.video_features import open_r3d18

    torch.set_num_threads(1)
    truth = text_video(13, CANVAS_PX, options.frames)[2]
    noise = np.random.default_rng(0).integers(-25, 26, truth.shape)
    predicted = np.clip(truth + noise, 0, 255).astype(np.uint8)
    tensors = [torch.from_numpy(video).permute(0, 3, 1, 2) / 255 for video in (predicted, truth)]

    def theirs_psnr() -> float:
        return float(peak_signal_noise_ratio(*tensors, data_range=1.0))

    def theirs_ssim() -> float:
        return float(structural_similarity_index_measure(*tensors, data_range=1.0))

    def ours_psnr() -> float:
        return picture.psnr_db(float(picture.mse(truth, predicted).mean())) or float("inf")

    def ours_ssim() -> float:
        return float(picture.ssim(truth, predicted).mean())

    with tempfile.TemporaryDirectory(prefix="tracekit-") as name:
        files = [Path(name, file) for file in ("alexnet.pth", "heads.pth", "r3d_18.pth")]
        alexnet = lpips.Network()
        for file, module in zip(files, (alexnet.backbone, alexnet.heads, r3d18.R3d18()), strict=True):
            torch.save(module.state_dict(), file)
        perceptual, extract = lpips.Lpips(files[0], files[1]), open_r3d18(files[2])

    small = make_pair(truth, predicted, PAPER_GLOBAL)
    features = np.random.default_rng(0).normal(size=(2, 2048, 512))
    costs = [
        ("PSNR", ours_psnr, options.frames, "frame"),
        ("PSNR, torchmetrics", theirs_psnr, options.frames, "frame"),
        ("SSIM", ours_ssim, options.frames, "frame"),
        ("SSIM, torchmetrics", theirs_ssim, options.frames, "frame"),
        ("LPIPS", lambda: perceptual(truth, predicted), options.frames, "frame"),
        ("LPIPS, 256 px", lambda: perceptual(small.truth, small.predicted), len(small.numbers), "frame"),
        ("R3D-18", lambda: extract(truth), 1, "clip"),
        ("distance of 2 x 2048 x 512", lambda: frechet_distance(*features), 1, "set"),
    ]
    print(f"{options.frames} frames of {CANVAS_PX[0]}x{CANVAS_PX[1]}, least of {options.rounds} rounds")
    for name, work, units, unit in costs:
        print(f"{name:28}{least_s(work, options.rounds) / units * 1e3:12.2f} ms a {unit}")
    print(f"{'PSNR less torchmetrics':28}{ours_psnr() - theirs_psnr():12.1e} dB")
    print(f"{'SSIM less torchmetrics':28}{ours_ssim() - theirs_ssim():12.1e}")


if __name__ == "__main__":
    main()
