"""Real components that tests use: skipped with the reason where absent, failed where TRACEKIT_REQUIRE names them."""

import importlib.util
import os
import shutil

import pytest


def require(component: str, *, program: str | None = None, module: str | None = None, remedy: str) -> None:
    """Skip this test unless the component is here; fail instead if TRACEKIT_REQUIRE (comma separated) names it.

    Args:
        component: its name in TRACEKIT_REQUIRE.
        program: a program that must be on PATH; the component's name if neither this nor ``module`` is given.
        module: a Python module that must be importable.
        remedy: what to install.
    """
    if module is not None:
        here = importlib.util.find_spec(module) is not None
    else:
        here = shutil.which(program or component) is not None
    if not here:
        missing(component, remedy)


def missing(component: str, remedy: str) -> None:
    """Say that a component is not here: a failure if it is required, a skip otherwise."""
    reason = f"{component} is not here: {remedy}"
    if component in os.environ.get("TRACEKIT_REQUIRE", "").split(","):
        pytest.fail(reason)
    pytest.skip(reason)
