"""Programs for property tests."""

from hypothesis import strategies as st

from tracekit.tapes.language.program import (
    KEYS,
    Chord,
    Copy,
    Env,
    Hide,
    Paste,
    Press,
    Program,
    Setting,
    Show,
    Sleep,
    Type,
    Wait,
)

TIMES_NS = st.integers(0, 3_000_000_000)
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
TIMED = st.one_of(
    st.builds(Type, TEXTS, st.none() | TIMES_NS),
    st.builds(Press, st.sampled_from(KEYS), st.integers(1, 5), st.none() | TIMES_NS),
    st.builds(Chord, st.sampled_from([*"acz.[", "Tab", "Left", ""]), st.booleans(), st.booleans(), st.booleans()),
    st.builds(Sleep, TIMES_NS),
    st.builds(Copy, TEXTS),
    st.just(Paste()),
    st.just(Hide()),
    st.just(Show()),
    st.builds(Wait, st.sampled_from(["line", "screen"]), st.just(">"), st.none() | st.just(1_000_000_000)),
    st.builds(lambda delay_ns: Setting("TypingSpeed", delay_ns), TIMES_NS),
    st.builds(Env, st.just("NAME"), TEXTS),
)
PROGRAMS = st.lists(TIMED, max_size=20).map(lambda commands: Program(tuple(commands)))
