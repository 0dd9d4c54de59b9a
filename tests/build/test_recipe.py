"""A recipe that can't be meant is refused, with the place and the nearest thing that can."""

import json
from pathlib import Path

import pytest
from toy_build import RECIPE

from tracekit.build.recipe import Recipe
from tracekit.build.recipe_file import load_recipe
from tracekit.build.sections import captioner_of, filters_of, resolved, source_config
from tracekit.core.errors import TracekitError


def written(folder: Path, text: str) -> Path:
    path = folder / "toy.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("line", "line_number", "told"),
    [
        ("loook: {}", 1, "unknown key 'loook' (the nearest known key is 'look')"),
        ("look: {them: nord}", 1, "unknown key 'look.them' (the nearest known key is 'theme')"),
        (
            "look:\n  canvas:\n    widht_px: 832",
            3,
            "unknown key 'look.canvas.widht_px' (the nearest known key is 'width_px')",
        ),
        ("video: {qp: 99}", 1, "video.qp: Input should be less than or equal to 51, not 99"),
        ("look: {engine: xterm}", 1, "look.engine: Input should be one of ghostty, pyte, not 'xterm'"),
        ("name: [", None, "not YAML"),
    ],
)
def test_an_error_names_the_line_and_the_nearest_key(
    line: str, line_number: int | None, told: str, tmp_path: Path
) -> None:
    path = written(tmp_path, RECIPE + line + "\n")
    with pytest.raises(TracekitError) as caught:
        load_recipe(path)
    where = f"{path}:{len(RECIPE.splitlines()) + line_number}: " if line_number else f"{path}: "
    assert str(caught.value).startswith(where)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ("kind: toy", "kind: toys", "there is no source named 'toys'"),
        ("kind: toy", "kind: toy\n  loudnes: 2", "the nearest known key is 'loudness'"),
        ("paths: [inputs]", "loudness: 1", "source.paths: Field required"),
        ("by: toy", "by: bard", "there is no captioner named 'bard'"),
        ("by: toy", "by: toy\n  greting: Hello", "greting"),
        ("min_length: 3", "min_lenght: 3", "the nearest known key is 'min_length'"),
        ("toy-twin:", "toy-twins:", "there is no filter named 'toy-twins'"),
        ("name: toy", "name: a toy", "name: "),
        ("name: toy", "", "name: Field required"),
        (RECIPE, "just words", "a recipe is a mapping"),
    ],
)
def test_plug_ins_and_their_options_are_checked_before_anything_runs(
    was: str, now: str, told: str, tmp_path: Path
) -> None:
    with pytest.raises(TracekitError) as caught:
        load_recipe(written(tmp_path, RECIPE.replace(was, now)))
    assert told in str(caught.value)


def test_settings_change_any_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = written(tmp_path, RECIPE)
    settings = [
        "look.canvas.width_px=640",
        "filters.toy-short=false",
        "filters.toy-twin={}",
        "video.qp=7",
        "source.paths=x,y",
        "look.fonts=A Mono,B Mono",
        "clip.idle_limit_s=null",
        "captions.tier=semantic",
        "seed=5",
    ]
    recipe = load_recipe(path, settings)
    assert recipe.look.canvas is not None
    assert (recipe.look.canvas.width_px, recipe.look.canvas.height_px) == (640, 480)
    assert list(filters_of(recipe)) == ["toy-twin"]
    assert recipe.video.qp == 7
    assert recipe.seed == 5
    assert recipe.look.fonts == ["A Mono", "B Mono"]
    assert recipe.clip.idle_limit_s is None
    assert recipe.captions.tier == "semantic"
    assert source_config(recipe).paths == [str(tmp_path / "x"), str(tmp_path / "y")]  # type: ignore[attr-defined]


def test_a_filter_takes_a_list_from_settings(tmp_path: Path) -> None:
    recipe = load_recipe(written(tmp_path, RECIPE), ["filters.toy-short.never=apple,pear"])
    assert filters_of(recipe)["toy-short"].never == ["apple", "pear"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("setting", ["seed", "=3", ".a=3", "seed=[", "source.kind=toys", "a.b=3", "seed.x=3"])
def test_a_setting_that_is_none_is_refused(setting: str, tmp_path: Path) -> None:
    with pytest.raises(TracekitError):
        load_recipe(written(tmp_path, RECIPE), [setting])


def test_paths_in_a_recipe_are_relative_to_it(tmp_path: Path) -> None:
    recipe = load_recipe(written(tmp_path, RECIPE))
    assert source_config(recipe).paths == [str(tmp_path / "inputs")]  # type: ignore[attr-defined]
    recipe = load_recipe(written(tmp_path, RECIPE.replace("[inputs]", "s3://bucket/inputs")), ["source.paths=s3://b/x"])
    assert source_config(recipe).paths == ["s3://b/x"]  # type: ignore[attr-defined]


def test_the_resolved_recipe_says_all_but_where_the_inputs_are(tmp_path: Path) -> None:
    recipe = load_recipe(written(tmp_path, RECIPE))
    plain = resolved(recipe)
    assert plain["source"] == {"kind": "toy", "loudness": 1}
    assert plain["captioner"] == captioner_of(recipe).version == "toy/1"
    assert plain["filters"] == {"toy-short": {"min_length": 3, "never": []}, "toy-twin": {}}
    assert str(tmp_path) not in json.dumps(plain)


def test_a_recipe_survives_its_own_json(tmp_path: Path) -> None:
    recipe = load_recipe(written(tmp_path, RECIPE))
    assert Recipe.model_validate_json(recipe.model_dump_json()) == recipe


def test_the_recipes_that_ship_are_valid() -> None:
    recipes = sorted((Path(__file__).parents[2] / "recipes").glob("*.yaml"))
    assert recipes
    for path in (path for path in recipes if path.name != "mix.yaml"):  # of a selection: tests/select
        assert load_recipe(path).name
