"""The terminal between keys and programs: type-ahead, floods, full queues, jobs, and programs that ask questions."""

import re

import pytest
from tapes.real_agent import KEY_NS, MS, RealAgent, S, outputs, pasted, typed

BURST_NS = 15_625_000
"""16 KiB at 1 MiB/s."""

QUESTIONS = {
    "DA1": r"\e[c",
    "DA1 with a zero": r"\e[0c",
    "DA2": r"\e[>c",
    "DA3": r"\e[=c",
    "status": r"\e[5n",
    "cursor": r"\e[6n",
    "cursor, private": r"\e[?6n",
    "mode": r"\e[?2026$p",
    "mode, ANSI": r"\e[4$p",
    "version": r"\e[>q",
    "keyboard": r"\e[?u",
    "size": r"\e[18t",
    "background": r"\e]11;?\a",
    "foreground, ST": r"\e]10;?\e\\",
    "palette": r"\e]4;1;?\a",
    "clipboard": r"\e]52;c;?\a",
    "setting": r"\eP$qm\e\\",
    "capability": r"\eP+q544e\e\\",
    "DECID": r"\eZ",
}
NO_QUESTIONS = [
    r"\e[1;31mred\e[m",
    r"\e]0;why?\a",
    r"\e[2 q",
    r"\e[4p",
    r"\e[22t",
    r"\e[?25h",
    r"\e[u",
    r"\e]11;#123456\a",
    r"\eP1$r0m\e\\",
    "c",
    "6n",
]


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
@pytest.mark.parametrize("cut", [False, True], ids=["whole", "cut"])
def test_a_program_that_asks_is_answered_before_time_moves(real_agent: RealAgent, question: str, cut: bool) -> None:
    asked = f"printf '{question}'"
    if cut:  # two writes with time between them, before the sequence's last byte
        place = len(question) - (2 if question.endswith((r"\a", r"\\")) else 1)
        asked = f"printf '{question[:place]}'; sleep 1; printf '{question[place:]}'"
    with real_agent.start() as talk:
        talk.send(pasted(f"stty -echo; {asked}; read -rn 5 x; echo got $x\r"), *typed(3), "sync")
        assert talk.hear("query").time_ns == (2 * S if cut else S)
        talk.send("reply " + b"he".hex(), "reply " + b"llo".hex(), "go")
        assert talk.hear("sync").time_ns == 4 * S
    assert outputs(talk.said)[2 * S if cut else S].endswith("got hello\r\n$ ")
    assert [line.kind for line in talk.said].count("query") == 1


def test_what_asks_nothing_is_no_question(real_agent: RealAgent) -> None:
    said = real_agent.run([pasted(f"printf '%b' '{text}'\r") for text in NO_QUESTIONS])
    assert "query" not in {line.kind for line in said}


def test_a_reply_comes_when_the_asker_sleeps_and_never_while_it_works_on_the_one_before(real_agent: RealAgent) -> None:
    work = "for i in {1..20000}; do :; done; read -t 0 && echo too early"
    reads = "; ".join(f"read -rsn 2 {name}; {work}" for name in "xyz")
    line = f"stty -echo -icanon; printf '\\e[6n\\e[c\\e[5n'; {reads}; echo got $x $y $z\r"
    with real_agent.start() as talk:
        talk.send(pasted(line), *typed(1), "sync")
        talk.hear("query")
        talk.send(*(f"reply {text.encode().hex()}" for text in ("ab", "cd", "ef")), "go")
        talk.hear("sync")
    assert outputs(talk.said)[S].endswith("\x1b[6n\x1b[c\x1b[5ngot ab cd ef\r\n$ ")


def test_a_question_that_nobody_answers_holds_up_nobody(real_agent: RealAgent) -> None:
    with real_agent.start() as talk:
        talk.send(pasted("printf '\\e[6n'; read -t 2 -rsn 5 x; echo got $x\r"), *typed(3), "sync")
        talk.hear("query")
        talk.send("go")
        talk.hear("sync")
    assert outputs(talk.said)[3 * S].startswith("got\r\n")


def test_a_program_that_asks_without_end_is_flagged(real_agent: RealAgent) -> None:
    with real_agent.start() as talk:
        talk.send(pasted("while printf '\\e[6n'; do read -rsn 1 x; done\r"), "sync")
        while talk.hear("query", "sync").kind == "query":
            talk.send("reply 61", "go")
    assert [line.rest for line in talk.said if line.kind == "flag"] == ["questions"]


