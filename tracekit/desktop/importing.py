"""Take in a recording made elsewhere: a video and a log of events become a trace.

The video may have any rate, constant or not: frame k shows its newest picture at k/15 s, held, never mixed with others.
The log may be our ``events.jsonl``, a CSV with a row a frame, or JSON of actions (`tracekit.desktop.foreign.tables`).
Whatever of it can't be used is listed in ``trace.json`` under ``problems``, with its file and line.

Two clocks were read elsewhere, so how far they are apart is measured, where the video shows a cursor that moves, and
stands in the trace: ``policy_options`` has the offset measured and the one applied, ``timing`` what is left between.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from tracekit.actions.events import InputEvent, dump_inputs
from tracekit.core.clock import FPS, NS_PER_S, frame_time_ns, seconds, to_ns
from tracekit.core.errors import TracekitError
from tracekit.desktop.foreign.film import Film, frame_luma
from tracekit.desktop.foreign.offset import Changes, Offset, measure_offset
from tracekit.desktop.foreign.problems import Problems
from tracekit.desktop.foreign.tables import Log, read_log
from tracekit.desktop.foreign.tracks import cursor_track, dump_frames
from tracekit.desktop.partial import Partial
from tracekit.desktop.recorder import QP
from tracekit.desktop.trace import Timing, Trace
from tracekit.video.decode import decode

_ROUNDED = Fraction(1, 2000)
"""Half a millisecond: containers that count milliseconds (Matroska) round the instants of pictures by as much."""


def import_recording(
    video: Path,
    events: Path,
    out: Path,
    *,
    key: str,
    offset_s: float | Literal["measured"] = 0.0,
    instruction: str | None = None,
    qp: int = QP,
) -> Trace:
    """Make the trace OUT/KEY of a video and a log of events.

    Args:
        video: whatever PyAV opens. Its first picture is frame 0.
        events: the log; `tracekit.desktop.foreign.tables` says what is understood.
        out: the folder of traces; made if it is not there.
        key: the trace's name.
        offset_s: what to add to the log's times to have the video's; ``measured``: what the cursor in the picture says.
        instruction: what was to be done, where that is known.
        qp: x264's quantiser.

    Raises:
        TracekitError: the video does not decode, the log is none, the offset can't be measured and was asked for, or
            there is such a trace already.
    """
    if not video.is_file():
        raise TracekitError("there is no such video", place=str(video))
    problems = Problems()
    log = read_log(events, problems)
    if (out / key).exists():
        raise TracekitError("there is such a trace already", place=str(out / key), remedy="give another key")
    with Partial(out, key) as partial, _discarded_unless_done(partial):
        film, pictures_ns, changes = _resample(video, partial.path / "screen.mp4", qp, problems)
        measured = measure_offset(changes, log.events)
        offset_ns = _offset(offset_s, measured, problems, str(events))
        inputs = _fit(log.events, offset_ns, film, events.name, problems)
        frames = len(film.sources)
        partial.write("events.jsonl", dump_inputs(inputs))
        times_ns = [frame_time_ns(frame) for frame in range(frames)]
        partial.write("cursor.npz", cursor_track(inputs, times_ns, None).save())
        shown_ns = [pictures_ns[source] for source in film.sources]
        partial.write("frames.npz", dump_frames(shown_ns, film.changed, [False] * frames))
        return partial.commit(
            Trace(
                key=key,
                status="complete",
                width_px=film.width_px,
                height_px=film.height_px,
                frames=frames,
                duration_ns=frame_time_ns(frames),
                events=len(inputs),
                recorded_at=int(video.stat().st_mtime),
                policy="import",
                policy_options=_options(video, events, log, offset_ns, measured),
                instruction=instruction,
                recorder="import",
                timing=_timing(offset_ns, measured),
                problems=problems.lines(),
            )
        )


@contextmanager
def _discarded_unless_done(partial: Partial) -> Iterator[None]:
    try:
        yield
    except BaseException:
        partial.discard()
        raise


def _resample(video: Path, screen: Path, qp: int, problems: Problems) -> tuple[Film, list[int], Changes]:
    """The video on the grid, the instants of its pictures, and where each differs from the one before."""
    film: Film | None = None
    changes, pictures_ns = Changes(), list[int]()
    start = newest = end = Fraction(0)
    for number, picture in enumerate(decode(video)):
        if picture.pts is None or picture.time_base is None:
            raise TracekitError(f"picture {number} of the video has no time", place=str(video))
        at = picture.pts * picture.time_base
        if film is None:
            film, start = Film(screen, picture.width, picture.height, qp), at
        at -= start
        if at < newest:
            problems.add(f"{video.name}:picture {number}", "its time is before that of the one before: shown after it")
        newest = max(newest, at)
        rounded = min(picture.time_base / 2, _ROUNDED)
        film.show(picture, max(0, -int((rounded - newest) * FPS // 1)), number)
        pictures_ns.append(int(newest * NS_PER_S))
        luma = picture if picture.format.name == "yuv420p" else picture.reformat(format="gray")
        changes.add(pictures_ns[-1], frame_luma(luma))
        last = (picture.duration or 0) * picture.time_base or newest / max(1, number)
        end = newest + last
    if film is None:
        raise TracekitError("the video has no pictures", place=str(video))
    film.hold(max(1, -int((_ROUNDED - end) * FPS // 1)))
    film.close()
    return film, pictures_ns, changes


def _offset(wanted: float | Literal["measured"], measured: Offset | None, problems: Problems, place: str) -> int:
    """What to add to the log's times."""
    if measured is None:
        if wanted == "measured":
            raise TracekitError(
                "how far the events are from the video can't be measured",
                place=place,
                remedy="it takes a cursor in the picture that moves; give the offset in seconds",
            )
        problems.add(place, "how far the events are from the video could not be measured")
    if wanted == "measured":
        assert measured is not None
        return measured.offset_ns
    try:
        return to_ns(wanted)
    except ValueError as error:
        raise TracekitError(f"the offset: {error}") from error


