"""Shares, balance and caps are as the mix says, and chance comes from its seed alone."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_sets import account, desktops, keys, stored, terminals

from tracekit.core.check import checked
from tracekit.core.errors import TracekitError
from tracekit.core.yaml_file import read_yaml
from tracekit.select.mix import Mix
from tracekit.select.quotas import apportion, filled, largest_total
from tracekit.select.run import select

SHARES = st.lists(st.tuples(st.floats(0.01, 100), st.integers(0, 1000)), min_size=1, max_size=6)


@given(SHARES, st.integers(0, 5000))
def test_parts_sum_up_and_are_next_to_the_exact_ones(groups: list[tuple[float, int]], total: int) -> None:
    shares = [share for share, _ in groups]
    parts = apportion(total, shares)
    assert sum(parts) == total
    assert all(abs(part - total * share / sum(shares)) < 1 + 1e-6 for part, share in zip(parts, shares, strict=True))


@given(SHARES, st.integers(0, 5000))
def test_filling_up_takes_all_that_it_can_and_no_more_than_there_is(
    groups: list[tuple[float, int]], total: int
) -> None:
    shares, available = [share for share, _ in groups], [has for _, has in groups]
    parts = filled(total, shares, available)
    assert sum(parts) == min(total, sum(available))
    assert all(part <= has for part, has in zip(parts, available, strict=True))


@given(SHARES)
def test_at_the_largest_total_no_group_is_short(groups: list[tuple[float, int]]) -> None:
    shares, available = [share for share, _ in groups], [has for _, has in groups]
    total = largest_total(shares, available)
    assert all(part <= has for part, has in zip(apportion(total, shares), available, strict=True))
    more = apportion(total + len(shares), shares)
    assert any(part >= has for part, has in zip(more, available, strict=True))


@pytest.fixture
def sets(tmp_path: Path) -> list[str]:
    tapes = {"shell/one": 6, "shell/two": 6, "git/one": 2}
    return [str(terminals(tmp_path / "tapes", tapes)), str(desktops(tmp_path / "slow", {"d": 5, "e": 3}))]


def chosen(out: Path) -> Counter[str]:
    return Counter(str(row["group"]) for row in account(out) for _ in range(row["times"]))


def test_shares_are_kept(sets: list[str], tmp_path: Path) -> None:
    groups = {"desktop": {"where": "kind = 'desktop'", "share": 1}, "rest": {"share": 2}}
    select(sets, str(tmp_path / "out"), Mix(samples=9, groups=groups))
    assert chosen(tmp_path / "out") == {"desktop": 3, "rest": 6}
    select(sets, str(tmp_path / "most"), Mix(groups=groups))
    assert chosen(tmp_path / "most") == {"desktop": 7, "rest": 14}


@pytest.mark.parametrize(("when_short", "counts"), [("less", {"a": 8, "b": 10}), ("fill", {"a": 8, "b": 12})])
def test_a_group_that_is_short_is_told(
    sets: list[str], tmp_path: Path, when_short: str, counts: dict[str, int]
) -> None:
    groups = {"a": {"where": "kind = 'desktop'"}, "b": {}}
    mix = Mix.model_validate({"samples": 20, "groups": groups, "when_short": when_short})
    summary = select(sets, str(tmp_path / "out"), mix)
    assert chosen(tmp_path / "out") == counts
    assert summary.short == {"a": 10}
    assert "| a | 50.00% | 10 | 8 | 8 |" in (tmp_path / "out" / "README.md").read_text()


def test_a_group_that_is_short_can_be_refused(sets: list[str], tmp_path: Path) -> None:
    with pytest.raises(TracekitError, match="all has 22 of 23"):
        select(sets, str(tmp_path / "out"), Mix(samples=23, when_short="refuse"))


def test_balance_takes_values_in_turn(sets: list[str], tmp_path: Path) -> None:
    mix = Mix(samples=7, where="kind = 'terminal'", groups={"all": {"balance": "family"}})
    select(sets, str(tmp_path / "out"), mix)
    assert Counter(key.partition("-")[0] for key in keys(tmp_path / "out")) == {"shell": 5, "git": 2}


def test_a_rare_value_is_repeated_before_a_common_one_is_taken_further(sets: list[str], tmp_path: Path) -> None:
    mix = Mix(samples=8, where="kind = 'terminal'", groups={"all": {"balance": "family", "repeat": 2}})
    select(sets, str(tmp_path / "out"), mix)
    assert Counter(key.partition("-")[0] for key in keys(tmp_path / "out")) == {"shell": 4, "git": 4}


def test_no_recording_has_more_than_its_cap(sets: list[str], tmp_path: Path) -> None:
    summary = select(sets, str(tmp_path / "out"), Mix(groups={"all": {"per_recording": 3}}))
    recordings = Counter(sample.key.rpartition("_")[0] for sample in stored(tmp_path / "out"))
    assert recordings == {"shell-one": 3, "shell-two": 3, "git-one": 2, "d": 3, "e": 3}
    assert summary.left_out == {"recording-cap": 8}


def test_hours_are_of_video(sets: list[str], tmp_path: Path) -> None:
    summary = select(sets, str(tmp_path / "out"), Mix(hours=32 / 3600))
    assert summary.samples == {"train": 6}  # of five seconds each
    assert summary.groups["all"].hours == 30 / 3600


def test_another_seed_chooses_others_and_the_same_seed_the_same(sets: list[str], tmp_path: Path) -> None:
    found = []
    for name, seed in (("one", 0), ("two", 0), ("three", 1)):
        select(sets, str(tmp_path / name), Mix(samples=8, seed=seed))
        found.append([sample.key for sample in stored(tmp_path / name)])
    assert found[0] == found[1]
    assert set(found[0]) != set(found[2])


def test_what_is_drawn_stays_when_more_is_asked_for(sets: list[str], tmp_path: Path) -> None:
    for count in (5, 9):
        select(sets, str(tmp_path / str(count)), Mix(samples=count))
    assert set(keys(tmp_path / "5")) < set(keys(tmp_path / "9"))


def test_the_mix_that_ships_is_valid() -> None:
    path = Path(__file__).parents[2] / "recipes" / "mix.yaml"
    assert checked(Mix, *read_yaml(path)).groups.keys() == {"casts", "tapes", "desktops"}


@pytest.mark.parametrize("wrong", [{"samples": 1, "hours": 1}, {"samples": 0}, {"groups": {"a b": {}}}, {"nope": 1}])
def test_a_mix_that_means_nothing_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        Mix.model_validate(wrong)
