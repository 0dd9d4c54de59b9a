"""What tests of evaluations share: one small data set, and what was predicted of it."""

from pathlib import Path

import pytest
from recorded_sets import altered, blurred, data_set, predictions


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return data_set(tmp_path_factory.mktemp("recorded"))


@pytest.fixture(scope="session")
def same(dataset: Path) -> Path:
    return predictions(dataset, dataset.parent / "same")


@pytest.fixture(scope="session")
def unsharp(dataset: Path) -> Path:
    return altered(dataset, dataset.parent / "unsharp", blurred)
