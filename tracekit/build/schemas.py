"""Write ``schemas/``: JSON Schema of each format, made of the pydantic models that read it, and published tables.

    python -m tracekit.build.schemas [--check] [FOLDER]

``--check`` writes nothing, and exits 1 if a file is not what would be written.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from tracekit.actions import classes
from tracekit.actions.events import InputLine
from tracekit.actions.windows import WindowsLine
from tracekit.build.recipe import Recipe
from tracekit.captions.llm.details import ModelDetails
from tracekit.desktop.tasks.model import Task
from tracekit.desktop.trace import Trace
from tracekit.evaluate.compare import Comparison
from tracekit.evaluate.config import EvaluateConfig
from tracekit.evaluate.results import Scores
from tracekit.select.mix import Mix
from tracekit.shards.events import EventLine
from tracekit.shards.index import SCHEMA, VERSION
from tracekit.shards.manifest import Manifest
from tracekit.shards.sample import Sample
from tracekit.train.config import TrainConfig

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FOLDER = Path(__file__).parents[2] / "schemas"


def schemas() -> dict[str, dict[str, Any]]:
    """Every schema, by file name."""
    models: dict[str, type[BaseModel]] = {
        "sample": Sample,
        "event": EventLine,
        "input": InputLine,
        "windows": WindowsLine,
        "trace": Trace,
        "task": Task,
        "mix": Mix,
        "manifest": Manifest,
        "recipe": Recipe,
        "training": TrainConfig,
        "evaluation": EvaluateConfig,
        "scores": Scores,
        "comparison": Comparison,
        "caption_details": ModelDetails,
    }
    found = {f"{name}.schema.json": {"$schema": DIALECT, **model.model_json_schema()} for name, model in models.items()}
    return {**found, "index.columns.json": _columns(), "actions.json": classes.table()}


def _columns() -> dict[str, Any]:
    """The columns of the index, which is no JSON: names, Arrow types and what they mean."""
    columns = [
        {
            "name": column.name,
            "type": str(column.type),
            "description": (column.metadata or {}).get(b"description", b"").decode(),
        }
        for column in SCHEMA
    ]
    return {"version": VERSION, "columns": columns}


def main(arguments: list[str] | None = None) -> int:
    """Write the files or check them; return the exit status."""
    parser = argparse.ArgumentParser(description="JSON Schema of each format, made of the models")
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file is out of date")
    options = parser.parse_args(arguments)
    stale = []
    for name, schema in schemas().items():
        path, text = options.folder / name, json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        if options.check:
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                stale.append(name)
        else:
            options.folder.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if stale:
        print(f"out of date: {', '.join(stale)} (make schemas)", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
