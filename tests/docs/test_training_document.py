"""What docs/training.md says of configurations is what the trainer takes."""

import re
from importlib import import_module

import pytest
import yaml
from components import require
from document_blocks import ROOT, blocks

from tracekit.core import plugins
from tracekit.train.config import TrainConfig

DOCUMENT = ROOT / "docs" / "training.md"
PARTS = [block.text for block in blocks(DOCUMENT) if block.kind == "yaml"]


@pytest.mark.parametrize("text", PARTS)
def test_a_part_of_a_configuration_is_valid(text: str) -> None:
    said = {"data": {"shards": "general"}} | yaml.safe_load(text)
    assert TrainConfig.model_validate(said).model_dump(include=said.keys())


def test_the_injections_and_their_options_are_all_there() -> None:
    require("torch", module="torch", remedy="pip install 'tracekit[train]'")
    rows = re.findall(r"^\| `(\w+)` \|.*\| ([^|]+) \|$", DOCUMENT.read_text("utf-8"), re.MULTILINE)
    told = {name: set(re.findall(r"`(\w+)`", options)) for name, options in rows if name in plugins.names("injections")}
    assert told == {
        name: set(getattr(import_module(f"tracekit.train.injections.{name}"), f"{name.title()}Options").model_fields)
        for name in ("external", "contextual", "residual", "internal")
    }
