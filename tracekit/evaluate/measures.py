"""The names under which scores give their numbers: what each is, and which way is better."""

from typing import Literal, NamedTuple


class Measure(NamedTuple):
    """A number of a clip, or of all clips together."""

    score: str
    """The score that gives it."""
    title: str
    better: Literal["higher", "lower"]
    unit: str = ""
    beside: str = ""
    """The measure that this one is to be read with: of it, what `role` says."""
    role: Literal["", "ceiling", "first frame"] = ""
    """``ceiling``: the same of the true frames, which no prediction can be expected to beat. ``first frame``: of the
    first frame standing still, which any prediction should beat."""

    def text(self, value: float | None) -> str:
        """A value as people read it."""
        if value is None:
            return "–"
        return f"{value:.1f}%" if self.unit == "%" else f"{value:.3f}" if not self.unit else f"{value:.2f}"


MEASURES: dict[str, Measure] = {
    "psnr": Measure("psnr", "PSNR", "higher", "dB"),
    "psnr_first_frame": Measure("psnr", "PSNR of the first frame", "higher", "dB", "psnr", "first frame"),
    "ssim": Measure("ssim", "SSIM", "higher"),
    "ssim_first_frame": Measure("ssim", "SSIM of the first frame", "higher", "", "ssim", "first frame"),
    "lpips": Measure("lpips", "LPIPS", "lower"),
    "fvd": Measure("fvd", "FVD", "lower"),
    "ssim_15": Measure("after_actions", "SSIM+15", "higher"),
    "lpips_15": Measure("after_actions", "LPIPS+15", "lower"),
    "fvd_15": Measure("after_actions", "FVD+15", "lower"),
    "ocr_char": Measure("ocr", "OCR, characters", "higher"),
    "ocr_line": Measure("ocr", "OCR, exact lines", "higher"),
    "grid_char": Measure("grid", "Text, characters", "higher"),
    "grid_line": Measure("grid", "Text, exact lines", "higher"),
    "grid_char_ceiling": Measure("grid", "Text, characters, of the true frames", "higher", "", "grid_char", "ceiling"),
    "grid_line_ceiling": Measure("grid", "Text, exact lines, of the true frames", "higher", "", "grid_line", "ceiling"),
    "arithmetic": Measure("arithmetic", "Right answers", "higher"),
    "arithmetic_ceiling": Measure(
        "arithmetic", "Right answers read off the true frames", "higher", "", "arithmetic", "ceiling"
    ),
    "cursor_hit": Measure("cursor", "Cursor hits", "higher"),
    "cursor_px": Measure("cursor", "Cursor's distance", "lower", "px"),
    "cursor_hit_ceiling": Measure("cursor", "Cursor hits in the true frames", "higher", "", "cursor_hit", "ceiling"),
}
"""By name, in the order of tables."""


def beside(name: str, role: str) -> str | None:
    """The measure that stands beside another one in a role, if there is one."""
    return next((one for one, made in MEASURES.items() if (made.beside, made.role) == (name, role)), None)
