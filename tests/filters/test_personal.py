"""Personal data and secrets that nobody has taken out: found where they are, and not where there are none."""

import json
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from labelled_set import Judged, filtered, planted, scrubbed
from pydantic import ValidationError

from tracekit.actions.events import InputEvent, dump_inputs
from tracekit.actions.windows import WindowLine, WindowsAt, dump_windows
from tracekit.core.events import Event
from tracekit.filters.base import Candidate, ClipFilter
from tracekit.filters.measure import StoredClip
from tracekit.filters.personal import Personal
from tracekit.filters.personal_rules import NAMES, PersonalData
from tracekit.filters.phones import phones
from tracekit.filters.secret import Secret
from tracekit.shards.events import dump_events
from tracekit.shards.sample import Captions
from tracekit.terminal.cells import Cursor, Style
from tracekit.terminal.grid import GridBuilder

SECRET = "ghp_" + "a1B2" * 9


def recall(judged: Judged) -> dict[str, float]:
    missed = Counter(case.shown.kind for case in judged.missed)
    return {kind: judged.found[kind] / (judged.found[kind] + missed[kind]) for kind in judged.found | missed}


def test_the_labelled_set_is_as_large_as_it_is_to_be_and_the_same_for_the_same_seed() -> None:
    cases = [case.shown for one in planted() for case in one.cases]
    assert len(cases) >= 500
    assert sum(len(one.harmless) for one in planted()) >= 300
    assert len({case.way for one in planted() for case in one.cases}) >= 10
    planted.cache_clear()
    assert cases == [case.shown for one in planted() for case in one.cases]


def test_the_scrubber_leaves_next_to_nothing_of_what_is_planted_and_all_that_is_harmless() -> None:
    judged = scrubbed(planted())
    found = recall(judged)
    assert min(found["token"], found["key"]) >= 0.99
    assert min(found["mail"], found["home-path"], found["host-name"]) >= 0.97
    assert found["password"] >= 0.95
    assert len(judged.wrong) <= 0.01 * sum(len(one.harmless) for one in planted())


def test_the_filter_finds_next_to_all_that_is_planted_and_little_else() -> None:
    judged = filtered(planted())
    found = recall(judged)
    assert min(found[kind] for kind in ("mail", "phone", "home-path", "host-name")) >= 0.97
    assert min(found.values()) >= 0.9
    assert len(judged.wrong) <= 0.03 * sum(judged.found.values())


def told(line: str) -> list[tuple[str, str]]:
    return [(kind, line[start:end]) for start, end, kind in PersonalData([line], NAMES).find(line)]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("Author: Halba Drifen <halba@corp-q1.io>", [("person-name", "Halba Drifen"), ("mail", "halba@corp-q1.io")]),
        ('{"phone": "4155552345"}', [("phone", "4155552345")]),
        ("call (415) 555-2345, or +49 30 23125999", [("phone", "(415) 555-2345"), ("phone", "+49 30 23125999")]),
        ("to 12 Maple Street, Oldhaven, IL 62704", [("postal-address", "12 Maple Street, Oldhaven, IL 62704")]),
        ("Ahornstraße 7, 10969 Oldhaven", [("postal-address", "Ahornstraße 7, 10969 Oldhaven")]),
        ("halba@drifen:~$ ls", [("user-name", "halba"), ("host-name", "drifen")]),
        ("ssh halba@drifen.corp.lan", [("user-name", "halba"), ("host-name", "drifen.corp.lan")]),
        ("lat: 12.34567, lon: -98.76543", [("coordinates", "12.34567, lon: -98.76543")]),
        ("GB82 WEST 1234 5698 7654 32", [("iban", "GB82 WEST 1234 5698 7654 32")]),  # of the registry's own manual
        ("from 93.184.216.34 to 192.0.2.7, 10.0.0.1", [("ip-address", "93.184.216.34")]),
        ("GB82 WEST 1234 5698 7654 33", []),
        ("Name: Visual Studio Code", []),
        ("2026-01-15 12:30:45 1234567890 4096", []),
        ("00000010  01 23 45 67 89 10 11 12", []),
        ("loss: 0.1234, 0.5678", []),
        ("fe80::1 2001:db8::2 ::1", []),
    ],
)
def test_a_line_holds_what_it_holds(line: str, found: list[tuple[str, str]]) -> None:
    assert told(line) == found


@given(st.text("0123456789 +-()./", max_size=200))
@settings(deadline=None)
def test_any_digits_are_read_and_what_is_found_is_no_longer_than_a_number(text: str) -> None:
    for start, end in phones(text):
        assert 7 <= sum(map(str.isdigit, text[start:end])) <= 15


def terminal(*lines: str, events: tuple[Event, ...] = (), columns: int = 60) -> StoredClip:
    """A clip that shows lines, all in its first frame."""
    builder = GridBuilder()
    rows = [line[at : at + columns] for line in lines for at in range(0, len(line), columns)]
    cells = [np.array([ord(char) for char in row.ljust(columns)], dtype=np.uint64) for row in rows]
    builder.frame(cells, None, Cursor(0, 0))
    files = {"cells.npz": builder.build([Style()], []).save(), "events.jsonl": dump_events(events)}
    return StoredClip("a", {"kind": "terminal", "provenance": {"title": None, "command": None}, "desktop": None}, files)