def test_what_is_typed_ahead_is_read_when_somebody_reads(real_agent: RealAgent) -> None:
    said = real_agent.run([pasted("sleep 3\r"), *typed("ls -d /\r", 4)])
    found = outputs(said)
    assert [found[S + KEY_NS * number] for number in range(1, 8)] == list("ls -d /")
    assert found[4 * S] == "$ ls -d /\r\n/\r\n$ "


def test_a_flood_gets_the_throughput_of_a_terminal_and_ctrl_c_ends_it(real_agent: RealAgent) -> None:
    said = real_agent.run([pasted("yes\r"), *typed(1), "key 0 03", *typed(0.5), pasted("echo ok\r"), *typed(1)])
    flood = [line for line in said if line.kind == "o" and S <= line.time_ns < 2 * S]
    assert [line.time_ns for line in flood] == [S + BURST_NS * number for number in range(64)]
    assert {len(line.data) for line in flood} == {16384}
    assert outputs(said)[3500 * MS].endswith("ok\r\n$ ")


def test_a_long_output_is_whole(real_agent: RealAgent) -> None:
    said = real_agent.run([pasted("seq 20000\r"), *typed(1)])
    assert "".join(outputs(said).values()).split()[3:-1] == [str(number) for number in range(1, 20001)]


def test_a_queue_that_nobody_reads_fills_and_nothing_hangs(real_agent: RealAgent) -> None:
    lines = [pasted("x" * 3000 + "\r", 0.001) for _ in range(50)]
    after = [pasted("\x03"), pasted("stty sane; echo ok\r"), *typed(1)]
    said = real_agent.run([pasted("stty -echo; sleep 100\r"), *lines, *typed(200), *after])
    assert [line.kind for line in said].count("i") == 53
    assert "".join(outputs(said).values()).endswith("ok\r\n$ ")


def test_jobs_stop_go_on_and_end(real_agent: RealAgent) -> None:
    typing = ("cat\r", "\x1a", "jobs\r", "fg\r", "hi\r", "\x04")
    found = outputs(real_agent.run([*map(pasted, typing), *typed(1)]))
    assert "Stopped" in found[2 * S]
    assert "Stopped" in found[3 * S]
    assert found[5 * S] == "hi\r\nhi\r\n"
    assert found[6 * S] == "$ "


def test_what_a_job_says_comes_after_what_its_shell_had_to_say(real_agent: RealAgent) -> None:
    typing = ("echo from the job & echo from the shell\r", "sleep 50 &\r", "kill $!\r")
    found = outputs(real_agent.run([*map(pasted, typing), *typed(1)]))
    assert re.sub(r"\d{2,}", "N", found[S].partition("\n")[2]) == "[1] N\r\nfrom the shell\r\n$ from the job\r\n"
    assert "Terminated" in found[3 * S]  # told at this prompt, as the job had ended when `kill` was done


def test_the_terminal_has_the_size_it_is_given(real_agent: RealAgent) -> None:
    said = real_agent.run([pasted("stty size\r"), *typed(1)], "--columns", "123", "--rows", "45")
    assert "45 123\r\n" in outputs(said)[S]


def test_bytes_that_are_no_text_pass_as_they_are(real_agent: RealAgent) -> None:
    said = real_agent.run([pasted("printf '\\377\\300\\200'\r"), *typed(1)])
    assert b"\xff\xc0\x80" in next(line.data for line in said if line.kind == "o" and line.time_ns == S)


@pytest.mark.parametrize(
    ("line", "flag"),
    [
        ("python3 -c 'import pty; pty.spawn([\"true\"])'", "inner-terminal"),
        ("python3 -c 'open(\"/dev/ptmx\")'", "inner-terminal"),
        ("cp /bin/true /tmp/top; /tmp/top", "process-times"),
    ],
)
def test_what_can_not_be_repeated_is_flagged_once(real_agent: RealAgent, line: str, flag: str) -> None:
    said = real_agent.run([pasted(f"{line}\r"), pasted(f"{line}\r"), *typed(1)])
    assert [line.rest for line in said if line.kind == "flag"] == [flag]
