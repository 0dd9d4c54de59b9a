"""Names, passwords that nobody sees, keys of many lines; and what must stay as it is."""

import pickle
import random
from itertools import accumulate

import pytest
from canaries import ALL, SHAPES
from hypothesis import given, settings
from hypothesis import strategies as st

from tracekit.casts.model import Header
from tracekit.casts.scrub import DEFAULT, Guard, Rules, scrub
from tracekit.casts.scrub.disguise import disguise, width
from tracekit.core.events import Event

HEADER = Header(2, 80, 24)


def shown(*output: str, header: Header = HEADER, rules: Rules = DEFAULT) -> str:
    """The output of a recording, joined, after scrubbing."""
    clean = scrub(header, [Event(place, "o", data) for place, data in enumerate(output)], rules)
    return "".join(event.data for event in clean.events)


# Names


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("maja@quokka:~/src$ ls", "user@hostho:~/src$ ls"),
        ("[maja@quokka src]$ ls", "[user@hostho src]$ ls"),
        ("(venv) maja@quokka:~$ ", "(venv) user@hostho:~$ "),
        ("maja@quokka MINGW64 ~/src", "user@hostho MINGW64 ~/src"),
        ("maja@quokka ~ % ", "user@hostho ~ % "),
        ("┌──(maja㉿quokka)-[~]", "┌──(user㉿hostho)-[~]"),
        ("maja@quokka.corp.lan:~$ ", "user@hostho.thos.hos:~$ "),
        ("\x1b[01;32mmaja\x1b[0m@\x1b[34mquokka\x1b[00m:~$ ", "\x1b[01;32muser\x1b[0m@\x1b[34mhostho\x1b[00m:~$ "),
        (
            "\x1b]0;maja@quokka: ~\x07$ cat /etc/hostname\r\nquokka\r\n",
            "\x1b]0;user@hostho: ~\x07$ cat /etc/hostname\r\nhostho\r\n",
        ),
        ("\x1b]7;file://quokka/home/maja/src\x07$ ", "\x1b]7;file://hostho/home/user/src\x07$ "),
        ("\x1b]1337;RemoteHost=maja@quokka\x07$ ", "\x1b]1337;RemoteHost=user@hostho\x07$ "),
        ("/home/maja/.config", "/home/user/.config"),
        ("/Users/katarzyna/Library", "/Users/useruseru/Library"),
        (r"C:\Users\Maja\AppData", r"C:\Users\user\AppData"),
        ("$ ssh maja@quokka", "$ ssh user@hostho"),
        ("$ ssh maja@93.184.216.34", "$ ssh user@ho.tho.tho.th"),
        ("maja@quokka's password: ", "user@hostho's password: "),
        ("uid=1000(maja) gid=1000(maja)", "uid=1000(user) gid=1000(user)"),
        ("/home/maja\r\n$ whoami\r\nmaja\r\n", "/home/user\r\n$ whoami\r\nuser\r\n"),
        ("/home/maja\r\n-rw-r--r-- 1 maja maja 5 May 1 a", "/home/user\r\n-rw-r--r-- 1 user user 5 May 1 a"),
        ("/home/maja\r\n$ cd ~maja", "/home/user\r\n$ cd ~user"),
        ("/home/katarzyna\r\nAuthor: katarzyna", "/home/useruseru\r\nAuthor: useruseru"),
    ],
)
def test_a_name_is_replaced_wherever_it_stands_as_one(before: str, after: str) -> None:
    assert shown(before) == after


def test_names_in_the_header_are_replaced_in_the_recording() -> None:
    header = Header(
        2,
        80,
        24,
        title="katarzyna's demo",
        command="/home/katarzyna/run",
        env={"USER": "katarzyna", "HOSTNAME": "quokka", "SHELL": "/bin/zsh"},
    )
    clean = scrub(
        header, [Event(0, "o", "hello katarzyna on quokka"), Event(1, "m", "katarzyna"), Event(2, "i", "katarzyna")]
    )
    assert (clean.header.title, clean.header.command) == ("useruseru's demo", "/home/useruseru/run")
    assert clean.header.env == {"USER": "useruseru", "HOSTNAME": "hostho", "SHELL": "/bin/zsh"}
    assert [event.data for event in clean.events] == ["hello useruseru on hostho", "useruseru", "useruseru"]


def test_a_name_is_learnt_from_a_prompt_that_was_drawn_in_pieces() -> None:
    text = shown("\x1b[?1049h\x1b[3;1H[maja@quo", "\x1b[3;10Hkka src]$ ls", "\x1b[9;1Hquokka\r\n")
    assert "quo" not in text
    assert "maja" not in text


def test_names_that_many_machines_share_stay() -> None:
    text = "root@localhost:~# ls /home/user /home/ubuntu /Users/runner\r\nvagrant@debian:/home/vagrant$ "
    assert shown(text) == text


# Input


