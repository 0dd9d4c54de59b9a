"""The agent and its host: whoever goes first, the other does not hang, and nothing stays behind."""

import subprocess
from typing import IO, cast

import pytest
from tapes.real_agent import SHELL, RealAgent, S, Said, outputs, pasted, typed


def test_the_agent_is_ready_when_the_first_prompt_stands(real_agent: RealAgent) -> None:
    said = real_agent.run([])
    assert [line.kind for line in said] == ["o", "ready", "end"]
    assert {line.time_ns for line in said} == {0}
    assert said[0].data.endswith(b"$ ")


def test_sync_is_answered_when_all_before_is_done(real_agent: RealAgent) -> None:
    with real_agent.start() as talk:
        talk.send(*typed("sleep 2; echo done\r", 3), "sync")
        assert talk.hear("sync").time_ns == sum(int(line.split()[1]) for line in typed("sleep 2; echo done\r", 3))
        assert b"done\r\n" in talk.output


def test_the_end_of_the_host_ends_everything(real_agent: RealAgent) -> None:
    with real_agent.start(shell=["sh", "-c", "trap '' HUP TERM; echo up; sleep 1000 & while :; do wait; done"]) as talk:
        talk.hear("ready")
        cast(IO[bytes], talk.process.stdin).close()
        assert talk.process.wait() == 0
        assert cast(IO[bytes], talk.process.stdout).read() == b""  # nobody holds its other end any more


@pytest.mark.parametrize("clock", ["virtual", "real"])
def test_a_host_that_is_gone_is_noticed_in_the_middle_of_things(real_agent: RealAgent, clock: str) -> None:
    with real_agent.start("--clock", clock) as talk:
        talk.hear("ready")
        talk.send(pasted("while :; do :; done\r", 0.0), *["sleep 3600000000000"] * 9)
        cast(IO[bytes], talk.process.stdin).close()
        assert talk.process.wait() == 0
    assert "end" not in {line.kind for line in talk.said}


def test_a_host_that_says_end_may_close_its_side_at_once(real_agent: RealAgent) -> None:
    assert real_agent.run([*typed("sleep 100\r", 200)])[-1].kind == "end"


def test_a_host_that_does_not_read_finds_everything_later(real_agent: RealAgent) -> None:
    with real_agent.start() as talk:
        talk.send(pasted("seq 300000\r"), *typed(10), *typed("echo x\r") * 500, "end")
        assert talk.hear("end").time_ns > 10 * S
    assert talk.output.count(b"\rx\r\n") == 500


def test_a_host_that_stops_reading_for_good_is_no_reason_to_stay(real_agent: RealAgent) -> None:
    with real_agent.start() as talk:
        talk.hear("ready")
        cast(IO[bytes], talk.process.stdout).close()
        talk.send(pasted("seq 300000\r"), *typed(10), "sync")
        assert talk.process.wait() == 0


def test_the_shell_s_end_is_told_with_its_status(real_agent: RealAgent) -> None:
    said = real_agent.run([pasted("echo bye; exit 7\r"), *typed("x", 1)])
    assert [line for line in said if line.kind == "exit"] == [Said("exit", S, "7")]
    assert [line.kind for line in said].count("i") == 1  # there is no window any more to type into
    assert said[-1] == Said("end", 2 * S + 50_000_000, "")


def test_a_shell_that_is_killed_has_the_status_of_its_signal(real_agent: RealAgent) -> None:
    said = real_agent.run([pasted("kill -9 $$\r"), *typed(1)])
    assert [line for line in said if line.kind == "exit"] == [Said("exit", S, "137")]


def test_another_program_in_the_shell_s_place_is_the_shell(real_agent: RealAgent) -> None:
    said = real_agent.run([pasted("exec sleep 5\r"), *typed(10)])
    assert [line for line in said if line.kind == "exit"] == [Said("exit", 6 * S, "0")]


def test_a_daemon_lives_until_the_end_and_no_longer(real_agent: RealAgent) -> None:
    lines = [pasted("(setsid sleep 5000 >/dev/null 2>&1 &)\r"), *typed(100), pasted("pgrep -c sleep\r"), *typed(1)]
    assert outputs(real_agent.run(lines))[102 * S].endswith("1\r\n$ ")


def test_orphans_are_reaped(real_agent: RealAgent) -> None:
    lines = [pasted("for i in {1..20}; do (true & true &); done\r"), pasted("ps -e -o stat= | grep -c Z\r"), *typed(1)]
    assert outputs(real_agent.run(lines))[2 * S].endswith("0\r\n$ ")


@pytest.mark.parametrize(
    "line",
    ["jump 5", "key 5", "key 5 6", "key 5 zz", "key 5 ", "key -5 61", "sleep soon", "sleep 1e3", f"sleep {10**20}", ""],
)
def test_a_command_that_is_none_ends_the_agent_with_a_reason(real_agent: RealAgent, line: str) -> None:
    done = subprocess.run(real_agent.command(), input=f"{line}\nend\n".encode(), capture_output=True, check=False)
    assert done.returncode == 2
    assert done.stderr.decode() == f"agent: not understood: {line}\n"


@pytest.mark.parametrize(
    ("options", "shell", "expected"),
    [
        ((), ("/nowhere/sh",), "/nowhere/sh: No such file or directory"),
        ((), (), "no command to run"),
        (("--columns", "0"), SHELL, "--columns is 0: it must be a number from 1 to 1000"),
        (("--clock", "slow"), SHELL, "--clock is slow: it must be virtual or real"),
        (("--shim", "/nowhere.so"), SHELL, "/nowhere.so: No such file or directory"),
    ],
)
def test_what_keeps_it_from_starting_is_said(
    real_agent: RealAgent, options: tuple[str, ...], shell: tuple[str, ...], expected: str
) -> None:
    done = subprocess.run(real_agent.command(*options, shell=shell), input=b"end\n", capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode() == f"agent: {expected}\n"


def test_it_refuses_to_be_anything_but_the_first_process(real_agent: RealAgent) -> None:
    done = subprocess.run([str(real_agent.folder / "agent"), "--", "true"], input=b"", capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (2, b"agent: it must be pid 1 of its own pid namespace\n")


def test_programs_run_as_ever_where_no_agent_is(real_agent: RealAgent) -> None:
    shim = {"LD_PRELOAD": str(real_agent.folder / "clock.so"), "PATH": "/usr/bin:/bin"}
    script = (
        "start=$(date +%s%N); sleep 0.05; echo $(( $(date +%s%N) - start >= 50000000 )); head -c 4 /dev/urandom | wc -c"
    )
    done = subprocess.run(["bash", "-c", script], env=shim, capture_output=True, text=True, check=True)
    assert (done.stdout.split(), done.stderr) == (["1", "4"], "")
