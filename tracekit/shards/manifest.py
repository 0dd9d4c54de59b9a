"""``shards/manifest.json``: the shards of a data set, for loaders that want counts and for copies that want hashes."""

from typing import Annotated, Literal

from pydantic import Field

from tracekit.shards.sample import Count, Model, Sha256


class ShardRecord(Model):
    """One shard."""

    name: Annotated[str, Field(pattern=r"^(train|validation)-[0-9]{6,}\.tar$")]
    samples: Count
    bytes: Count
    sha256: Sha256


class Manifest(Model):
    """``shards/manifest.json``."""

    schema_version: Literal[1] = 1
    shards: list[ShardRecord] = Field(description="In the order of their names")
