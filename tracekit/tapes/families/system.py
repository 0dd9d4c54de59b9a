"""Processes and the system: jobs, signals, exit statuses, limits, users; what repeats on a virtual clock."""

import random
from collections.abc import Callable, Sequence

from tracekit.tapes.families.base import Draft
from tracekit.tapes.families.compose import Step, step, story
from tracekit.tapes.families.world import NOUNS, phrase, place, project

_Maker = Callable[[random.Random], Step]

_SIGNALS = {
    1: "HUP",
    2: "INT",
    3: "QUIT",
    9: "KILL",
    10: "USR1",
    12: "USR2",
    14: "ALRM",
    15: "TERM",
    18: "CONT",
    19: "STOP",
}
"""Numbers and names on Linux (signal(7))."""


class System:
    """Sessions that look at processes and at the machine."""

    def draft(self, rng: random.Random, level: int) -> Draft:
        """One look; two or three; or a job that is started, watched, stopped and ended."""
        _, setup = place(rng)
        if level == 1:
            steps = [rng.choice(_LOOKS)(rng)]
        elif level == 2:
            steps = [make(rng) for make in rng.sample(_LOOKS, rng.randint(2, 3))]
        else:
            steps = [rng.choice(_LOOKS)(rng), *rng.choice(_STORIES)(rng)]
        return story(rng, setup, steps, classes=("Process", "Admin"))


def _timeout(rng: random.Random) -> Step:
    limit_s, sleep_s = rng.randint(1, 3), rng.randint(20, 900)
    word = rng.choice(("status", "exit", "ended with", "result"))
    return step(
        f"timeout {limit_s} sleep {sleep_s}; echo {word} $?",
        f"[stop|end|cut off] a sleep of {sleep_s} s after {limit_s} s and print its exit status",
        f"{word} 124",
        sleeps_s=limit_s,
    )


def _elapsed(rng: random.Random) -> Step:
    pauses_s = [rng.randint(1, 2) for _ in range(rng.randint(1, 2))]
    word = rng.choice(NOUNS)
    return step(
        f"SECONDS=0; for s in {' '.join(map(str, pauses_s))}; do sleep $s; done; echo {word} took $SECONDS s",
        f"[time|measure] {' and then '.join(f'{pause} s' for pause in pauses_s)} of sleep and report it as {word}",
        f"{word} took {sum(pauses_s)} s",
        sleeps_s=sum(pauses_s),
    )


def _status(rng: random.Random) -> Step:
    code, word = rng.randint(1, 120), rng.choice(NOUNS)
    return step(
        f"(exit {code}); echo {word} $?, next $?",
        f"[leave|end] a subshell with status {code} and print what the shell [sees|gets], twice, after the word {word}",
        f"{word} {code}, next {code}",
    )


def _either(rng: random.Random) -> Step:
    one, two = rng.sample(NOUNS, 2)
    first, shown = rng.choice((("true", one), ("false", two)))
    return step(
        f"{first} && echo yes: {one} || echo no: {two}",
        f"print {one} if {first} succeeds and {two} if it does not",
        f"{'yes' if first == 'true' else 'no'}: {shown}"[1:],
    )


def _signal_names(rng: random.Random) -> Step:
    numbers = rng.sample(sorted(_SIGNALS), rng.randint(3, 4))
    return step(
        f"for n in {' '.join(map(str, numbers))}; do echo signal $n is $(kill -l $n); done",
        f"[print|look up] the names of the signals {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}",
        *(f"signal {number} is {_SIGNALS[number]}" for number in numbers),
    )


def _background(rng: random.Random) -> Step:
    pauses_s = sorted(rng.sample(range(100, 999), 2))
    return Step(
        (f"sleep {pauses_s[0]} & sleep {pauses_s[1]} &", "jobs", "kill $(jobs -p)"),
        f"start sleeps of {pauses_s[0]} and {pauses_s[1]} s in the background, list the jobs, and end both",
        tuple(f"Running                 sleep {pause}" for pause in pauses_s),
    )


