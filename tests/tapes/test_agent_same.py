"""Determinism: a session that is played again says the same bytes, whatever else the machine does meanwhile."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from components import require
from tapes.real_agent import RealAgent, S, outputs, pasted, typed

RUNS = 5

SESSIONS = {
    "dates and chance": typed(
        "date; echo $RANDOM; bash -c 'echo $RANDOM'; mktemp -u; shuf -n 3 -i 1-1000; echo $$\r", 1
    ),
    "random devices": typed(
        "head -c 9 /dev/urandom | base64; sort -R --random-source=/dev/random /etc/passwd | md5sum\r", 1
    ),
    "python's chance": typed(
        'python3 -c "import random, uuid; print(random.random(), uuid.uuid4(), {*map(str, range(9))})"\r', 1
    ),
    "pipelines": typed(
        "find /usr/share/doc | sort -R | head -50 | md5sum; seq 999 | xargs -n 9 -P 2 echo | wc -w\r", 1
    ),
    "jobs": typed(
        "sleep 2 &\r", 0.5, "jobs -l\r", 3, "\r", "sleep 9\r", 1, "\x1a", 0.5, "bg; jobs\r", "kill %1; wait\r"
    ),
    "jobs that end": typed("sleep 9 & sleep 8 &\r", 0.5, "kill %1\r", 1, "kill %2; jobs\r", 1, "\r", 0.5),
    "output of jobs": typed("ls -d / &\r", "(echo a; echo b) & echo c\r", "ls -d / & date & seq 3 | cat & wait\r", 1),
    "progress": typed("for i in {1..40}; do printf '\\r%d%%' $i; sleep 0.0$((i % 4 + 1)); done\r", 3),
    "several sleepers": typed("for i in 1 2 3 4; do (sleep 0.$i; echo $i; sleep 0.01; echo +) & done; wait\r", 2),
    "type-ahead": typed("sleep 3\r", 0.2, "echo one\recho two\r", 5),
    "type-ahead without echo": typed("stty -echo; sleep 3\r", 0.2, "echo one\recho two\r", 5),
    "python at its prompt": typed(
        "python3 -q\r", 1, "from time import sleep\r", "for i in range(3): sleep(0.3)\r\r", 2
    ),
    "threads": typed(
        "python3 -c 'import threading as t, time\rdef f(k):\r for i in range(5): time.sleep(k / 99); print(k, i)\r"
        "for k in range(1, 6): t.Thread(target=f, args=[k]).start()\r'\r",
        2,
    ),
    "a flood": typed("yes\r", 1, "\x03", 0.5, "echo ok\r", 1),
    "history": typed("echo a\r", "echo b\r", "\x12ech\r", "\x1b[A\x1b[A\r", "ec\t\t", 1),
}


@pytest.fixture
def busy() -> Iterator[None]:
    """Twice as many busy processes as there are processors."""
    processes = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2 * (os.cpu_count() or 1))]
    yield
    for process in processes:
        process.kill()
        process.wait()


@pytest.mark.parametrize("session", SESSIONS.values(), ids=SESSIONS)
def test_a_session_says_the_same_bytes_each_time(real_agent: RealAgent, session: list[str]) -> None:
    first = real_agent.transcript(session)
    assert first.endswith(b"\n")
    assert b"\nflag" not in first
    assert {real_agent.transcript(session) for _ in range(RUNS - 1)} == {first}


@pytest.mark.parametrize("name", ["progress", "several sleepers", "threads", "type-ahead", "jobs that end"])
@pytest.mark.usefixtures("busy")
def test_a_session_says_the_same_bytes_on_a_busy_machine(real_agent: RealAgent, name: str) -> None:
    assert len({real_agent.transcript(SESSIONS[name]) for _ in range(RUNS)}) == 1


@pytest.mark.parametrize(
    ("program", "session"),
    [
        ("vim", typed("vim -N -u NONE a.txt\r", 0.5, "ihello\rworld\x1b", 0.5, "ggyyp:wq\r", 1, "cat a.txt\r", 1)),
        ("vim", typed("vim -N -u NONE --cmd 'syntax on' a.py\r", 0.5, "idef f():\r1\x1b:set hls\r/f\r", 1, ":q!\r", 1)),
        ("less", typed("seq 1000 | less\r", 0.5, "   /500\r", 0.5, "gG", 0.5, "q", 0.5)),
        (
            "git",
            typed("git init -q r; cd r; echo a >f; git add f; git -c user.name=a -c user.email=b commit -m c\r", 2),
        ),
    ],
)
def test_other_programs_say_the_same_bytes(real_agent: RealAgent, program: str, session: list[str]) -> None:
    require(program, remedy=f"apt install {program}")
    assert len({real_agent.transcript(session) for _ in range(RUNS)}) == 1


def test_the_seed_decides_on_chance(real_agent: RealAgent) -> None:
    session = [pasted("head -c 9 /dev/urandom | base64; shuf -n 5 -i 1-1000000\r"), *typed(1)]
    seeded = [real_agent.transcript(session, "--seed", str(seed)) for seed in (1, 1, 2)]
    assert seeded[0] == seeded[1] != seeded[2]


def test_each_draw_is_a_new_one(real_agent: RealAgent) -> None:
    bash, python = "head -c 9 /dev/urandom | base64", "import os; print(os.urandom(9).hex(), os.urandom(9).hex())"
    line = f"clear; for i in 1 2 3; do {bash}; done; python3 -c '{python}'"
    drawn = outputs(real_agent.run([pasted(f"{line}\r"), *typed(1)]))[S].split()[-6:-1]
    assert len(set(drawn)) == 5