def _fit(events: list[InputEvent], offset_ns: int, film: Film, name: str, problems: Problems) -> list[InputEvent]:
    """The events on the video's clock, without those before it begins, after it ends, or beside the picture."""
    last_ns = frame_time_ns(len(film.sources) - 1)
    fitting = []
    for event in events:
        time_ns = event.time_ns + offset_ns
        if not 0 <= time_ns <= last_ns:
            problems.add(name, f"{event.code} at {seconds(event.time_ns):.3f} s is not within the video")
        elif not (0 <= event.x < film.width_px and 0 <= event.y < film.height_px):
            problems.add(
                name, f"{event.code} at {seconds(event.time_ns):.3f} s is beside the picture: {event.x}, {event.y}"
            )
        else:
            fitting.append(event._replace(time_ns=time_ns))
    return fitting


def _options(video: Path, events: Path, log: Log, offset_ns: int, measured: Offset | None) -> dict[str, Any]:
    """What was read, and how far the two clocks are from each other."""
    options: dict[str, Any] = {"video": video.name, "log": events.name, "kind": log.kind}
    if log.unused:
        options["no_input"] = log.unused
    options["offset_s"] = seconds(offset_ns)
    options["measured_offset_s"] = None if measured is None else seconds(measured.offset_ns)
    if measured is not None:
        options |= {"offset_bound_s": seconds(measured.bound_ns), "offset_moves": measured.moves}
    return options


def _timing(offset_ns: int, measured: Offset | None) -> Timing:
    """How far events may be from frames: what was measured, less what was applied, and the doubt of the measure."""
    if measured is None:
        return Timing(measured=False)
    left_ns = abs(measured.offset_ns - offset_ns)
    worst_ns = left_ns + measured.bound_ns
    return Timing(event_error_p50_ns=left_ns, event_error_p99_ns=worst_ns, event_error_max_ns=worst_ns)
