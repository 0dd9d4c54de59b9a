"""From a tape to its clip, the sandbox played by a stand-in; test_tapes_build.py has the real one."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tapes.fake_agent import FakeSandbox, FakeSession

from tracekit.clips.clip import Capture, Clip, Input
from tracekit.clips.settings import Canvas, ClipSettings, LookSettings, VideoSettings
from tracekit.core.clock import CLIP_FRAMES
from tracekit.core.errors import Rejected, TracekitError
from tracekit.shards.events import load_events
from tracekit.shards.sample import Sample
from tracekit.tapes import inputs, source
from tracekit.tapes.generate import Tape
from tracekit.tapes.language.program import Press, Program, Sleep, Type
from tracekit.tapes.language.writer import write
from tracekit.tapes.meta import TapeMeta, meta_comment
from tracekit.tapes.source import TapeConfig, TapeSource
from tracekit.terminal.grid import Grid

SMALL = LookSettings(font_size_px=6)
TOKEN = "ghp_" + "a1B2c3D4e5F6" * 3
SUM = """\
# tracekit: {"id":"sum-0-1","family":"sum","level":1,"instruction":"Add.","answer":"5","interactive":true,"seed":0}
Set FontSize 20
Set Width 640
Set Height 320
Set Padding 20
Hide
Type "secret set-up"
Enter
Show
Type "7-2"
Enter
Sleep 7s
"""

Made = Callable[..., TapeSource]


def answers(keys: bytes) -> bytes:
    """A program that echoes what is typed, and answers 5 to every line."""
    return keys.replace(b"\r", b"\r\n5\r\n> ")


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Made:
    """Makes a source of files, whose tapes all run in one kind of session."""

    def make(
        session: Callable[[], FakeSession] = lambda: FakeSession(answers), drawn: LookSettings = SMALL, **config: object
    ) -> TapeSource:
        class Sandbox(FakeSandbox):
            def start(self, *arguments: object, **more: object) -> FakeSession:
                return session()

        monkeypatch.setattr(source, "open_sandbox", lambda name: Sandbox())
        capture = Capture(ClipSettings(window_s=None, idle_limit_s=None), drawn, VideoSettings(), None, 0)
        return TapeSource(TapeConfig.model_validate({"paths": ["-"]} | config), capture)

    return make


def input_of(text: str | bytes, folder: Path) -> Input:
    path = folder / "a.tape"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return Input(path.name, hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size, str(path))


def clip_of(made: TapeSource, text: str, folder: Path) -> Clip:
    (clip,) = made.clips(input_of(text, folder))
    assert isinstance(clip, Clip)
    return clip


def rejected(made: TapeSource, text: str | bytes, folder: Path) -> Rejected:
    with pytest.raises(Rejected) as error:
        list(made.clips(input_of(text, folder)))
    assert str(folder) not in str(error.value)
    return error.value


def test_a_tape_is_one_whole_sample(made: Made, tmp_path: Path) -> None:
    clip = clip_of(made(), SUM, tmp_path)
    sample = Sample.model_validate_json(json.dumps({**clip.sample, "split": "train"}))
    assert (sample.provenance.kind, sample.provenance.uri, sample.provenance.recorded_at) == ("tapes", "a.tape", None)
    assert (sample.clock.fitted, sample.clock.frames) == ("subsampled", CLIP_FRAMES)
    assert sample.statistics.duration_s == pytest.approx(7 + 4 * 0.05)
    assert sample.captions.instruction == "Add."
    assert sample.captions.semantic is None
    assert sample.extra["family"] == "sum"
    assert sample.extra["answer"] == "5"


def test_what_is_hidden_is_neither_an_event_nor_in_the_script(made: Made, tmp_path: Path) -> None:
    clip = clip_of(made(), SUM, tmp_path)
    assert [event.data for event in load_events(clip.files["events.jsonl"]) if event.code == "i"] == [*"7-2", "\r"]
    assert "set-up" not in clip.sample["captions"]["script"]
    assert "secret set-up" in "".join(Grid.load(clip.files["cells.npz"]).lines(0)), "the screen at Show comes first"


def test_the_answer_stands_in_the_script_of_the_share_asked_for(made: Made, tmp_path: Path) -> None:
    def script(fraction: float) -> str:
        return str(clip_of(made(answer_fraction=fraction), SUM, tmp_path).sample["captions"]["script"])

    assert script(1.0) == f"{script(0.0)} Hide The answer is 5"
    given = [
        " The answer is " in str(clip_of(made(), SUM.replace("sum-0-1", f"sum-0-{n}"), tmp_path).sample["captions"])
        for n in range(40)
    ]
    assert 10 < sum(given) < 30


def test_the_same_tape_is_the_same_clip(made: Made, tmp_path: Path) -> None:
    assert clip_of(made(), SUM, tmp_path) == clip_of(made(), SUM, tmp_path)


def test_secrets_of_a_tape_reach_nothing_of_its_clip(made: Made, tmp_path: Path) -> None:
    text = SUM.replace('"7-2"', f'"export TOKEN={TOKEN}"').replace("Add.", f"Export {TOKEN}.")
    clip = clip_of(made(), text, tmp_path)
    assert clip.sample["redactions"]
    shown = Grid.load(clip.files["cells.npz"])
    typed = "".join(event.data for event in load_events(clip.files["events.jsonl"]) if event.code == "i")
    told = [json.dumps(clip.sample), typed, *("".join(shown.lines(frame)) for frame in range(shown.frames))]
    assert not [text for text in told if TOKEN[4:] in text]
    assert "export TOKEN=" in clip.sample["captions"]["script"]


def test_a_tape_has_the_look_of_the_recipe_or_its_own(made: Made, tmp_path: Path) -> None:
    own = Sample.model_validate({**clip_of(made(look="tape"), SUM, tmp_path).sample, "captions": {}, "split": "train"})
    assert (own.look.font_size_px, own.geometry.width_px, own.geometry.height_px) == (20, 640, 320)
    assert min(own.geometry.padding_px) >= 20
    canvas = LookSettings(font_size_px=13, canvas=Canvas(width_px=832, height_px=480))
    theirs = clip_of(made(drawn=canvas), SUM, tmp_path).sample
    geometry = theirs["geometry"]
    assert (geometry["width_px"], geometry["height_px"], theirs["look"]["font_size_px"]) == (832, 480, 13)
    assert 832 - geometry["screen_width_px"] < geometry["cell_width_px"]
    assert 480 - geometry["screen_height_px"] < geometry["cell_height_px"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Typ 'x'\n", "bad-tape"),
        ("", "bad-tape"),
        ("Source other.tape\n", "has-sources"),
        ('# tracekit: {"id": 3}\nType "x"\n', "bad-tape"),
        ("Sleep 80000s\n" * 2, "tape-too-long"),
        ('Set Shell zsh\nType "x"\n', "shell"),
        (b"#" * (1 << 20) + b"\n" * 9, "too-large"),
        ('Type "x"\nWait /never/\n', "wait-timed-out"),
        (SUM.replace('"answer":"5"', '"answer":"6"'), "answer-absent"),
        (SUM.replace('"answer":"5"', '"expect":["six"]'), "expected-text-absent"),
    ],
)
def test_a_tape_that_is_no_good_is_rejected_by_name(made: Made, tmp_path: Path, text: str, reason: str) -> None:
    assert rejected(made(), text, tmp_path).reason == reason


def test_what_is_said_of_a_rejected_tape_has_no_secrets(made: Made, tmp_path: Path) -> None:
    for text in (f"Typ {TOKEN}\n", f'Type "{TOKEN}"\nWait /never/\n', f'# tracekit: {{"{TOKEN}": 3}}\nType "x"\n'):
        assert TOKEN[4:] not in str(rejected(made(), text, tmp_path))


def test_a_shell_that_leaves_early_is_a_reason(made: Made, tmp_path: Path) -> None:
    assert rejected(made(lambda: FakeSession(lambda keys: b"exit")), SUM, tmp_path).reason == "shell-ended"


def test_composed_tapes_are_planned_by_number_and_made_again_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def compose(families: object, count: int, seed: int, *, first: int = 0) -> list[Tape]:
        return [tape(number, seed) for number in range(first, first + count)]

    def tape(number: int, seed: int) -> Tape:
        meta = TapeMeta(id=f"toy-{number}", family="toy", level=1, instruction="Wait.", seed=seed)
        return Tape(meta.id, "toy", Program((meta_comment(meta), Type(f"{number % 7}"), Press("Enter"), Sleep(10))))

    monkeypatch.setattr(inputs, "tapes", lambda *args, **more: iter(compose(*args, **more)))
    planned = list(inputs.generated({"toy": 1.0}, 9, 3))
    assert [item.uri for item in planned] == [f"toy/{number:06d}.tape" for number in range(9)]
    for item in planned:
        text = write(inputs.generated_tape({"toy": 1.0}, 3, int(item.locator)).program)
        assert hashlib.sha256(text.encode()).hexdigest() == item.sha256
    assert [item.uri[4:10] for item in planned if item.problem] == ["000007", "000008"]
    assert {item.reason for item in planned if item.problem} == {"duplicate"}
    assert planned[:4] == list(inputs.generated({"toy": 1.0}, 4, 3))


@pytest.mark.parametrize("config", [{}, {"paths": ["a"], "families": {"math": 1}}, {"families": {"math": -1}}])
def test_tapes_are_files_or_composed(config: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        TapeConfig.model_validate(config)


def test_a_family_or_sandbox_that_is_not_there_is_told_before_anything_starts() -> None:
    capture = Capture(ClipSettings(), SMALL, VideoSettings(), None, 0)
    with pytest.raises(TracekitError, match="no family named"):
        TapeSource(TapeConfig(families={"nobody": 1}), capture)
    with pytest.raises(TracekitError, match="no sandbox named"):
        TapeSource(TapeConfig(paths=["-"], sandbox="nowhere"), capture).tools()
