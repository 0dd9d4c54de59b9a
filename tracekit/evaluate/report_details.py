"""The parts of an evaluation's page that are of no pair of videos: captions, the autoencoder, the data set."""

from collections.abc import Callable, Iterator, Mapping
from html import escape
from typing import Any

from tracekit.core.page import table
from tracekit.evaluate.measures import MEASURES


def details(found: Mapping[str, Any]) -> Iterator[str]:
    """The sections that there are.

    Args:
        found: ``details`` of ``scores.json``.
    """
    for name, (title, write) in _SECTIONS.items():
        if name in found:
            yield f"<h2>{escape(title)}</h2>"
            yield from write(found[name])


def _tiers(found: Mapping[str, Any]) -> Iterator[str]:
    for name in ("psnr", "ssim"):
        one, measure = found[name], MEASURES[name]
        yield f"<h3>{escape(measure.title)}, {len(one['clips']):,} clips</h3>"
        means = [(tier, measure.text(of["mean"]), _interval(of)) for tier, of in one["means"].items()]
        yield table(("caption", "mean", "95 % interval"), means)
        changes = [
            (f"{of['tier']} less {of['than']}", _signed(of["difference"]["mean"]), _interval(of["difference"]))
            for of in one["differences"]
        ]
        yield table(("clip by clip", "difference", "95 % interval"), changes)
        if one["left_out"]:
            yield f"<p>Left out, being undefined with one caption or another: {escape(', '.join(one['left_out']))}.</p>"
    refused = [(one["key"], tier, one["message"]) for tier, of in found["refused"].items() for one in of]
    if refused:
        yield table(("not compared", "caption", "why"), refused)


def _fonts(found: Mapping[str, Any]) -> Iterator[str]:
    rows = [
        (
            f"{one['font_size_px']} px",
            f"{one['columns']}x{one['rows']}",
            MEASURES["psnr"].text(one["psnr_db"]),
            MEASURES["ssim"].text(one["mean_ssim"]),
        )
        for one in found["sizes"]
    ]
    yield table(("font", "cells", "PSNR, dB", "SSIM"), rows)


def _data(found: Mapping[str, Any]) -> Iterator[str]:
    activity = [
        (policy, f"{one['clips']:,}", _number(one["px_per_frame"]), _number(one["actions_per_s"]))
        for policy, one in found["activity"].items()
    ]
    if activity:
        yield table(("policy", "clips", "pixels of cursor a frame", "actions a second"), activity)
    shared = [
        (column, f"{one['values']:,}", f"{one['validation_clips']:,}", ", ".join(one["examples"][:3]))
        for column, one in found["shared"].items()
    ]
    yield table(("in both splits", "values", "clips to validate with", "such as"), shared)
    if twice := found["duplicates"]:
        counts = [(name, f"{twice[name]:,}") for name in ("clips", "exact", "texts", "near", "near_other_split")]
        yield table(("duplicates", "clips"), counts)


_SECTIONS: dict[str, tuple[str, Callable[[Mapping[str, Any]], Iterator[str]]]] = {
    "tiers": ("What the caption is worth", _tiers),
    "vae_fonts": ("Text through the autoencoder", _fonts),
    "data": ("The data set", _data),
}


def _interval(of: Mapping[str, Any]) -> str:
    return "" if of["low"] is None else f"{_number(of['low'])} to {_number(of['high'])}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}"


def _signed(value: float | None) -> str:
    return "–" if value is None else f"{value:+.3g}"
