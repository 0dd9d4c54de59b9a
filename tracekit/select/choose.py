"""Which samples make a selection: every sample of the data sets is chosen, or left out with the reason."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from tracekit.core.clock import FPS
from tracekit.core.errors import TracekitError
from tracekit.select import quotas
from tracekit.select.mix import Mix
from tracekit.select.opt_out import REASON as OPTED_OUT
from tracekit.select.query import checked, told

BATCH = 10_000
"""Samples that are read from a choice at a time."""
REASONS = {
    OPTED_OUT: "the opt-out list names it",
    "where": "it is not what was asked for",
    "validation-elsewhere": "it is for training, and its recording or input is validated with in one of the data sets",
    "no-group": "no group of the mix takes it",
    "same-key": "a data set named earlier has a sample of its key",
    "recording-cap": "its group has as many clips of its recording as it may have",
    "not-drawn": "its group had enough without it",
}
"""Why a sample is left out; of several reasons the first."""


@dataclass(frozen=True)
class GroupCount:
    """What became of a group of the mix."""

    share: float
    """Of the whole, 0..1, as asked for."""
    wanted: int
    """Samples, or frames of video where the mix asks for hours."""
    available: int
    """In the same unit, repeats that are allowed included."""
    samples: int
    """In the selection."""
    repeats: int
    """Of them, those that are in it already."""
    hours: float
    """Of video."""
    recordings: int


@dataclass(frozen=True)
class Choice:
    """A selection before it is written. It lies in the database, and can be read as long as that is open."""

    database: Any
    candidates: int
    """Samples of the data sets."""
    splits: dict[str, int]
    """Samples of the selection, by split."""
    left_out: dict[str, int]
    """Samples by reason."""
    groups: dict[str, GroupCount]

    @property
    def total(self) -> int:
        """Samples of the selection."""
        return sum(self.splits.values())

    def samples(self) -> pa.RecordBatchReader:
        """In the order of the new data set: key (new), source_key, set_number, shard, offset, bytes, split.

        Only one of the readers can be in use at a time.
        """
        return self.database.sql("SELECT * FROM samples").to_arrow_reader(BATCH)

    def account(self) -> pa.RecordBatchReader:
        """Every sample of the data sets, as selection.parquet has it: chosen how often, or why not."""
        return self.database.sql(_ACCOUNT).to_arrow_reader(BATCH)


def choose(database: Any, mix: Mix, where: str | None = None) -> Choice:
    """Choose.

    Args:
        database: as `tracekit.select.query.connect` gives it.
        mix: what to choose.
        where: SQL that must hold besides the mix's own.

    Raises:
        TracekitError: an expression that is not one, samples of one key where the mix refuses them, or a group that is
            short where the mix refuses that.
    """
    _gather(database, mix, where)
    _settle_keys(database, mix)
    with told("mix"):
        database.execute(_CAP)
        database.execute(_DRAWS.format(weight="1" if mix.hours is None else "frames"))
        available = dict(database.execute("SELECT grp, sum(weight)::BIGINT FROM draws GROUP BY grp").fetchall())
    groups = list(mix.named_groups)
    has = [available.get(place, 0) for place in range(len(groups))]
    wanted, quota = _quotas(mix, dict(zip(groups, has, strict=True)))
    _register(database, "quotas", {"grp": range(len(groups)), "quota": quota})
    with told("mix"):
        database.execute(_CHOSEN)
        database.execute(_NOT_DRAWN)
        database.execute(_SAMPLES.format(seed=mix.seed))
        counts = {row[0]: row[1:] for row in database.execute(_COUNTS).fetchall()}
        left_out = dict(database.execute(_LEFT_OUT).fetchall())
        splits = dict(database.execute(_SPLITS).fetchall())
        [[candidates]] = database.execute("SELECT count(*) FROM candidates").fetchall()
    _check_keys(database)
    whole = sum(group.share for group in mix.named_groups.values())
    told_groups = {}
    for place, (name, group) in enumerate(mix.named_groups.items()):
        count, repeats, frames, recordings = counts.get(place, (0, 0, 0, 0))
        told_groups[name] = GroupCount(
            group.share / whole, wanted[place], has[place], count, repeats, frames / FPS / 3600, recordings
        )
    in_order = {name: left_out[name] for name in REASONS if name in left_out}
    return Choice(database, candidates, splits, in_order, told_groups)


def _gather(database: Any, mix: Mix, where: str | None) -> None:
    """Make ``groups`` and ``candidates``: every sample with its group, the value it is balanced by, and its draw."""
    groups = mix.named_groups
    _register(
        database,
        "groups",
        {
            "grp": range(len(groups)),
            "name": list(groups),
            "per_recording": [group.per_recording for group in groups.values()],
            "repeat": [group.repeat for group in groups.values()],
        },
    )
    conditions = {"--where": where, "where": mix.where}
    asked = [checked(database, text, place) for place, text in conditions.items() if text is not None]
    takes, balances = [], []
    for place, (name, group) in enumerate(groups.items()):
        takes.append(f"WHEN {checked(database, group.where, f'groups.{name}.where')} THEN {place}")
        value = "NULL" if group.balance is None else checked(database, group.balance, f"groups.{name}.balance")
        balances.append(f"WHEN {place} THEN CAST({value} AS VARCHAR)")
    with told("where"):
        database.execute(
            _CANDIDATES.format(
                seed=mix.seed,
                group=f"CASE {' '.join(takes)} END",
                balance=f"CASE grp {' '.join(balances)} END",
                asked=" AND ".join(f"coalesce({text}, false)" for text in asked) or "true",
            )
        )


def _settle_keys(database: Any, mix: Mix) -> None:
    """Two samples of one key can't stand in one data set; see `Mix.same_key`."""
    if mix.same_key == "first":
        database.execute(_FIRST_OF_KEY)
    elif mix.same_key == "refuse" and (found := database.execute(_SAME_KEYS).fetchall()):
        raise TracekitError(
            f"{len(found)} keys are in more than one of the data sets, {found[0][0]} for one",
            remedy="--same-key first takes the samples of the data set named first, --same-key all takes all of them",
        )


