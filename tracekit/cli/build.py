"""`tracekit build`, `tracekit filter`, `tracekit caption`: data sets out of recipes."""

import json
import os
import shlex
import sys
from collections.abc import Callable
from contextlib import ExitStack, closing, redirect_stdout
from pathlib import Path
from typing import Annotated

import typer

from tracekit.build.capture import OWN_FAULT
from tracekit.build.progress import Bar, JsonLines, Lines, Steps
from tracekit.build.recipe_file import load_recipe
from tracekit.build.run import Workers, build, rebuild
from tracekit.build.summary import Summary
from tracekit.cli import say

Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="A.B=VALUE", help="Change a key of the recipe; may be given more than once."),
]
Count = Annotated[
    int,
    typer.Option(
        "--workers",
        "-w",
        min=0,
        max=1024,
        show_default="all cores",
        help="Processes; 0 works in this one, without Ray.",
    ),
]
Address = Annotated[str | None, typer.Option("--ray-address", metavar="A", help="Use the Ray cluster there.")]
Out = Annotated[str, typer.Argument(metavar="DIR", help="Folder of a build: a path, or a URL that fsspec knows.")]

CORES = len(os.sched_getaffinity(0))
_OWN_PATIENCE_S = 5
"""How long a server of our own may be away: it does not come back by itself."""


def build_command(
    recipe: Annotated[Path, typer.Argument(metavar="RECIPE.yaml", help="What to build.")],
    out: Annotated[str, typer.Option("--out", metavar="DIR", help="Where to: a path, or a URL that fsspec knows.")],
    settings: Set = None,
    workers: Count = CORES,
    ray_address: Address = None,
    as_json: say.Json = False,
) -> None:
    """Build a data set, or go on with one that was stopped.

    Example: tracekit build recipes/cligen_general.yaml --set source.paths=casts/ --out general/
    """
    made = load_recipe(recipe, settings or ())
    _work(lambda steps: build(made, out, Workers(workers, ray_address), steps), out, as_json)


def filter_command(
    out: Out,
    settings: Set = None,
    workers: Count = CORES,
    ray_address: Address = None,
    as_json: say.Json = False,
) -> None:
    """Filter and pack a build again with other settings, without drawing again.

    Example: tracekit filter general/ --set filters.frozen.min_changed_frames=5 --set filters.blank=false
    """
    _work(lambda steps: rebuild(out, settings or (), Workers(workers, ray_address), steps), out, as_json)


def caption_command(
    out: Out,
    server: Annotated[
        list[str] | None,
        typer.Option(
            "--server", metavar="URL", help="A server that speaks OpenAI's protocol; may be given more than once."
        ),
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", metavar="M", help="The model, by the name that the servers know it by.")
    ] = None,
    vllm: Annotated[
        Path | None,
        typer.Option("--vllm", metavar="MODEL_DIR", help="Start vLLM with this model here, and stop it after."),
    ] = None,
    vllm_args: Annotated[
        str, typer.Option("--vllm-args", metavar="ARGS", help="More arguments for `vllm serve`, in quotes.")
    ] = "",
    rules: Annotated[bool, typer.Option("--rules", help="By rules, from what stands on the screen: no model.")] = False,
    tier: Annotated[
        str | None,
        typer.Option("--tier", metavar="TIER", help="The caption for KEY.txt: semantic, regular, detailed, ..."),
    ] = None,
    settings: Set = None,
    workers: Count = CORES,
    ray_address: Address = None,
    as_json: say.Json = False,
) -> None:
    """Caption, filter and pack a build again, without drawing again.

    Who writes: a model behind --server, one that --vllm starts here, or --rules; without any of them whoever the build
    names. Every caption of a model is checked against what is on the screen. One that scores below captions.bar is
    asked for again with the fault named, and then written by the rules and marked so.

    Stopped at any time, the same command goes on. Replies are kept in DIR/.cache, so nothing is asked twice. A key that
    the servers want is read from the environment variable TRACEKIT_API_KEY, or from the one that captions.key_variable
    names.

    Example: tracekit caption general/ --server http://gpu1:8000 --server http://gpu2:8000 --model llama-3.1-70b

    Example: tracekit caption general/ --vllm models/llama-3.1-8b --vllm-args "--quantization fp8" --tier regular

    Example: tracekit caption general/ --server http://gpu1:8000 --set captions.bar=0.9 --set captions.concurrency=128

    Example: tracekit caption general/ --rules
    """
    if sum(map(bool, (server, vllm, rules))) > 1 or (model and rules):
        raise typer.BadParameter("--server, --vllm and --rules: give one of them; --model goes with the first two")
    with ExitStack() as served:
        if vllm:
            from tracekit.captions.llm.vllm_server import vllm_server

            say.console.print(f"starting vLLM with {vllm}", markup=False)
            started = served.enter_context(vllm_server(vllm, name=model, extra=shlex.split(vllm_args)))
            server, model = [started.url], started.model
            settings = [f"captions.patience_s={_OWN_PATIENCE_S}", *(settings or [])]
        by = "rules" if rules else "model" if server or model else None
        named = {"by": by, "server": server, "model": model, "tier": tier}
        changes = [f"captions.{name}={json.dumps(value)}" for name, value in named.items() if value]
        _work(
            lambda steps: rebuild(out, changes + (settings or []), Workers(workers, ray_address), steps), out, as_json
        )


def _work(work: Callable[[Steps], Summary], out: str, as_json: bool) -> None:
    steps = JsonLines() if as_json else Bar(say.console) if say.console.is_terminal else Lines(say.console)
    try:
        # Ray tells of workers that died on standard output, which is for results.
        with closing(steps), redirect_stdout(sys.stderr):
            summary = work(steps)
    except KeyboardInterrupt:
        say.console.print("stopped. What is committed stays: the same command goes on from here.")
        raise typer.Exit(130) from None
    if as_json:
        say.result(summary.to_dict())
    else:
        _print(summary, out)
    if faults := summary.reasons.get(OWN_FAULT):
        say.console.print(
            f"tracekit itself failed on {faults} inputs: index.parquet has the errors; please report them"
        )
        raise typer.Exit(1)


def _print(summary: Summary, out: str) -> None:
    samples = ", ".join(f"{count} {split}" for split, count in summary.samples.items()) or "none"
    typer.echo(f"samples: {samples}; {summary.shards} shards, {summary.shard_bytes / 1e6:.1f} MB, in {out}")
    typer.echo(f"inputs:  {summary.inputs} = {summary.inputs_kept} kept + {summary.inputs_rejected} rejected")
    typer.echo(f"clips:   {summary.clips} = {summary.clips_kept} kept + {summary.clips_rejected} rejected")
    for reason, count in summary.reasons.items():
        typer.echo(f"         {count} {reason}")
