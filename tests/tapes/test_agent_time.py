"""Virtual time moves only while everything sleeps, to the next thing that happens, and all programs see it."""

import subprocess
from pathlib import Path

import pytest
from tapes.real_agent import KEY_NS, MS, RealAgent, S, Said, outputs, pasted, typed

ENTER_NS = S
"""When the line that `shown` types ends."""


def shown(agent: RealAgent, line: str, seconds: float, *options: str) -> dict[float, str]:
    """What a command line shows by the seconds since Enter; the prompt and the echo are left out."""
    said = agent.run([pasted(line + "\r"), *typed(seconds)], *options)
    found = {}
    for time_ns, text in outputs(said).items():
        if time_ns >= ENTER_NS:
            text = text.partition("\n")[2] if time_ns == ENTER_NS else text
            if text := text.replace("\r", "").removesuffix("$ "):
                found[(time_ns - ENTER_NS) / S] = text
    return found


def python(code: str) -> str:
    """A command line that runs Python code (without double quotes), where `now()` is the time since Enter."""
    start = f"import time; now = lambda: round(time.time() - {1_768_471_200 + ENTER_NS / S}, 6)"
    return f'python3 -c "{start}\n{code}"'.replace("\n", "; ")


def test_keys_are_noted_at_the_instants_they_were_sent_for(real_agent: RealAgent) -> None:
    said = real_agent.run(typed("ls", 1.5, "x"))
    assert [(line.time_ns, line.data) for line in said if line.kind == "i"] == [
        (KEY_NS, b"l"),
        (2 * KEY_NS, b"s"),
        (3 * KEY_NS + 1500 * MS, b"x"),
    ]
    echoes = [(line.time_ns, line.data) for line in said if line.kind == "o"][1:]
    assert echoes == [(line.time_ns, line.data) for line in said if line.kind == "i"]
    assert said[-1] == Said("end", 3 * KEY_NS + 1500 * MS, "")


def test_a_day_of_sleep_is_over_before_the_test_is(real_agent: RealAgent) -> None:
    assert shown(real_agent, "sleep 86400; echo woken", 90_000) == {86_400.0: "woken\n"}


def test_a_thousand_short_sleeps_end_at_their_instants(real_agent: RealAgent) -> None:
    line = python("[(time.sleep(0.001), print(now())) for k in range(1000)]")
    found = shown(real_agent, line, 3)
    assert len(found) == 1000
    assert all(abs(float(text.split()[-1]) - seconds) < 1e-6 for seconds, text in found.items())


def test_programs_see_the_virtual_clock(real_agent: RealAgent) -> None:
    found = shown(real_agent, "date +%FT%T.%N; sleep 2; date +%FT%T.%N; sleep 60.5; date +%s.%N", 90)
    assert found == {
        0.0: "2026-01-15T10:00:01.000000000\n",
        2.0: "2026-01-15T10:00:03.000000000\n",
        62.5: "1768471263.500000000\n",
    }


def test_the_calendar_starts_where_it_is_told(real_agent: RealAgent) -> None:
    assert shown(real_agent, "date +%s", 1, "--epoch", "1000000000") == {0.0: "1000000001\n"}


def test_work_takes_no_time_and_waiting_all_of_it(real_agent: RealAgent) -> None:
    found = shown(real_agent, "time { seq 100000 | sort -R | tail -1 >/dev/null; sleep 1; }", 3)
    assert found == {1.0: "\nreal\t0m1.000s\nuser\t0m0.000s\nsys\t0m0.000s\n"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("timeout 1 sleep 5; echo $?", {1.0: "124\n"}),
        ("read -t 2 x; echo $?", {2.0: "142\n"}),
        ("sleep 1 & sleep 2; wait; echo ok", {0.0: "[1] 65\n", 2.0: "[1]+  Done                    sleep 1\nok\n"}),
        ("perl -e 'alarm 3; $SIG{ALRM} = sub { print qq(rung\\n); exit }; sleep 100'", {3.0: "rung\n"}),
        (python("import threading as t\nt.Timer(1.5, lambda: print(now())).start()"), {1.5: "1.5\n"}),
        (python("import threading as t\nprint(t.Event().wait(2.5), now())"), {2.5: "False 2.5\n"}),
        (python("import select\nprint(select.select([0], [], [], 1.25), now())"), {1.25: "([], [], []) 1.25\n"}),
        (python("import select\nprint(select.poll().poll(750), now())"), {0.75: "[] 0.75\n"}),
        (python("import select\nprint(select.epoll().poll(0.75), now())"), {0.75: "[] 0.75\n"}),
        (python("import signal\nprint(signal.sigtimedwait([10], 1.5), now())"), {1.5: "None 1.5\n"}),
        (
            python(
                "import signal\nsignal.signal(14, lambda *_: print(now()))\nsignal.setitimer(0, 0.5, 0.25)"
                "\n[signal.pause() for _ in range(3)]\nprint(signal.getitimer(0))"
            ),
            {0.5: "0.5\n", 0.75: "0.75\n", 1.0: "1.0\n(0.25, 0.25)\n"},
        ),
    ],
)
def test_each_way_of_waiting_ends_at_its_instant(real_agent: RealAgent, line: str, expected: dict[float, str]) -> None:
    assert shown(real_agent, line, 10) == expected


