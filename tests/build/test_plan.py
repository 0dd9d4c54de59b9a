"""Laws 4 and 2, of the plan: every input is in one part or refused, and nothing but their content decides in which."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracekit.build.plan import make_plan
from tracekit.build.recipe import PartSection
from tracekit.clips.clip import Input
from tracekit.core.errors import TracekitError

HASHES = [f"{number:064x}" for number in range(6)]

INPUTS = st.lists(
    st.builds(
        Input,
        uri=st.text("abc", min_size=1, max_size=4),
        sha256=st.sampled_from(HASHES),
        bytes=st.integers(0, 100),
        locator=st.just(""),
        problem=st.sampled_from(["", "", "", "locked"]),
    ),
    min_size=1,
    unique_by=lambda item: item.uri,
)
LIMITS = st.builds(PartSection, inputs=st.integers(1, 4), max_bytes=st.integers(1, 200))


@given(INPUTS, LIMITS)
def test_every_input_is_in_one_part_or_refused(inputs: list[Input], limits: PartSection) -> None:
    plan = make_plan(inputs, limits)
    planned = [item.uri for part in plan.parts for item in part.inputs]
    refused = [one.uri for one in plan.refused]
    assert sorted(planned + refused) == sorted(item.uri for item in inputs)
    assert plan.inputs == len(inputs)


@given(INPUTS, LIMITS, st.randoms())
def test_the_plan_knows_no_order_of_listing(inputs: list[Input], limits: PartSection, random: object) -> None:
    shuffled = inputs[:]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert make_plan(inputs, limits) == make_plan(shuffled, limits)


@given(INPUTS, LIMITS)
def test_parts_keep_to_their_limits(inputs: list[Input], limits: PartSection) -> None:
    for number, part in enumerate(make_plan(inputs, limits).parts):
        assert part.id == f"{number:06d}"
        assert 0 < len(part.inputs) <= limits.inputs
        assert part.bytes <= limits.max_bytes or len(part.inputs) == 1


@given(INPUTS, LIMITS)
def test_the_same_bytes_are_taken_once(inputs: list[Input], limits: PartSection) -> None:
    plan = make_plan(inputs, limits)
    taken = Counter(item.sha256 for part in plan.parts for item in part.inputs)
    assert set(taken.values()) <= {1}
    assert set(taken) == {item.sha256 for item in inputs if not item.problem}


def test_no_inputs_and_names_used_twice_are_told() -> None:
    with pytest.raises(TracekitError, match="no inputs"):
        make_plan([], PartSection())
    twice = [Input("a.cast", sha256, 1, "") for sha256 in HASHES[:2]]
    with pytest.raises(TracekitError, match=r"two inputs are named 'a\.cast'"):
        make_plan(twice, PartSection())


def test_an_input_is_refused_by_the_name_that_its_source_gives() -> None:
    inputs = [Input("a", HASHES[0], 1, "", "it is a copy", "duplicate"), Input("b", HASHES[1], 1, "", "it is locked")]
    refused = {one.uri: one.reason for one in make_plan([*inputs, Input("c", HASHES[2], 1, "")], PartSection()).refused}
    assert refused == {"a": "duplicate", "b": "unreadable"}
