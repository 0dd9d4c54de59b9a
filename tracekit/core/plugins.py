"""The one mechanism for everything that comes in kinds.

A kind is an entry-point group, ``tracekit.KIND``; a plug-in is a name in it. What tracekit brings itself is registered
the same way, in pyproject.toml, so a plug-in from another distribution stands on the same footing.
"""

from functools import cache
from importlib.metadata import entry_points
from typing import Any

from tracekit.core.errors import TracekitError


@cache
def names(kind: str) -> tuple[str, ...]:
    """The names of the installed plug-ins of a kind, sorted."""
    return tuple(sorted({entry.name for entry in entry_points(group=f"tracekit.{kind}")}))


@cache
def load(kind: str, name: str) -> Any:
    """The object that plug-in ``name`` of ``kind`` stands for.

    Raises:
        TracekitError: there is none of that name, or it needs a package that is not installed.
    """
    found = [entry for entry in entry_points(group=f"tracekit.{kind}") if entry.name == name]
    if not found:
        known = ", ".join(names(kind)) or "none"
        raise TracekitError(f"there is no {kind} named {name!r}", remedy=f"installed: {known}")
    try:
        return found[0].load()
    except ModuleNotFoundError as error:
        if not found[0].extras:
            raise
        owner = found[0].dist.name if found[0].dist else "tracekit"
        raise TracekitError(
            f"{kind} {name!r} needs the package {error.name!r}, which is not installed",
            remedy=f"pip install '{owner}[{found[0].extras[0]}]'",
        ) from error