WAITS = r"""
#define _GNU_SOURCE
#include <poll.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static void rung(int number, siginfo_t *what, void *context)
{
    (void)context;
    printf("%d %d %d\n", number == SIGUSR1, what->si_code == SI_TIMER, what->si_value.sival_int);
}

int main(int count, char **words)
{
    struct timespec time = {1, 500000000};
    uint64_t expired;
    if (count != 2)
        return 1;
    if (!strcmp(words[1], "nanosleep"))
        printf("%d\n", nanosleep(&time, NULL));
    if (!strcmp(words[1], "poll"))
        printf("%d\n", poll(NULL, 0, 1500));
    if (!strcmp(words[1], "select")) {
        fd_set reads;
        FD_ZERO(&reads);
        FD_SET(0, &reads);
        int ready = select(1, &reads, NULL, NULL, &(struct timeval){1, 500000});
        printf("%d\n", ready + FD_ISSET(0, &reads));
    }
    if (!strcmp(words[1], "calendar")) { /* an instant of the calendar, which the kernel thinks is past or far */
        sem_t semaphore;
        sem_init(&semaphore, 0, 0);
        clock_gettime(CLOCK_REALTIME, &time);
        time.tv_sec += 2;
        printf("%d\n", sem_timedwait(&semaphore, &time));
    }
    if (!strcmp(words[1], "timer")) {
        struct sigaction action = {.sa_sigaction = rung, .sa_flags = SA_SIGINFO};
        struct sigevent event = {.sigev_signo = SIGUSR1, .sigev_value.sival_int = 42};
        timer_t timer;
        sigaction(SIGUSR1, &action, NULL);
        timer_create(CLOCK_REALTIME, &event, &timer);
        timer_settime(timer, 0, &(struct itimerspec){.it_value = time}, NULL);
        pause();
    }
    if (!strcmp(words[1], "timerfd")) {
        int timer = timerfd_create(CLOCK_MONOTONIC, 0);
        timerfd_settime(timer, 0, &(struct itimerspec){{1, 0}, time}, NULL);
        for (int i = 0; i < 3 && read(timer, &expired, sizeof expired) > 0; i++, fflush(stdout))
            printf("%d\n", (int)expired);
    }
    return 0;
}
"""


@pytest.fixture(scope="session")
def waits(real_agent: RealAgent, tmp_path_factory: pytest.TempPathFactory) -> RealAgent:
    """The agent with two programs beside it that wait: one that the shim gets into, and a static one."""
    source = tmp_path_factory.mktemp("waits") / "waits.c"
    source.write_text(WAITS)
    for name, option in (("waits", "-O1"), ("waits-static", "-static")):
        target: Path = real_agent.folder / name
        subprocess.run(["gcc", "-Werror", option, str(source), "-o", str(target)], check=True)
    return real_agent


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        ("nanosleep", {1.5: "0\n"}),
        ("poll", {1.5: "0\n"}),
        ("select", {1.5: "0\n"}),
        ("calendar", {2.0: "-1\n"}),
        ("timer", {1.5: "1 1 42\n"}),
        ("timerfd", {1.5: "1\n", 2.5: "1\n", 3.5: "1\n"}),
    ],
)
def test_each_way_of_waiting_of_c_ends_at_its_instant(waits: RealAgent, way: str, expected: dict[float, str]) -> None:
    assert shown(waits, f"/tmp/agent/waits {way}", 10) == expected


@pytest.mark.parametrize("way", ["nanosleep", "poll", "select"])
def test_programs_that_the_shim_can_not_get_into_wait_on_the_virtual_clock_too(waits: RealAgent, way: str) -> None:
    assert shown(waits, f"/tmp/agent/waits-static {way}", 10) == {1.5: "0\n"}


