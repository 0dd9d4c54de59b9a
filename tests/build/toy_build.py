"""The toy build that tests run: its inputs, its recipe, and how to look at what came out."""

from collections.abc import Callable
from pathlib import Path

Toy = Callable[..., Path]
"""Makes the folder of a toy recipe and its inputs; returns the recipe's path."""

PLUGINS = str(Path(__file__).parent / "toy_plugins")

INPUTS = {
    "one.toy": "clip apple\nclip pear\n",
    "two.toy": "clip cherry\ndrop\nclip plum\n",
    "three.toy": "clip banana\nclip fig\nclip unspeakable\n",
    "four.toy": "clip apple\nclip melon\n",
    "copy_of_one.toy": "clip apple\nclip pear\n",
    "broken.toy": "clip grape\nrefuse\n",
    "buggy.toy": "clip kiwi\nbug\n",
    "empty.toy": "\n",
    "short.toy": "clip ab\n",
    "invalid.toy": "clip invalid\n",
    "unreadable.toy": "",
    "five.toy": "clip lemon\nclip lime\nclip orange\n",
}

RECIPE = """\
name: toy
seed: 3
source:
  kind: toy
  paths: [inputs]
captions:
  by: toy
  tier: detailed
filters:
  toy-short: {min_length: 3}
  toy-twin:
split: {validation_fraction: 0.3}
shards: {samples: 3}
parts: {inputs: 2}
"""


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its name there."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