def _process_name(rng: random.Random) -> Step:
    pause_s = rng.randint(100, 9999)
    return Step(
        (f"sleep {pause_s} &", "tr '\\0' : < /proc/$!/cmdline; echo; kill $!"),
        f"start a sleep of {pause_s} s, read its command line from /proc, and end it",
        (f"sleep:{pause_s}:",),
    )


def _processes(rng: random.Random) -> Step:
    pause_s = rng.randint(100, 9999)
    return Step(
        (f"sleep {pause_s} &", "ps -o stat,args | grep -v grep | tr -s ' ' _", "kill %%"),
        f"show the processes of this terminal while a sleep of {pause_s} s runs, and end it",
        (f"_sleep_{pause_s}"[1:],),
    )


def _count_processes(rng: random.Random) -> Step:
    count, pause_s = rng.randint(2, 6), rng.randint(1000, 99_999)
    return Step(
        (
            f"for i in {{1..{count}}}; do (exec sleep {pause_s} &); done",
            f'echo "$(pgrep -fc "^sleep {pause_s}") found"; pkill -f "^sleep {pause_s}"',
        ),
        f"start {count} sleeps of {pause_s} s, count them by pgrep, and end them by pkill",
        (f"{count} found",),
    )


def _trap(rng: random.Random) -> Step:
    number, word = rng.choice(((10, "USR1"), (12, "USR2"), (1, "HUP"))), phrase(rng)
    return step(
        f"trap 'echo got {number[1]}: {word} | tr a-z A-Z' {number[1]}; kill -{number[1]} $$; trap - {number[1]}",
        f"[catch|trap] the signal {number[1]} with the message '{word}' and send it to the shell",
        f"GOT {number[1]}: {word.upper()}",
    )


def _limits(rng: random.Random) -> Step:
    flag, most, told, unit = rng.choice(
        (
            ("-n", 900, "open files", "files"),
            ("-s", 8000, "stack, in KiB,", "KiB"),
            ("-f", 9999, "file size, in KiB,", "KiB"),
        )
    )
    limit = rng.randint(50, most)
    return step(
        f'(ulimit {flag} {limit}; echo "limit: $(ulimit {flag}) {unit}")',
        f"[lower|set] the limit of {told} to {limit} in a subshell and print it",
        f"limit: {limit} {unit}",
    )


def _mask(rng: random.Random) -> Step:
    mask, mode = rng.choice(((22, 644), (27, 640), (77, 600), (2, 664), (7, 660)))
    name = project(rng)
    return step(
        f"(umask {mask:03}; touch {name}; stat -c 'mode %a of %n' {name})",
        f"make the file {name} under the mask {mask:03} and [show|check] its mode",
        f"mode {mode} of {name}",
    )


def _users(rng: random.Random) -> Step:
    names = rng.sample(
        ("root", "daemon", "bin", "sys", "mail", "nobody", "www-data", "games", "man"), rng.randint(2, 4)
    )
    numbers = {
        "root": 0,
        "daemon": 1,
        "bin": 2,
        "sys": 3,
        "games": 5,
        "man": 6,
        "mail": 8,
        "www-data": 33,
        "nobody": 65534,
    }
    return step(
        f"for u in {' '.join(names)}; do echo $u has id $(id -u $u); done",
        f"[print|look up] the user ids of {', '.join(names[:-1])} and {names[-1]}",
        *(f"{name} has id {numbers[name]}" for name in names),
    )


def _kernel(rng: random.Random) -> Step:
    flag, told = rng.choice((("-s", "the kernel's name"), ("-o", "the operating system")))
    word = project(rng)
    value = "Linux" if flag == "-s" else "GNU/Linux"
    return step(
        f"echo {word} runs on $(uname {flag})", f"[print|say] that {word} runs on {told}", f"{word} runs on {value}"
    )


