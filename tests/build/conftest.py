"""A toy build: inputs, a recipe, and plug-ins that are found as those of any other distribution are."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from toy_build import INPUTS, PLUGINS, RECIPE, Toy

from tracekit.build.recipe import Recipe
from tracekit.build.recipe_file import load_recipe
from tracekit.core import plugins


@pytest.fixture(autouse=True, scope="session")
def toy_plugins() -> Iterator[None]:
    """The toy distribution, on the path of this process and of those that it starts."""
    sys.path.insert(0, PLUGINS)
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [PLUGINS, before]))
    plugins.names.cache_clear()
    plugins.load.cache_clear()
    yield
    sys.path.remove(PLUGINS)
    if before is None:
        del os.environ["PYTHONPATH"]
    else:
        os.environ["PYTHONPATH"] = before


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    """Makes the folder of a toy recipe and its inputs; returns the recipe's path."""

    def make(inputs: dict[str, str] = INPUTS, recipe: str = RECIPE) -> Path:
        folder = tmp_path / "toy"
        (folder / "inputs").mkdir(parents=True)
        for name, text in inputs.items():
            (folder / "inputs" / name).write_text(text)
        (folder / "toy.yaml").write_text(recipe)
        return folder / "toy.yaml"

    return make


@pytest.fixture
def recipe(toy: Toy) -> Recipe:
    return load_recipe(toy())
