"""The arithmetic probe as a data set: what a model should show for each question, played and drawn by our terminal.

Anything that rolls a data set's clips out does so with these: frame 0 of a clip and its script caption are what a model
is given, and ``extra.probe`` says what it is asked. Their own score tells how well answers can be read.
"""

import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterator, Sequence

from tracekit.casts.model import Header
from tracekit.clips.clip import Capture, Clip, Input
from tracekit.clips.recording import Filming, Recording
from tracekit.clips.settings import ClipSettings, LookSettings, VideoSettings
from tracekit.core.errors import TracekitError
from tracekit.core.events import Event
from tracekit.core.files import Folder, to_json
from tracekit.metrics.arithmetic import PROBE, Question
from tracekit.metrics.index_rows import kept_rows
from tracekit.shards.index import clip_row, write_index
from tracekit.shards.manifest import Manifest, ShardRecord
from tracekit.shards.sample import Sample
from tracekit.shards.verify import INDEX, INPUTS, MANIFEST, SHARDS
from tracekit.shards.write import write_shard
from tracekit.tapes.language.program import Press, Sleep, Type

LOCK = "build.json"
"""Of a data set: the recipe that it was built by."""
PROMPT = "\x1b[38;2;90;86;224m> \x1b[0m"
"""Of the shell of tapes (docker/bashrc)."""
_KEY_NS = 50_000_000
"""From one key to the next."""
_SHARD = "validation-000000.tar"


class SessionFilms:
    """Films the sessions of questions.

    Args:
        capture: how, as of the data set that a model was trained on.
        columns: of the terminal.
        rows: of the terminal.

    Raises:
        TracekitError: a font, theme or engine is not there.
    """

    def __init__(self, capture: Capture, columns: int = 80, rows: int = 24) -> None:
        self._filming, self._header = Filming(capture), Header(2, columns, rows)

    @classmethod
    def like(cls, url: str) -> "SessionFilms":
        """Films that look as the clips of a data set do: its recipe's look, and its commonest terminal.

        Args:
            url: the folder of a data set that a model was trained on.

        Raises:
            TracekitError: it has no recipe or no clips of terminals, or a font, theme or engine is not there.
        """
        folder = Folder(url)
        if not folder.exists(LOCK):
            remedy = f"give the folder that holds {LOCK}"
            raise TracekitError("this is not the folder of a data set that was built", place=url, remedy=remedy)
        try:
            recipe = json.loads(folder.read(LOCK))["recipe"]
            look, video = LookSettings.model_validate(recipe["look"]), VideoSettings.model_validate(recipe["video"])
        except (ValueError, KeyError, TypeError) as error:
            raise TracekitError(f"it does not say how the data set looks: {error}", place=folder.path(LOCK)) from error
        clips = kept_rows(folder, ("columns", "rows"))
        sizes = Counter((row["columns"], row["rows"]) for row in clips if row["columns"] and row["rows"])
        if not sizes:
            raise TracekitError("it has no clips of terminals", place=url)
        clip = ClipSettings(window_s=None, idle_limit_s=None)
        return cls(Capture(clip, look, video, None, 0), *sizes.most_common(1)[0][0])

    def film(self, question: Question, *, reprompted: bool = False, answer: str | None = None) -> Clip:
        """The first clip of a question's session, the only one unless the capture cuts it.

        Args:
            question: what is typed.
            reprompted: whether its caption gives the answer.
            answer: what the REPL prints; None: the right answer.

        Raises:
            Rejected: the terminal does not fit the canvas.
        """
        events = list(_events(question, question.answer if answer is None else answer))
        told = "".join(event.data for event in events).encode()
        item = Input(question.key, hashlib.sha256(told).hexdigest(), len(told), "")
        recording = Recording(
            "tapes",
            item,
            self._header,
            events,
            texts={"script": question.reprompt if reprompted else question.prompt},
            extra={PROBE: {"problem": question.source, "answer": question.answer, "reprompted": reprompted}},
            duration_ns=events[-1].time_ns + _pause_ns(question),
        )
        return next(self._filming.clips(recording))


def write_probe_set(
    url: str, questions: Sequence[Question], films: SessionFilms, *, reprompted: bool = False
) -> list[str]:
    """Write questions as a data set of one shard, all of it to validate with.

    Args:
        url: a folder without a data set, a path or any URL that fsspec knows.
        questions: at least one.
        films: of their sessions.
        reprompted: whether the captions give the answers.

    Returns:
        The keys of the clips, in the order of the questions.

    Raises:
        TracekitError: there are no questions, there is a data set already, or it can't be written.
    """
    folder = Folder(url)
    if not questions:
        raise TracekitError("there are no questions to write")
    if folder.exists(INDEX):
        raise TracekitError("there is a data set already", place=url, remedy="choose another folder")
    samples, packed = [], []
    for question in questions:
        sample, files = _packed(films.film(question, reprompted=reprompted))
        samples.append(sample)
        packed.append((sample.key, files))
    file = io.BytesIO()
    places = write_shard(file, packed)
    content = folder.write(f"{SHARDS}/{_SHARD}", file.getvalue())
    record = ShardRecord(name=_SHARD, samples=len(packed), **content._asdict())
    folder.write(f"{SHARDS}/{MANIFEST}", to_json(Manifest(shards=[record]).model_dump(mode="json")))
    folder.write(INPUTS, b"".join(to_json({"uri": sample.provenance.uri}) for sample in samples))
    rows = [
        clip_row(sample.model_dump(mode="json"), shard=_SHARD, place=place, caption=sample.captions.script)
        for sample, place in zip(samples, places, strict=True)
    ]
    folder.write(INDEX, lambda index: write_index(index, rows))
    return [sample.key for sample in samples]


def _packed(clip: Clip) -> tuple[Sample, dict[str, bytes]]:
    """A clip as a sample, and its files."""
    files = {**clip.files, "txt": str(clip.sample["captions"]["script"]).encode()}
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
    captions = {**clip.sample["captions"], "captioner": "none"}
    described = {**clip.sample, "split": "validation", "captions": captions, "decisions": [], "files": hashes}
    sample = Sample.model_validate(described)
    return sample, {**files, "json": to_json(sample.model_dump(mode="json"))}


def _events(question: Question, answer: str) -> Iterator[Event]:
    """Each key, with what the terminal answers to it."""
    time_ns = 0
    prompts = iter((">>> ", f"{answer}\r\n>>> "))
    yield Event(time_ns, "o", PROMPT)
    for command in question.program.commands:
        match command:
            case Type(text=text):
                for character in text:
                    time_ns += _KEY_NS
                    yield Event(time_ns, "i", character)
                    yield Event(time_ns, "o", character)
            case Press():
                time_ns += _KEY_NS
                yield Event(time_ns, "i", "\r")
                yield Event(time_ns, "o", "\r\n" + next(prompts))
            case Sleep(duration_ns=duration_ns):
                time_ns += duration_ns


def _pause_ns(question: Question) -> int:
    """For which the answer is looked at."""
    last = question.program.commands[-1]
    return last.duration_ns if isinstance(last, Sleep) else 0
