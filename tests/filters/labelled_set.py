"""The labelled set of the benchmark, for tests."""

import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "benchmarks"))
try:
    from labelled.judging import Judged, filtered, scrubbed
    from labelled.planting import Planted, labelled_set, recordings
finally:  # other modules there have names that tests have, too
    sys.path.remove(str(ROOT / "benchmarks"))

CASTS = ("git.cast", "resize.cast", "shell_work.cast")


@cache
def planted() -> tuple[Planted, ...]:
    """The cases of one seed, in a few short recordings."""
    casts = recordings([ROOT / "recipes" / "demo_casts" / name for name in CASTS])
    return tuple(labelled_set(2026, casts))


__all__ = ["Judged", "filtered", "planted", "scrubbed"]
