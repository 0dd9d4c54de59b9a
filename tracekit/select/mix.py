"""What a mix recipe may say: how many samples a selection has, and in which shares."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from tracekit.clips.settings import Settings
from tracekit.core.clock import FPS

Sql = Annotated[str, Field(min_length=1, max_length=10_000)]
"""An expression over the columns of the index."""


class Group(Settings):
    """Samples that have a share of the selection."""

    where: Sql = Field("true", description="Of the samples that no group before it takes, those that it takes")
    share: float = Field(1.0, gt=0, le=1e6, description="Of the whole, in proportion to the other groups' shares")
    balance: Sql | None = Field(
        None,
        description="A column, or SQL over several: its values are taken in turn, so that each has as many samples as "
        "the others, as far as it has them",
    )
    per_recording: int | None = Field(None, ge=1, description="At most so many clips of a recording, repeats uncounted")
    repeat: int = Field(
        1, ge=1, le=100, description="A training sample may be there so often where there are too few; 1: never twice"
    )


class ShardSize(Settings):
    """How large a shard may be."""

    samples: int = Field(1000, ge=1, le=1_000_000, description="At most so many in a shard")
    max_bytes: int = Field(512 * 1024 * 1024, ge=1, description="A larger sample gets a shard to itself")


class Mix(Settings):
    """What a selection is to be made of. Without a word it is all that there is."""

    name: str = Field("selection", pattern=r"^[a-z0-9][a-z0-9_-]{0,99}$", description="Of the new data set")
    description: str = ""
    seed: int = Field(0, description="Of what is drawn, and of the order of the samples")
    where: Sql | None = Field(None, description="SQL over the index: only these samples come into question")
    same_key: Literal["refuse", "first", "all"] = Field(
        "refuse",
        description="Where data sets have samples of one key: an error; that of the data set named first; or all, "
        "those of the second with -s2 after their keys, and so on",
    )
    samples: int | None = Field(None, ge=1, description="So many in all")
    hours: float | None = Field(None, gt=0, le=1e7, description="So much video in all, in place of samples")
    groups: dict[Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,60}$")], Group] = Field(
        default_factory=dict, description="By name, in this order; none: one that takes everything"
    )
    when_short: Literal["less", "fill", "refuse"] = Field(
        "less",
        description="Where a group has too few samples: the selection is smaller; the others make up for it in "
        "proportion; or an error",
    )
    shards: ShardSize = ShardSize()

    @model_validator(mode="after")
    def _has_one_target(self) -> Self:
        if self.samples is not None and self.hours is not None:
            raise ValueError("samples and hours can't both be given")
        return self

    @property
    def named_groups(self) -> dict[str, Group]:
        """The groups by name, at least one."""
        return self.groups or {"all": Group()}

    @property
    def target(self) -> int | None:
        """Of the whole: samples, or frames where hours are asked for; None: as much as the shares allow."""
        return self.samples if self.hours is None else round(self.hours * 3600 * FPS)