def typed(*keys: str) -> list[Event]:
    return [Event(place, "i", key) for place, key in enumerate(keys, 10)]


@pytest.mark.parametrize(
    "prompt",
    [
        "Password: ",
        "[sudo] password for maja: ",
        "Enter passphrase for key 'id': ",
        "Mot de passe : ",
        "\x1b[1mPIN:\x1b[0m ",
    ],
)
def test_what_is_typed_at_a_password_prompt_is_replaced_key_by_key(prompt: str) -> None:
    clean = scrub(
        HEADER,
        [
            Event(0, "o", f"$ su\r\n{prompt}"),
            *typed(*"hun", "\x7f", *"nter2", "\r"),
            Event(30, "o", "\r\n$ "),
            *typed(*"ls\r"),
        ],
    )
    keys = [event.data for event in clean.events if event.code == "i"]
    assert keys == [*"***", "\x7f", *"*****", "\r", *"ls\r"]
    assert clean.redactions["typed-password"] == 1


def test_typed_lines_are_read_with_their_corrections() -> None:
    secret = SHAPES[0].value
    keys = ["x\x15", *"echo oops", "\x17", *secret[:9], "\x1b[D", "\x1b[C", *secret[9:], "\r"]
    clean = scrub(HEADER, typed(*keys))
    assert [event.data for event in clean.events] == [
        "x\x15",
        *"echo oops",
        "\x17",
        *["*"] * 9,
        "\x1b[D",
        "\x1b[C",
        *["*"] * (len(secret) - 9),
        "\r",
    ]


# Keys of many lines


def pem(lines: int) -> list[str]:
    draw = random.Random(7)
    body = ["".join(draw.choices("ABCDEFGHabcdefgh01234567+/", k=64)) for _ in range(lines)]
    return ["-----BEGIN OPENSSH PRIVATE KEY-----", *body, "QmFzZTY0cXg==", "-----END OPENSSH PRIVATE KEY-----"]


@pytest.mark.parametrize("rows", [8, 24, 60])
@pytest.mark.parametrize("frame", ["{}", "  {}", "│ {} │", "  12  {}", "+{}", "\x1b[32m{}\x1b[0m"])
def test_a_private_key_of_many_lines_is_replaced(frame: str, rows: int) -> None:
    key = pem(30)
    text = shown(
        "$ cat id\r\n" + "".join(frame.replace("{}", line) + "\r\n" for line in key) + "done here\r\n$ ",
        header=Header(2, 80, rows),
    )
    assert not any(line in text for line in key[1:-1])
    assert key[0] in text
    assert key[-1] in text
    assert "done here" in text


def test_a_private_key_whose_first_line_is_not_shown_is_replaced() -> None:
    key = pem(10)
    assert not any(line in shown("\r\n".join(key[3:])) for line in key[3:-1])


def test_a_private_key_scrolled_through_upwards_is_replaced() -> None:
    key = pem(10)
    text = shown("\x1b[H" + "".join(f"\x1b[H\x1bM{line}" for line in reversed(key)))
    assert not any(line in text for line in key[1:-1])


# What stays

HARMLESS = r"""
commit 3f2c9a1b7d4e5f60718293a4b5c6d7e8f9012345 (HEAD -> main, origin/main)
e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  empty.txt
550e8400-e29b-41d4-a716-446655440000
    "integrity": "sha512-7+oW+zVp8d8bE3sRm0mW3mJ2q0Tf0oYJ9m9Zy3v1c6l2rB0cE1hQf5vX2w0ZbQ==",
SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8 RSA key fingerprint
npm install react@18.2.0 @types/node@^20 lodash@latest
go: downloading golang.org/x/sys v0.15.0
uses: actions/checkout@v4
Python 3.11.7 (main, Dec  8 2023, 14:22:46) [GCC 12.2.0] on linux
drwxr-xr-x 2 root root 4096 May  1 12:00 bin
CC      drivers/net/ethernet/intel/e1000/e1000_main.o
[ 42%] Building CXX object src/CMakeFiles/app.dir/token.cpp.o
100%|##########| 170498071/170498071 [00:13<00:00, 13012345.67it/s]
password:
Enter password:
Password: ********
error: token expired
tokens: 12345  max_tokens=4096  token_count: 77
const password = process.env.DB_PASSWORD;
password = getpass.getpass()
secret: ${{ secrets.GITHUB_TOKEN }}
api_key="$API_KEY"
api_key: <your key here>
--password-file /run/secrets/db
key: value
Author: A. Person <person@example.com>
git clone git@github.com:owner/repository.git
docker pull alpine@sha256:4edbd2beb5f78b1014028f4fbb99f3237d9561100b6881aabbf5acce2c4f9454
http://localhost:8080/path?x=1  https://user.github.io/page
127.0.0.1 192.168.1.10 8.8.8.8 1.2.3.4
1712345678901234 4111-2222 +1-555-0100
/home/ and ~/home/page and src/home/index.html
monkey keyboard tokenizer secretary compass passed: 12 passing
skipped desk-toppers risk-averse sk-learn
int main(int argc, char **argv) { return argc - 1; }
export PATH=/usr/local/bin:$PATH
ssh -p 2222 server; mkdir -p a/b; docker run -p 8080:80 nginx; mysql -p shop
"""


