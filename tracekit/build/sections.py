"""The plug-ins that a recipe names, made with the options it gives them."""

from collections.abc import Mapping
from typing import Any, cast

from tracekit.build.recipe import CaptionSection, Recipe
from tracekit.build.source import Source
from tracekit.captions.base import BatchCaptioner, Captioner
from tracekit.clips.clip import Capture
from tracekit.clips.settings import Settings
from tracekit.core import plugins
from tracekit.core.check import Place, checked
from tracekit.core.errors import TracekitError
from tracekit.filters.base import Filter

RECIPE = Place("recipe")


def source_config(recipe: Recipe, place: Place = RECIPE) -> Settings:
    """The options of the recipe's source.

    Raises:
        TracekitError: no such source, or options that it does not take; the same for the other functions here.
    """
    model: type[Settings] = plugins.load("sources", recipe.source.kind).Config
    return checked(model, recipe.source.model_extra or {}, place, ("source",))


def source_of(recipe: Recipe) -> Source:
    """The recipe's source."""
    capture = Capture(recipe.clip, recipe.look, recipe.video, recipe.licence, recipe.seed)
    return cast(Source, plugins.load("sources", recipe.source.kind)(source_config(recipe), capture))


def captioner_of(recipe: Recipe, place: Place = RECIPE) -> Captioner | BatchCaptioner:
    """The recipe's captioner, made with the section's own keys as keyword arguments.

    Where it is a model of settings, fields that don't decide about captions (where servers are, how long to wait) are
    declared with ``exclude=True``: they stay out of ``build.json`` and may change between runs.
    """
    kind, options = plugins.load("captioners", recipe.captions.by), recipe.captions.model_extra or {}
    if isinstance(kind, type) and issubclass(kind, Settings):
        return cast(BatchCaptioner, checked(kind, options, place, ("captions",)))
    try:
        return cast(Captioner, kind(**options))
    except TypeError as error:
        raise TracekitError(f"captions: {error}", place=place.of(("captions",))) from error


def filters_of(recipe: Recipe, place: Place = RECIPE) -> dict[str, Filter]:
    """The recipe's filters by name, in its order."""
    return {
        name: checked(
            cast(type[Filter], plugins.load("filters", name)),
            options if isinstance(options, dict) else {},
            place,
            ("filters", name),
        )
        for name, options in recipe.filters.items()
        if options is not False
    }


def resolved(recipe: Recipe, lock: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The recipe as it stands in ``build.json``: what it leaves open filled in, and where its inputs lie left out.

    Args:
        recipe: the recipe.
        lock: the resolved recipe that it was made from, where only later sections were changed: its source stands.
    """
    plain = recipe.model_dump(mode="json")
    captioner = captioner_of(recipe)
    if lock is None:
        plain["source"] = {"kind": recipe.source.kind, **source_config(recipe).model_dump(mode="json")}
    else:
        plain["source"] = lock["source"]
    if isinstance(captioner, Settings):
        common = {name: plain["captions"][name] for name in CaptionSection.model_fields}
        plain["captions"] = common | captioner.model_dump(mode="json")
    plain["captioner"] = captioner.version
    plain["filters"] = {name: one.model_dump(mode="json") for name, one in filters_of(recipe).items()}
    return plain