def _quotas(mix: Mix, available: Mapping[str, int]) -> tuple[list[int], list[int]]:
    """How much each group is to have, and how much it gets."""
    shares, has = [group.share for group in mix.named_groups.values()], list(available.values())
    if mix.target is None and len(has) > 1 and (empty := [name for name, count in available.items() if not count]):
        raise TracekitError(f"the group {empty[0]} has no samples", place="groups",
                            remedy="leave it out, or say how many `samples` the mix is to have")  # fmt: skip
    total = quotas.largest_total(shares, has) if mix.target is None else mix.target
    wanted = quotas.apportion(total, shares)
    short = {name: count for (name, count), want in zip(available.items(), wanted, strict=True) if count < want}
    if short and mix.when_short == "refuse":
        names = ", ".join(
            f"{name} has {count} of {wanted[list(available).index(name)]}" for name, count in short.items()
        )
        raise TracekitError(f"too few samples: {names}", place="groups", remedy="ask for fewer, or set when_short")
    if mix.when_short == "fill":
        return wanted, quotas.filled(total, shares, has)
    return wanted, [min(pair) for pair in zip(wanted, has, strict=True)]


def _check_keys(database: Any) -> None:
    [[twice]], [[long]] = (database.execute(query).fetchall() for query in (_TWICE, _LONG))
    if twice is not None:
        raise TracekitError(f"two samples would have the key {twice}", remedy="tracekit shards verify the data sets")
    if long is not None:
        raise TracekitError(f"a key would have more than 120 characters: {long}", remedy="choose without repeats")


def _register(database: Any, name: str, columns: Mapping[str, Iterable[Any]]) -> None:
    database.register(name, pa.table({column: list(values) for column, values in columns.items()}))


