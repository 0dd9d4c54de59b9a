"""The one mechanism for everything that comes in kinds.

A kind is an entry-point group, ``tracekit.KIND``; a plug-in is a name in it. What tracekit brings itself is registered
the same way, in pyproject.toml, so a plug-in from another distribution stands on the same footing.
"""

from functools import cache
from importlib.metadata import EntryPoint, entry_points
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
    entry = _entry(kind, name)
    try:
        return entry.load()
    except ModuleNotFoundError as error:
        if not entry.extras:
            raise
        owner = entry.dist.name if entry.dist else "tracekit"
        raise TracekitError(
            f"{_one(kind)} {name!r} needs the package {error.name!r}, which is not installed",
            remedy=f"pip install '{owner}[{entry.extras[0]}]'",
        ) from error


def release(kind: str, name: str) -> str:
    """The distribution that brings a plug-in, and its version.

    Raises:
        TracekitError: there is none of that name.
    """
    owner = _entry(kind, name).dist
    return f"{owner.name} {owner.version}" if owner else ""


def _entry(kind: str, name: str) -> EntryPoint:
    for entry in entry_points(group=f"tracekit.{kind}"):
        if entry.name == name:
            return entry
    known = ", ".join(names(kind)) or "none"
    raise TracekitError(f"there is no {_one(kind)} named {name!r}", remedy=f"installed: {known}")


def _one(kind: str) -> str:
    """One of a kind, as errors call it: families, sandboxes, engines."""
    for plural, one in (("ies", "y"), ("xes", "x"), ("s", "")):
        if kind.endswith(plural):
            return kind.removesuffix(plural) + one
    return kind