def desktop(*typed: str, title: str = "Editor", policy: str = "person") -> StoredClip:
    """A clip in which somebody types texts, Return after each."""
    keys = [key for text in typed for key in (*text, "Return")]
    events = [
        InputEvent(place, "key-down", 0, 0, keysym={" ": "space"}.get(key, key), text=key if len(key) == 1 else "\r")
        for place, key in enumerate(keys)
    ]
    window = WindowLine(title=title, program="P", x=0, y=0, width_px=9, height_px=9, active=True)
    files = {"events.jsonl": dump_inputs(events), "windows.jsonl": dump_windows([WindowsAt(0, (window,))])}
    sample = {"kind": "desktop", "provenance": {}, "desktop": {"policy": policy}}
    return StoredClip("a", sample, files)


def judge(rule: ClipFilter, clip: StoredClip) -> Any:
    """The decision on a clip, its measure having been a line of a file."""
    name = "secrets" if isinstance(rule, Secret) else "personal-data"
    measured = {name: json.loads(json.dumps(rule.measure(clip)))}
    return rule.judge(Candidate("a", "r", "0" * 64, "r", clip.sample, b"", Captions(), measured))


def test_a_clip_of_a_terminal_goes_with_the_count_and_the_kinds_as_reason() -> None:
    clip = terminal("mail halba@corp-q1.io", "or phone +1 415-555-2345")
    decision = judge(Personal(), clip)
    assert (decision.keep, decision.score, decision.threshold) == (False, 2, 0)
    assert decision.reason == "shows 1 of mail address, 1 of telephone number"
    assert judge(Personal(most=2), clip).keep
    assert judge(Personal(kinds=("phone",)), clip).score == 1
    assert judge(Personal(allow=(r".*@corp-q1\.io", r"\+1 415.*")), clip).keep


def test_what_wraps_at_the_margin_is_read_as_one_line() -> None:
    assert judge(Personal(), terminal("write to somebody.else@corp-q1.io ok", columns=20)).score == 1


def test_what_only_events_tell_counts_once_however_it_grew() -> None:
    mail = "halba@corp-q1.io"
    grown = tuple(Event(place, "o", f"\r\x1b[K$ {mail[:place]}") for place in range(1, len(mail) + 1))
    typed = tuple(Event(99, "i", key) for key in "+1 415-555-2345\r")
    assert judge(Personal(), terminal("$", events=(*grown, *typed))).score == 2


@pytest.mark.parametrize(
    "text", ["you@example.com", "noreply@github.com", "1+a@users.noreply.github.com", "me@localhost", "127.0.0.1",
             "user@host:~$ ls /home/user", "Author: Your Name <you@example.com>", "git@code.service.io:a/b.git",
             "192.0.2.1 198.51.100.7", "51 Franklin Street, Fifth Floor, Boston, MA 02110"]
)  # fmt: skip
def test_placeholders_are_nobodys(text: str) -> None:
    assert judge(Personal(kinds=tuple(NAMES)), terminal(text)).keep


@pytest.mark.parametrize("policy", ["person", "display", "import", "agent", "of-somebody-else"])
def test_typed_secrets_and_mail_addresses_reject_a_clip_of_a_desktop(policy: str) -> None:
    decision = judge(Secret(), desktop(f"export A={SECRET}", policy=policy))
    assert (decision.keep, decision.score) == (False, 1)
    assert "github-token" in decision.reason
    assert SECRET not in decision.model_dump_json()
    assert not judge(Personal(), desktop("halba@corp-q1.io", policy=policy)).keep


@pytest.mark.parametrize("policy", ["random-slow", "random-fast", "tasks"])
def test_what_tracekit_itself_types_is_nobodys(policy: str) -> None:
    clip = desktop(f"export A={SECRET}", "halba@corp-q1.io", title="Log in", policy=policy)
    assert judge(Secret(), clip).keep
    assert judge(Personal(), clip).keep


def test_a_password_counts_by_the_window_it_is_typed_in_or_the_command_before_it() -> None:
    assert judge(Secret(), desktop("hunter", title="Sign in - Bank")).reason == "shows 1 by the rule typed-password"
    assert not judge(Secret(), desktop("sudo apt update", "hunter2x7")).keep
    assert judge(Secret(), desktop("sudo apt update", "ls")).keep
    assert judge(Secret(), desktop("hunter", title="Notes")).keep


def test_titles_of_windows_are_read() -> None:
    assert judge(Personal(), desktop("ls", title="halba@drifen: ~/src")).score == 2
    assert not judge(Secret(), desktop("ls", title=f"{SECRET} - Editor")).keep


def test_a_scrubbed_clip_of_a_terminal_holds_no_secret() -> None:
    assert judge(Secret(), terminal("export TOKEN=************************", "user@host:~$ ")).keep
    assert not judge(Secret(), terminal(f"export TOKEN={SECRET}")).keep


@pytest.mark.parametrize("options", [{"kinds": ["shoe-size"]}, {"allow": ["("]}, {"most": -1}])
def test_options_that_make_no_sense_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Personal(**options)