# What is drawn by chance is drawn by the hash of seed and key: whatever else is there, a sample has its place.
_CANDIDATES = """
CREATE TABLE candidates AS
SELECT *, coalesce(against, CASE WHEN grp IS NULL THEN 'no-group' END) AS reason FROM (
    SELECT set_number, dataset, key, recording, split, shard, "offset", bytes, frames,
        left(sha256(concat({seed}, ':', key)), 16) AS draw,
        {group} AS grp,
        {balance} AS balance,
        CASE
            WHEN opted_out THEN 'opted-out'
            WHEN NOT ({asked}) THEN 'where'
            WHEN split <> 'validation' AND (
                recording IN (SELECT recording FROM clips WHERE split = 'validation')
                OR sha256 IN (SELECT sha256 FROM clips WHERE split = 'validation')) THEN 'validation-elsewhere'
        END AS against
    FROM clips)
"""
_SAME_KEYS = """
SELECT key FROM candidates WHERE reason IS NULL GROUP BY key HAVING count(DISTINCT set_number) > 1 ORDER BY key
"""
_FIRST_OF_KEY = """
UPDATE candidates SET reason = 'same-key'
FROM (SELECT key, min(set_number) AS earliest FROM candidates WHERE reason IS NULL GROUP BY key) AS first
WHERE reason IS NULL AND candidates.key = first.key AND candidates.set_number > first.earliest
"""
_CAP = """
UPDATE candidates SET reason = 'recording-cap' WHERE rowid IN (
    SELECT c.rowid FROM candidates c JOIN groups USING (grp) WHERE reason IS NULL
    QUALIFY row_number() OVER (PARTITION BY grp, recording ORDER BY draw, key, set_number) > per_recording)
"""
# A sample's turn is its place among those of its value; the repeats of a value come when all of them had their turn.
_DRAWS = """
CREATE TABLE draws AS
SELECT candidate, grp, {weight} AS weight, round, turn + round * of_value AS turn, draw, key, set_number FROM (
    SELECT c.rowid AS candidate, c.*,
        row_number() OVER (PARTITION BY grp, balance ORDER BY draw, key, set_number) AS turn,
        count(*) OVER (PARTITION BY grp, balance) AS of_value,
        unnest(range(CASE WHEN split = 'train' THEN repeat ELSE 1 END)) AS round
    FROM candidates c JOIN groups USING (grp) WHERE reason IS NULL)
"""
_CHOSEN = """
CREATE TABLE chosen AS
SELECT candidate, round FROM (
    SELECT *, sum(weight) OVER (
        PARTITION BY grp ORDER BY turn, draw, key, set_number ROWS UNBOUNDED PRECEDING) AS filled
    FROM draws) JOIN quotas USING (grp) WHERE filled <= quota
"""
_NOT_DRAWN = """
UPDATE candidates SET reason = 'not-drawn' WHERE reason IS NULL AND rowid NOT IN (SELECT candidate FROM chosen)
"""
_SAMPLES = """
CREATE TABLE samples AS
SELECT * FROM (
    SELECT concat(key,
            CASE WHEN set_number > min(set_number) OVER (PARTITION BY key) THEN concat('-s', set_number) END,
            CASE WHEN round > 0 THEN concat('-r', round + 1) END) AS key,
        key AS source_key, set_number, shard, "offset", bytes, split
    FROM chosen JOIN candidates ON candidates.rowid = candidate)
ORDER BY split, sha256(concat({seed}, ':order:', key)), key
"""
_COUNTS = """
SELECT grp, count(*), count(*) FILTER (round > 0), sum(frames)::BIGINT, count(DISTINCT recording)
FROM chosen JOIN candidates ON candidates.rowid = candidate GROUP BY grp
"""
_TWICE = "SELECT min(key) FROM (SELECT key FROM samples GROUP BY key HAVING count(*) > 1)"
_LONG = "SELECT min(key) FROM samples WHERE length(key) > 120"
_SPLITS = "SELECT split, count(*) FROM samples GROUP BY split ORDER BY split"
_LEFT_OUT = "SELECT reason, count(*) FROM candidates WHERE reason IS NOT NULL GROUP BY reason"
_ACCOUNT = """
SELECT CASE WHEN named THEN dataset END AS dataset, CASE WHEN named THEN c.key END AS key,
    CASE WHEN named THEN recording END AS recording, CASE WHEN named THEN split END AS split,
    CASE WHEN named THEN groups.name END AS "group", reason, coalesce(times, 0) AS times
FROM (SELECT rowid AS candidate, *, reason IS DISTINCT FROM 'opted-out' AS named FROM candidates) c
LEFT JOIN groups USING (grp)
LEFT JOIN (SELECT candidate, count(*) AS times FROM chosen GROUP BY candidate) USING (candidate)
ORDER BY named DESC, set_number, c.key
"""
