"""Backbones and injections of another distribution stand on the same footing as tracekit's own."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from load.clip_sets import clip_set
from training_runs import config, log, need_trainer

from tracekit.core import plugins
from tracekit.core.errors import TracekitError


@pytest.fixture(autouse=True, scope="module")
def _trainer() -> None:
    need_trainer()


@pytest.fixture
def _installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A distribution, as an installer leaves it: a module, and what it registers."""
    site = tmp_path / "site"
    described = site / "outside-1.0.dist-info"
    described.mkdir(parents=True)
    shutil.copy(Path(__file__).with_name("outside_conv.py"), site / "outside_model.py")
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: outside\nVersion: 1.0\n")
    (described / "entry_points.txt").write_text(
        "[tracekit.backbones]\nmeans = outside_model:Means\n[tracekit.injections]\nshift = outside_model:Shift\n"
    )
    monkeypatch.syspath_prepend(site)
    for lookup in (plugins.names, plugins.load):
        lookup.cache_clear()
    yield
    for lookup in (plugins.names, plugins.load):
        lookup.cache_clear()


@pytest.mark.usefixtures("_installed")
def test_plugins_of_another_distribution_are_found_by_name() -> None:
    assert {"means", "wan", "wan-tiny"} <= set(plugins.names("backbones"))
    assert {"shift", "external", "contextual", "residual", "internal"} <= set(plugins.names("injections"))
    assert plugins.release("injections", "shift") == "outside 1.0"


@pytest.mark.usefixtures("_installed")
def test_a_backbone_and_an_injection_from_outside_are_trained_by_the_same_loop(tmp_path: Path) -> None:
    from safetensors.torch import load_file

    from tracekit.train.logs import Silent
    from tracekit.train.loop import train
    from tracekit.train.seams import Backbone, Injection

    model = {"backbone": "means", "actions": {"injection": "shift"}, "contrast": {}, "dropout": 0}
    shards = clip_set(tmp_path / "desktops", 4, "desktop")
    run = config(shards, model=model, optimiser={"learning_rate": 1e-2}, run={"steps": 12, "sample_every": 12})
    section = run.model
    backbone = plugins.load("backbones", "means")(section)
    assert isinstance(backbone, Backbone)
    assert isinstance(plugins.load("injections", "shift")(section.actions, backbone.shape), Injection)
    result = train(run, tmp_path / "out", Silent())
    assert result.step == 12
    assert result.held_last < 0.9 * result.held_first
    assert all({"flow", "contrast"} <= record.keys() for record in log(tmp_path / "out") if record["step"])
    assert load_file(tmp_path / "out" / "final" / "heads.safetensors")["denoiser.injection.scale"].any()
    assert (tmp_path / "out" / "final" / "convolutions.pt").exists()
    assert len(list((tmp_path / "out" / "samples").rglob("*.mp4"))) == 1


def test_a_plugin_that_is_not_installed_is_told_with_those_that_are() -> None:
    with pytest.raises(TracekitError, match="no injection named 'shift'") as error:
        plugins.load("injections", "shift")
    assert "internal" in error.value.remedy
