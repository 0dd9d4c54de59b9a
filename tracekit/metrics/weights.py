"""Files of weights that scores are made with: read without running what is in them, and named by their hash."""

from os import PathLike
from pathlib import Path

import torch
from torch import nn

from tracekit.core.errors import TracekitError
from tracekit.core.files import measure


def load_weights(module: nn.Module, path: str | PathLike[str], what: str, also: tuple[str, ...] = ()) -> str:
    """Put a file of weights into a module, which must have exactly those.

    Args:
        module: of which the names and shapes are.
        path: a state dict as ``torch.save`` writes it.
        what: the file is, for errors.
        also: beginnings of names that the file may have besides, which are passed over.

    Returns:
        SHA-256 of the file.

    Raises:
        TracekitError: there is no such file, it is no state dict, or has other names or shapes.
    """
    sha256 = find_weights(path, what)
    try:
        weights = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises what it happens to meet in a file that is something else
        raise TracekitError(
            f"not a file of weights: {_first_line(error)}", place=str(path), remedy=_remedy(what)
        ) from error
    if not isinstance(weights, dict):
        raise TracekitError("not a dict of weights by name", place=str(path), remedy=_remedy(what))
    try:
        module.load_state_dict({name: value for name, value in weights.items() if not str(name).startswith(also)})
    except (RuntimeError, AttributeError) as error:
        message = " ".join(str(error).split())[:300]
        raise TracekitError(f"other weights than expected: {message}", place=str(path), remedy=_remedy(what)) from error
    module.requires_grad_(False)
    return sha256


def find_weights(path: str | PathLike[str], what: str) -> str:
    """SHA-256 of a file of weights.

    Raises:
        TracekitError: there is no such file.
    """
    if not Path(path).is_file():
        raise TracekitError("there is no such file of weights", place=str(path), remedy=_remedy(what))
    return measure(path).sha256


def _remedy(what: str) -> str:
    return f"give the path of {what}; tracekit brings no weights and loads none from the net"


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
