"""What filters take: every count is that of a set of clips, and together they account for all."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tracekit.build.overlaps import left_after, overlaps

NAMES = ("size", "frozen", "a $name$")

clips = st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), max_size=30)


def verdict(keeps: tuple[bool, ...]) -> dict[str, Any]:
    decisions = [{"filter": name, "keep": keep} for name, keep in zip(NAMES, keeps, strict=True)]
    return {"decisions": decisions, "reason": next((d["filter"] for d in decisions if not d["keep"]), None)}


@given(clips)
def test_the_counts_are_those_of_the_sets_of_clips(drawn: list[tuple[bool, bool, bool]]) -> None:
    found = overlaps(map(verdict, drawn))
    against = {name: {n for n, keeps in enumerate(drawn) if not keeps[i]} for i, name in enumerate(NAMES)}
    assert found.asked == len(drawn)
    assert found.kept == len(drawn) - len(set.union(*against.values()))
    for name in found.takes:
        others = set.union(*(against[other] for other in NAMES if other != name))
        before = set().union(*(against[other] for other in NAMES[: NAMES.index(name)]))
        assert found.takes[name] == len(against[name])
        assert found.only[name] == len(against[name] - others)
        assert found.first[name] == len(against[name] - before)
        assert found.together[name] == {other: len(against[name] & against[other]) for other in NAMES}
    assert found.asked == found.kept + sum(found.first.values())
    assert [left for _, left in left_after(found)][-1:] in ([found.kept], [])


def test_clips_that_never_came_to_the_filters_do_not_count() -> None:
    uncaptioned = {"decisions": [], "reason": "caption-error"}
    twice = verdict((True, False, True)) | {"reason": "duplicate-key"}
    found = overlaps([uncaptioned, twice, verdict((True, True, True))])
    assert (found.asked, found.kept, found.takes["frozen"]) == (1, 1, 0)


def test_without_filters_all_is_kept() -> None:
    found = overlaps([{"decisions": [], "reason": None}] * 3)
    assert (found.asked, found.kept, found.takes) == (3, 3, {})
