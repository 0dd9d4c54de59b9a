"""Traces of computers being used, turned into training data for Neural Computers (arXiv 2604.06425)."""

import importlib
from typing import Any

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """``tracekit.load``, found when it is first asked for: most who import tracekit do not train."""
    if name == "load":
        return importlib.import_module("tracekit.load")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