@pytest.mark.parametrize("line", HARMLESS.strip().splitlines())
def test_a_harmless_line_stays(line: str) -> None:
    assert shown(line) == line
    assert shown(*line, "\r\n") == line + "\r\n"
    assert [event.data for event in scrub(HEADER, typed(line)).events] == [line]


def test_a_rule_can_be_left_out_and_the_one_for_public_addresses_put_in() -> None:
    secret = SHAPES[0].value
    assert (
        shown(f"echo {secret} 8.8.8.8", rules=Rules(off=frozenset({"github-token", "github"})))
        == f"echo {secret} *.*.*.*"
    )


# Widths and repetition

ANY = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Z", "M", "Cc")), max_size=60)
PLANTED = [canary.shown for canary in ALL] + ["password: ", "maja@quokka:~$ ", "/home/maja", "漢字"]
CODES = [
    "\x1b[1m",
    "\x1b[5;5H",
    "\r",
    "\r\n",
    "\b",
    "\x1b[K",
    "\x1b[2J",
    "\x1b[?1049h",
    "\x1b[3A",
    "\x1b[L",
    "\x1b]0;",
    "\x07",
    "\x1b[",
]
PIECES = st.lists(st.one_of(ANY, st.sampled_from(PLANTED), st.sampled_from(CODES)), max_size=12)


@settings(deadline=None)
@given(pieces=PIECES, code=st.sampled_from("oim"), columns=st.integers(2, 100), rows=st.integers(2, 30))
def test_scrubbing_twice_changes_nothing_more_and_any_text_passes(
    pieces: list[str], code: str, columns: int, rows: int
) -> None:
    header = Header(2, columns, rows, title="".join(pieces[:2]))
    events = [Event(place, code, piece) for place, piece in enumerate(pieces)]
    once = scrub(header, events)
    twice = scrub(once.header, once.events)
    assert [event.data for event in twice.events] == [event.data for event in once.events]
    assert twice.header == once.header
    assert [sum(map(width, event.data)) for event in once.events] == [sum(map(width, event.data)) for event in events]


@settings(deadline=None)
@given(value=ANY, rule=st.sampled_from(["mail", "user-name", "host-name", "assigned"]))
def test_a_disguise_is_as_wide_and_grows_with_its_value(value: str, rule: str) -> None:
    replaced = disguise(value, rule)
    assert [sum(map(width, part)) for part in replaced] == list(map(width, value))
    assert all(disguise(begun, rule) == replaced[: len(begun)] for begun in accumulate(value))


# The guard


def test_the_guard_masks_a_known_secret_and_its_beginning_in_a_drawn_row() -> None:
    secret = SHAPES[0].value
    guard = scrub(HEADER, [Event(0, "o", f"echo {secret}")]).guard
    assert guard.find(f"x {secret} y") == ((2, 2 + len(secret), "github-token"),)
    assert guard.find(f"x {secret[:12]}") == ((2, 14, "github-token"),)
    assert guard.find(f"x {secret[:6]}") == ()
    assert secret not in repr(guard)


def test_the_guard_learns_what_only_the_grid_shows() -> None:
    guard = scrub(HEADER, []).guard
    assert not guard.find("│ hello │ world │")
    (span,) = guard.find(f"│ {SHAPES[0].value} │")
    assert (span.start, span.rule) == (2, "github-token")
    assert guard.learn("Zebra-Crossing-9", "assigned")
    assert not guard.learn("Zebra-Cros", "assigned")
    assert not guard.learn("Zebra-Crossing-9-and-on", "assigned")
    assert not guard.learn("katarzyna", "user-name")
    assert guard.find("the Zebra-Crossing-9") == ((4, 20, "assigned"),)
    assert pickle.loads(pickle.dumps(guard)).find("the Zebra-Crossing-9") == ((4, 20, "assigned"),)


def test_what_a_guard_has_learnt_is_scrubbed_from_the_events() -> None:
    guard = scrub(HEADER, []).guard
    guard.learn("Zebra-Crossing-9", "assigned")
    events = [Event(0, "o", "\x1b[1mZebra-\x1b[0mCrossing-9"), *typed(*"Zebra-Crossing-9")]
    clean = scrub(HEADER, events, known=guard.known)
    assert "".join(event.data for event in clean.events) == "\x1b[1m" + "*" * 6 + "\x1b[0m" + "*" * 26
    assert clean.redactions == {"assigned": 1}


def test_a_guard_that_knows_nothing_finds_nothing() -> None:
    guard = scrub(HEADER, []).guard
    assert isinstance(guard, Guard)
    assert not any(map(guard.find, ("", "$ ls", "a  b")))
