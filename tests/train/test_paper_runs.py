"""What is reckoned of the paper's runs is counted as torch would count the whole model, and stands in the document."""

import importlib.util
import shlex
from pathlib import Path
from types import ModuleType

import pytest
from components import require

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def paper() -> ModuleType:
    """The benchmark, as a module."""
    for module in ("torch", "diffusers", "transformers"):
        require("torch", module=module, remedy="pip install 'tracekit[train]'")
    found = importlib.util.spec_from_file_location("paper_runs", ROOT / "benchmarks" / "paper_runs.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_what_is_reckoned_from_two_blocks_is_what_all_blocks_have(paper: ModuleType) -> None:
    model, clip = paper.Model("small", 5, 2, 320), paper.Clip("small", 64, 48, 2, frames=9)
    assert paper.transformer_work(model, clip) == paper.counted_transformer(model, clip)


def test_what_is_reckoned_from_two_chunks_is_what_all_chunks_have(paper: ModuleType) -> None:
    clip = paper.Clip("small", 64, 48, 2, frames=17)
    assert paper.encoding(clip) == 2 * paper.counted_encoder(clip)


def test_a_pass_is_two_operations_a_weight_and_token_and_attention_besides(paper: ModuleType) -> None:
    """The usual estimate, 2 N T, and 4 T (T + 512 + 257) a block for tokens of themselves, of text and of the image."""
    for model in (paper.LARGE, paper.SMALL):
        work, tokens = paper.transformer_work(model, paper.TERMINALS), paper.TERMINALS.tokens
        attention = 4 * model.layers * model.width * tokens * (tokens + paper.TEXT_TOKENS + paper.IMAGE_TOKENS)
        assert work.attention == pytest.approx(attention, rel=1e-3)
        # A fifth to a quarter of the weights, for keys and values of text and image, sees fewer tokens than the others.
        assert 0.7 < (work.operations - work.attention) / (2 * work.weights * tokens) < 0.85


def test_the_sizes_are_those_that_are_published(paper: ModuleType) -> None:
    large, small = (paper.transformer_work(model, paper.TERMINALS) for model in (paper.LARGE, paper.SMALL))
    assert paper.TERMINALS.tokens == 20 * 30 * 52
    assert (paper.LARGE.width, paper.SMALL.width) == (5120, 1536)
    # 14 and 1.3 billion as published for text, and what cross-attention to the image adds.
    assert 14e9 < large.weights < 17e9
    assert 1.3e9 < small.weights < 1.7e9


def test_the_cache_weighs_what_its_tensors_weigh(paper: ModuleType) -> None:
    clip = paper.Clip("small", 64, 48, 2, frames=9)
    features = 257 * 1280 + 200 * 4096
    assert clip.cached_bytes == 2 * ((16 + 20) * 3 * 6 * 8 + features)
    assert clip._replace(encodings=3).cached_bytes == 2 * ((16 + 20 + 21) * 3 * 6 * 8 + features)


@pytest.mark.slow
def test_the_document_shows_what_the_benchmark_prints(
    paper: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    document = (ROOT / "docs" / "training_at_scale.md").read_text("utf-8")
    command, _, shown = document.partition("$ python benchmarks/paper_runs.py")[2].partition("\n")
    monkeypatch.setattr("sys.argv", ["paper_runs.py", *shlex.split(command)])
    paper.main()
    assert shown.partition("```")[0] == capsys.readouterr().out