def test_a_key_comes_before_the_timer_of_the_same_instant(real_agent: RealAgent) -> None:
    said = real_agent.run([pasted("sleep 1; read x; echo got $x\r"), pasted("now\r"), *typed(1)])
    assert outputs(said)[2 * S] == "now\r\ngot now\r\n$ "
    order = [line.kind for line in said if line.time_ns == 2 * S and line.kind in "io"]
    assert order == ["i", "o"]


def test_a_step_goes_to_the_next_timer_or_as_far_as_it_may(real_agent: RealAgent) -> None:
    said = real_agent.run([pasted("sleep 1; sleep 1; echo ok\r"), "step 400000000", *["step 1000000000"] * 3])
    assert [line.time_ns for line in said if line.kind == "sync"] == [1400 * MS, 2 * S, 3 * S, 3 * S]
    assert outputs(said)[3 * S] == "ok\r\n$ "


def test_a_stopped_program_goes_on_where_it_was(real_agent: RealAgent) -> None:
    said = real_agent.run([pasted("sleep 4; echo over\r"), pasted("\x1a"), pasted("fg\r"), *typed(5)])
    assert outputs(said)[5 * S].endswith("$ ")  # what follows `sleep` in the line was dropped when it stopped
    late = real_agent.run([pasted("sleep 4\r"), pasted("\x1a"), pasted("fg\r", 9), *typed(5)])
    assert [kind for kind, *_ in late if kind == "flag"] == []
    assert outputs(late)[11 * S].endswith("sleep 4\r\n$ ")  # its time was up while it was stopped


@pytest.mark.parametrize(
    "line",
    [python("exec('while now() < 2: pass')"), "SECONDS=0; while ((SECONDS < 2)); do :; done"],
    ids=["python", "bash"],
)
def test_a_loop_that_waits_by_looking_at_the_clock_ends(real_agent: RealAgent, line: str) -> None:
    ((seconds, text),) = shown(real_agent, f"{line}; echo over", 4).items()
    assert text == "over\n"
    assert 1.0 <= seconds <= 2.01


def test_a_program_that_never_rests_is_flagged_and_the_tape_goes_on(real_agent: RealAgent) -> None:
    lines = [pasted("(sleep 0.5; echo woken) & while :; do :; done\r"), pasted("\x03"), pasted("echo ok\r"), *typed(1)]
    said = real_agent.run(lines, "--busy-limit-ms", "1000")
    assert outputs(said)[1500 * MS] == "woken\r\n"
    assert [line.rest for line in said if line.kind == "flag"] == ["busy"]
    assert outputs(said)[3 * S].endswith("ok\r\n$ ")


def test_files_have_virtual_times(real_agent: RealAgent) -> None:
    show = "stat -c '%n %y' * | cut -c -29; date +%T -r b"
    typing = [pasted("echo 1 >a; sleep 7; echo 2 >b; mkdir d\r"), pasted("touch a\r", 10), pasted(f"{show}\r")]
    said = real_agent.run([*typing, *typed(1)])
    assert outputs(said)[12 * S].splitlines()[1:-1] == [
        "a 2026-01-15 10:00:11.0000000",
        "agent 2026-01-15 10:00:00.000",
        "b 2026-01-15 10:00:08.0000000",
        "d 2026-01-15 10:00:08.0000000",
        "10:00:08",
    ]


def test_what_is_younger_is_seen_as_younger_even_a_millisecond_after(real_agent: RealAgent) -> None:
    make = pasted("printf 'a: b\\n\\tcp b a\\n' >Makefile; touch b\r")
    at_once = [pasted(f"{line}\r", 0.001) for line in ("make; make", "touch b", "make")]
    found = outputs(real_agent.run([make, *at_once, *typed(1)]))
    assert found[S + MS].count("cp b a\r\n") == 1
    assert found[S + 3 * MS].count("cp b a\r\n") == 1


def test_real_time_passes_where_that_is_asked_for(real_agent: RealAgent) -> None:
    said = real_agent.run([*typed("sleep 0.2; echo a", 0.1, "\r", 0.4)], "--clock", "real")
    keys = [line.time_ns for line in said if line.kind == "i"]
    nominal = [KEY_NS * (number + 1) for number in range(len(keys) - 1)]
    assert all(due <= actual for due, actual in zip(nominal, keys, strict=False))
    printed = next(time_ns for time_ns, text in outputs(said).items() if "a\r\n" in text and time_ns > keys[-1])
    assert printed - keys[-1] >= 190 * MS
