"""What servers say of their work on ``/metrics``, in the text format of Prometheus, by the names that vLLM has.

Counters run on from the server's start, and count what everybody asks of it: two readings give what lies between.
"""

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from typing import Final

_NAMES: Final = {
    "prompt_tokens": ("vllm:prompt_tokens",),
    "generation_tokens": ("vllm:generation_tokens",),
    "prefix_hits": ("vllm:prefix_cache_hits", "vllm:gpu_prefix_cache_hits"),
    "prefix_queries": ("vllm:prefix_cache_queries", "vllm:gpu_prefix_cache_queries"),
    "running": ("vllm:num_requests_running",),
    "waiting": ("vllm:num_requests_waiting",),
}
"""Families, without the ``_total`` of a counter. Of several names the first that is there: vLLM has changed some."""


@dataclass(frozen=True)
class Load:
    """One reading, or what lies between two; a figure that a server does not give is None."""

    prompt_tokens: float | None = None
    generation_tokens: float | None = None
    prefix_hits: float | None = None
    """Tokens of prompts that were found in the server's cache, of ``prefix_queries``."""
    prefix_queries: float | None = None
    running: float | None = None
    """Requests, now; as is ``waiting``, no counter."""
    waiting: float | None = None

    def since(self, before: "Load") -> "Load":
        """What was done after an earlier reading, and how many requests run and wait at this one.

        A counter that has gone down belongs to a server that was started anew: it has counted from 0.
        """
        return Load(
            _between(before.prompt_tokens, self.prompt_tokens),
            _between(before.generation_tokens, self.generation_tokens),
            _between(before.prefix_hits, self.prefix_hits),
            _between(before.prefix_queries, self.prefix_queries),
            self.running,
            self.waiting,
        )

    def __str__(self) -> str:
        said = []
        if self.generation_tokens is not None:
            said.append(f"{self.generation_tokens:,.0f} tokens written")
        if self.prompt_tokens is not None:
            said.append(f"{self.prompt_tokens:,.0f} read")
        if self.prefix_hits is not None and self.prefix_queries:
            said.append(f"{self.prefix_hits / self.prefix_queries:.0%} of them known")
        if self.running is not None:
            said.append(f"{self.running:,.0f} running")
        if self.waiting is not None:
            said.append(f"{self.waiting:,.0f} waiting")
        return ", ".join(said)


def load_of(page: str) -> Load:
    """Read a page of metrics; nothing of one that is not in the format."""
    from prometheus_client.parser import text_string_to_metric_families

    found: dict[str, float] = {}
    try:
        for family in text_string_to_metric_families(page):
            # A server with several engines has a line for each.
            values = [sample.value for sample in family.samples if sample.name in {family.name, f"{family.name}_total"}]
            if values:
                found[family.name] = sum(values)
    except ValueError:
        return Load()
    return Load(
        **{figure: next((found[name] for name in names if name in found), None) for figure, names in _NAMES.items()}
    )


def together(loads: Iterable[Load]) -> Load:
    """The sum of the readings of several servers."""
    figures = zip(*(astuple(load) for load in loads), strict=True)
    return Load(*(_sum([value for value in values if value is not None]) for values in figures))


def _sum(values: list[float]) -> float | None:
    return sum(values) if values else None


def _between(before: float | None, after: float | None) -> float | None:
    if after is None:
        return None
    return after - before if before is not None and before <= after else after
