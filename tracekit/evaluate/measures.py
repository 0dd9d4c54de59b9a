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
    role: Literal["", "ceiling", "first frame", "judged"] = ""
    """``ceiling``: of the true frames, what can be read of them at all. ``first frame``: of the first frame standing
    still, which any prediction should beat. ``judged``: the share of frames that it is of."""
    of: Literal["clips", "all"] = "clips"
    """Whether each clip has it, or all have it together."""

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
    "fvd": Measure("fvd", "FVD", "lower", of="all"),
    "ssim_15": Measure("after_actions", "SSIM+15", "higher"),
    "lpips_15": Measure("after_actions", "LPIPS+15", "lower"),
    "fvd_15": Measure("after_actions", "FVD+15", "lower", of="all"),
    "ocr_char": Measure("ocr", "OCR, characters", "higher"),
    "ocr_line": Measure("ocr", "OCR, exact lines", "higher"),
    "ocr_char_ceiling": Measure("ocr", "OCR of the true frames, characters", "higher", "", "ocr_char", "ceiling"),
    "ocr_line_ceiling": Measure("ocr", "OCR of the true frames, exact lines", "higher", "", "ocr_line", "ceiling"),
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
    "cursor_judged": Measure("cursor", "Frames whose cursor can be judged", "higher", "", "cursor_hit", "judged"),
}
"""By name, in the order of tables."""


def beside(name: str, role: str) -> str | None:
    """The measure that stands beside another one in a role, if there is one."""
    return next((one for one, made in MEASURES.items() if (made.beside, made.role) == (name, role)), None)
