"""Plug-ins are found by kind and name, wherever they come from; what is missing is told with the remedy."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tracekit.core import plugins
from tracekit.core.errors import TracekitError

ENTRY_POINTS = """\
[tracekit.pets]
cat = pets_of_others:Cat
dragon = pets_of_others.dragons:Dragon [lairs]
ghost = pets_of_others.nowhere:Ghost
"""


@pytest.fixture
def pets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A distribution of somebody else, with a kind of plug-ins."""
    package, info = tmp_path / "pets_of_others", tmp_path / "pets_of_others-1.dist-info"
    package.mkdir()
    info.mkdir()
    (package / "__init__.py").write_text("class Cat: ...\n")
    (package / "dragons.py").write_text("import a_package_that_nobody_has\n")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: pets-of-others\nVersion: 1\nProvides-Extra: lairs\n")
    (info / "entry_points.txt").write_text(ENTRY_POINTS)
    monkeypatch.syspath_prepend(str(tmp_path))
    plugins.names.cache_clear()
    plugins.load.cache_clear()
    yield
    plugins.names.cache_clear()
    plugins.load.cache_clear()
    for name in [name for name in sys.modules if name.startswith("pets_of_others")]:
        del sys.modules[name]


@pytest.mark.usefixtures("pets")
def test_plugins_of_other_distributions_are_found() -> None:
    assert plugins.names("pets") == ("cat", "dragon", "ghost")
    assert plugins.load("pets", "cat").__name__ == "Cat"


@pytest.mark.usefixtures("pets")
def test_an_unknown_name_is_told_with_the_known_ones() -> None:
    with pytest.raises(TracekitError, match=r"pet named 'cow' \(installed: cat, dragon, ghost\)"):
        plugins.load("pets", "cow")


def test_a_kind_without_plugins_has_no_names() -> None:
    assert plugins.names("kind-of-nothing") == ()
    with pytest.raises(TracekitError, match="installed: none"):
        plugins.load("kind-of-nothing", "any")


@pytest.mark.usefixtures("pets")
def test_a_missing_package_is_told_with_the_extra_that_brings_it() -> None:
    with pytest.raises(
        TracekitError, match=r"'dragon' needs the package 'a_package_that_nobody_has'.*pets-of-others\[lairs\]"
    ):
        plugins.load("pets", "dragon")


@pytest.mark.usefixtures("pets")
def test_a_plugin_that_is_broken_is_not_taken_for_a_missing_package() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"pets_of_others\.nowhere"):
        plugins.load("pets", "ghost")


def test_what_tracekit_brings_is_registered() -> None:
    assert "casts" in plugins.names("sources")
    assert "pyte" in plugins.names("engines")
    for kind in ("sources", "filters", "captioners"):
        assert all(callable(plugins.load(kind, name)) for name in plugins.names(kind))