def _disk_use(rng: random.Random) -> Step:
    kilobytes, name = rng.randint(3, 990), f"{project(rng)}.img"
    return step(
        f"head -c {kilobytes}K /dev/zero > {name} && stat -c '%n: %s bytes' {name}",
        f"[make|write] a file {name} of {kilobytes} KiB of zeros and [check|print] its size",
        f"{name}: {kilobytes * 1024} bytes",
    )


def _space(rng: random.Random) -> Step:
    name = project(rng)
    return step(
        f"df --output=target,pcent . > {name}.df; head -n 1 {name}.df",
        f"[save|write] how full the disk is [to|in] {name}.df and show the head of it",
        "Mounted on",
    )


def _memory(rng: random.Random) -> Step:
    words = rng.sample(("MemTotal", "MemFree", "MemAvailable", "SwapTotal", "SwapFree", "Cached"), rng.randint(2, 3))
    pattern, label = "|".join(word.lower() for word in words), rng.choice(NOUNS)
    return step(
        f"grep -iE '^({pattern}):' /proc/meminfo | sed 's/^/{label} /'",
        f"[show|look up] {', '.join(words[:-1])} and {words[-1]} in /proc/meminfo, with {label} before each line",
        *(f"{label} {word}:" for word in words),
    )


def _environment(rng: random.Random) -> Step:
    name, value = rng.choice(NOUNS).upper(), rng.randint(100, 9999)
    return step(
        f"{name}={value} bash -c 'echo child sees $0=${name}' {name.lower()}",
        f"run a shell that has {name}={value} in its environment, and let it print that",
        f"child sees {name.lower()}={value}",
    )


def _stopped_story(rng: random.Random) -> list[Step]:
    pause_s = rng.randint(100, 9999)
    return [
        step(f"sleep {pause_s} &", f"start a sleep of {pause_s} s in the background"),
        step("kill -STOP $!; sleep 0.3", "stop it by a signal", "Stopped"),
        step("jobs -l", "list the jobs", f"sleep {pause_s}"),
        step("kill -CONT $!; sleep 0.3; jobs", "let it go on", f"Running                 sleep {pause_s} &"),
        step("kill $!; sleep 0.3", "terminate it", "Terminated"),
    ]


def _wait_story(rng: random.Random) -> list[Step]:
    codes = rng.sample(range(1, 99), 2)
    pauses_s = rng.sample(range(1, 4), 2)
    return [
        Step(
            tuple(
                f"(sleep {pause}; exit {code}) & p{n}=$!" for n, pause, code in zip("12", pauses_s, codes, strict=True)
            ),
            f"start two jobs that end after {pauses_s[0]} and {pauses_s[1]} s with status {codes[0]} and {codes[1]}",
        ),
        *(
            step(
                f"wait $p{n}; echo job {n} ended: $?",
                f"wait for job {n} and print its status",
                f"job {n} ended: {code}",
                sleeps_s=max(pauses_s),
            )
            for n, code in zip("12", codes, strict=True)
        ),
    ]


def _logger_story(rng: random.Random) -> list[Step]:
    name, count = f"{rng.choice(NOUNS)}.log", rng.randint(6, 8)
    word = rng.choice(NOUNS)
    return [
        step(
            f"(for i in {{1..{count}}}; do echo {word} $i; sleep 1; done) > {name} &",
            f"start a job that writes {count} lines [to|into] {name}, one a second",
        ),
        step("jobs", "look at the jobs a little later", "Running"),
        step(
            f"wait; nl {name}",
            f"wait for it and print {name}",
            *(f"{n:6}  {word} {n}" for n in range(1, count + 1)),
            sleeps_s=count,
        ),
    ]


_LOOKS: Sequence[_Maker] = (
    _timeout,
    _elapsed,
    _status,
    _either,
    _signal_names,
    _background,
    _process_name,
    _processes,
    _count_processes,
    _trap,
    _limits,
    _mask,
    _users,
    _kernel,
    _disk_use,
    _space,
    _memory,
    _environment,
)
_STORIES: Sequence[Callable[[random.Random], list[Step]]] = (_stopped_story, _wait_story, _logger_story)
