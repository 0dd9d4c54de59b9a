"""Weights of scores are all those that are wanted and none besides."""

from pathlib import Path

import pytest
from components import require

from tracekit.core.errors import TracekitError
from tracekit.core.files import measure


def test_names_and_shapes_must_be_exactly_those_of_the_module(tmp_path: Path) -> None:
    require("torch", module="torch", remedy="pip install 'tracekit[train]'")
    import torch

    from tracekit.metrics.weights import load_weights

    file = tmp_path / "weights.pth"
    right = {"weight": torch.full((2, 3), 7.0), "bias": torch.zeros(2)}
    module = torch.nn.Linear(3, 2)
    torch.save(right | {"head.weight": torch.ones(1)}, file)
    assert load_weights(module, file, "a file", also=("head.",)) == measure(file).sha256
    assert module.weight.eq(7).all()
    assert not module.weight.requires_grad
    for other in (
        right | {"head.weight": torch.ones(1)},
        {"weight": right["weight"]},
        right | {"bias": torch.zeros(3)},
        {"weight": 1, "bias": "2"},
    ):
        torch.save(other, file)
        with pytest.raises(TracekitError, match="other weights than expected") as error:
            load_weights(module, file, "a file")
        assert error.value.place == str(file)
    torch.save([torch.zeros(2)], file)
    with pytest.raises(TracekitError, match="not a dict of weights by name"):
        load_weights(module, file, "a file")


def test_files_of_before_torch_1_6_are_read_as_well(tmp_path: Path) -> None:
    """Those of AlexNet and R3D-18 are as old."""
    require("torch", module="torch", remedy="pip install 'tracekit[train]'")
    import torch

    from tracekit.metrics.weights import load_weights

    norm, file = torch.nn.BatchNorm3d(4), tmp_path / "old.pth"
    old = {name: torch.full((4,), 3.0) for name in ("weight", "bias", "running_mean", "running_var")}
    torch.save(old, file, _use_new_zipfile_serialization=False)
    load_weights(norm, file, "a file")
    assert norm.running_var is not None
    assert norm.running_var.eq(3).all()
