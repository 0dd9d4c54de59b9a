"""Candidates on disk are those that were put there."""

import tempfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracekit.build.spool import Spool
from tracekit.filters.base import Candidate
from tracekit.shards.sample import Captions

CANDIDATES = st.builds(
    Candidate,
    key=st.text(),
    recording=st.text(),
    input_sha256=st.text(),
    uri=st.text(),
    sample=st.dictionaries(st.text(), st.integers(), max_size=2),
    fingerprint=st.binary(),
    captions=st.just(Captions(semantic="It is still.")),
    measured=st.dictionaries(st.text(), st.none() | st.text(), max_size=2),
)


@given(st.lists(CANDIDATES, max_size=5))
def test_a_spool_is_the_list_of_what_was_appended(candidates: list[Candidate]) -> None:
    with tempfile.TemporaryFile() as file:
        spool = Spool(file)
        for number, candidate in enumerate(candidates):
            spool.append(candidate)
            assert (len(spool), spool[number], spool[-1]) == (number + 1, candidate, candidate)
        assert list(spool) == list(spool) == candidates
        assert (spool[1:], spool[::-1]) == (candidates[1:], candidates[::-1])
        with pytest.raises(IndexError):
            spool[len(candidates)]
