"""One trace: a desktop opened, driven by a policy and recorded, committed as a folder."""

import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from tracekit.core.clock import FPS, frame_of, frame_time_ns
from tracekit.core.errors import TracekitError
from tracekit.core.files import to_json
from tracekit.desktop.connect import connect
from tracekit.desktop.interrupts import stopped_by_ctrl_c
from tracekit.desktop.live import LiveDesktop
from tracekit.desktop.partial import Partial
from tracekit.desktop.plan import dump_plan
from tracekit.desktop.policies.base import Outcome, Policy
from tracekit.desktop.recorder import QP, Recorded, Recorder, Screen
from tracekit.desktop.salvage import REASON as RECORDER_DIED
from tracekit.desktop.session import DesktopConfig, open_session
from tracekit.desktop.trace import CursorMode, Trace, read_trace

PREPARE_S = 180.0
"""How long a policy may take to prepare."""
LEAVE_S = 10.0
"""How long a policy may take to return once the recording has ended."""
_SWITCH_S = 0.0005
"""Several threads wait for the interpreter here, and what they do must not wait long for the one that composes."""

Say = Callable[[str], None]


class OpenDesktop(Protocol):
    """What is recorded: `tracekit.desktop.session.DesktopSession`, or what looks like one."""

    width_px: int
    height_px: int
    framebuffer: Path
    x_socket: Path
    image_digest: str
    ready_s: float
    view_url: str

    def ask(self, do: str, /, **what: Any) -> Any:
        """Ask the agent inside."""

    def cpu_s(self) -> float:
        """Processor seconds so far."""


class Job(NamedTuple):
    """What is to be recorded, beside the desktop and the policy."""

    key: str
    seconds: float
    cursor: CursorMode = "with"
    policy_name: str = ""
    policy_options: Mapping[str, Any] = {}
    seed: int | None = None
    qp: int = QP
    phase_ns: int = 0
    """See `Recorder.start`."""
    keep_interrupted: bool = False
    """Ctrl-C is how the recording is meant to end: the trace is then complete."""


def record(
    config: DesktopConfig,
    policy: Policy,
    out: Path,
    *,
    key: str,
    seconds: float,
    cursor: CursorMode = "with",
    policy_name: str = "",
    policy_options: Mapping[str, Any] | None = None,
    seed: int | None = None,
    qp: int = QP,
    phase_ns: int = 0,
    keep_interrupted: bool = False,
    progress: Say | None = None,
) -> Trace:
    """Record a whole trace into OUT/KEY; while it is recorded, the folder is ``OUT/KEY.partial``.

    A trace that is there already is left as it is, and returned. What a killed recorder has left is replaced. Whatever
    goes wrong once the desktop is open gives a trace too, with the status ``failed``.

    Ctrl-C leaves what was recorded so far as ``OUT/KEY.partial``, its files whole, and the trace is recorded anew the
    next time; with ``keep_interrupted`` it ends the recording as the end of its time does.

    Args:
        config: the desktop.
        policy: what drives it; used once.
        out: the folder of traces.
        key: the trace's name, ``[a-z0-9_-]``.
        seconds: how long at most.
        cursor: whether ``screen.mp4`` shows the cursor; ``both``: and ``clean.mp4`` does not.
        policy_name: for ``trace.json``.
        policy_options: likewise.
        seed: likewise.
        qp: x264's quantiser.
        phase_ns: when frames are due, see `Recorder.start`.
        keep_interrupted: see above.
        progress: told what is going on, once a second or so.

    Raises:
        TracekitError: the desktop does not open, or the folder can't be written.
        KeyboardInterrupt: Ctrl-C.
    """
    options = dict(policy_options or {})
    job = Job(key, seconds, cursor, policy_name, options, seed, qp, phase_ns, keep_interrupted)
    return record_job(lambda: open_session(config), policy, out, job, progress or _nobody)


def record_job(
    open_desktop: Callable[[], Any], policy: Policy, out: Path, job: Job, say: Say = lambda text: None
) -> Trace:
    """As `record`, of a desktop that ``open_desktop`` opens: a context manager that gives an `OpenDesktop`."""
    if (out / job.key).exists():
        return read_trace(out / job.key)
    with Partial(out, job.key) as partial:
        if partial.replaced:
            say(f"{job.key}: replaces what a recorder that is gone had left")
        try:
            say(f"{job.key}: opening a desktop")
            desktop = open_desktop()
        except BaseException:
            partial.discard()
            raise
        with desktop as opened, _switching_often(), stopped_by_ctrl_c() as stop:
            if opened.view_url:
                say(f"{job.key}: {opened.view_url}")
            return _Recording(opened, policy, partial, job, say, stop).run()


class _Call(threading.Thread):
    """A call of a policy's in a thread of its own, as it may never return."""

    def __init__(self, call: Callable[[], Any]) -> None:
        super().__init__(name="tracekit-policy", daemon=True)
        self._call = call
        self.result: Any = None
        self.error: Exception | None = None
        self.start()

    def run(self) -> None:
        try:
            self.result = self._call()
        except Exception as error:  # plug-ins raise what they like
            self.error = error


class _Recording:
    """The recording of one trace."""

    def __init__(
        self, opened: OpenDesktop, policy: Policy, partial: Partial, job: Job, say: Say, stop: threading.Event
    ) -> None:
        self._opened, self._policy, self._partial, self._job, self._say = opened, policy, partial, job, say
        self._stop = stop
        self._recorded = Recorded()
        self._recorded_at = int(time.time())
        self._outcome = Outcome()
        self._problem = self._reason = ""

    def run(self) -> Trace:
        """Record and commit."""
        self._partial.describe(self._trace("the recorder was killed", RECORDER_DIED))
        try:
            desktop = LiveDesktop(self._opened)
        except TracekitError as error:
            self._fail("desktop-died", error)
        else:
            self._drive(desktop)
            desktop.close()
        trace = self._trace(self._problem, self._reason)
        self._write_about()
        if self._stop.is_set() and not self._job.keep_interrupted:
            self._partial.describe(self._trace("interrupted", "interrupted"))
            raise KeyboardInterrupt
        return self._partial.commit(trace)

    def _drive(self, desktop: LiveDesktop) -> None:
        """Let the policy prepare, then record while it drives."""
        self._say(f"{self._job.key}: preparing")
        screen = Screen(
            self._opened.framebuffer,
            self._opened.width_px,
            self._opened.height_px,
            lambda: connect(self._opened.x_socket),
        )
        preparing = _Call(lambda: self._policy.prepare(desktop))
        until_s = time.monotonic() + PREPARE_S
        while preparing.is_alive() and time.monotonic() < until_s and not self._stop.is_set():
            preparing.join(0.2)
        if self._stop.is_set():
            return
        if preparing.is_alive():
            self._fail("policy-hangs", f"the policy was not prepared after {PREPARE_S:g} s")
        elif preparing.error:
            self._fail("policy-error", preparing.error)
        else:
            try:
                with Recorder(screen, self._partial.path, cursor=self._job.cursor, qp=self._job.qp) as recorder:
                    self._recorded = recorder.recorded
                    self._record(recorder, desktop)
            except TracekitError as error:
                self._fail("desktop-died", error)

    def _record(self, recorder: Recorder, desktop: LiveDesktop) -> None:
        frames = max(1, round(self._job.seconds * FPS))
        self._recorded_at = int(time.time())
        start_ns = recorder.start(frames, self._job.phase_ns)
        desktop.begin(start_ns, frame_time_ns(frames - 1))
        running = _Call(lambda: self._policy.run(desktop, self._job.seconds))
        ending = False
        try:
            while recorder.step():
                if not ending and (self._stop.is_set() or not running.is_alive()):
                    ending = True
                    desktop.end()
                    recorder.end_at(frame_of(max(0, desktop.now_ns())) + 1)
                if self._recorded.frames % FPS == 0:
                    self._say(f"{self._job.key}: {self._recorded.frames} of {frames} frames")
        except TracekitError as error:
            self._fail("desktop-died", error)
        finally:
            desktop.end()
            recorder.finish()
        running.join(LEAVE_S)
        if running.is_alive():
            self._fail("policy-hangs", f"the policy did not return within {LEAVE_S:g} s of the end")
        elif running.error:
            self._fail("policy-error", running.error)
        else:
            self._outcome = running.result or Outcome()
            if self._outcome.failed:
                self._fail(self._outcome.reason or "policy-failed", self._outcome.failed)

    def _fail(self, reason: str, problem: object) -> None:
        """The first failure is the trace's."""
        if not self._reason:
            said = str(problem) or type(problem).__name__
            self._reason, self._problem = reason, said

    def _write_about(self) -> None:
        if self._outcome.plan is not None:
            self._partial.write("plan.jsonl", dump_plan(self._outcome.plan))
        if self._outcome.task:
            self._partial.write("task.json", to_json(dict(self._outcome.task)))

    def _trace(self, problem: str, reason: str) -> Trace:
        """``trace.json`` as things stand."""
        job, opened, recorded = self._job, self._opened, self._recorded
        cpu = {"recorder": round(recorded.cpu_s, 3)}
        with suppress(TracekitError):
            cpu["desktop"] = round(opened.cpu_s(), 3)
        return Trace(
            key=job.key,
            status="failed" if reason else "complete",
            problem=problem,
            reason=reason,
            width_px=opened.width_px,
            height_px=opened.height_px,
            frames=recorded.frames,
            duration_ns=frame_time_ns(recorded.frames),
            events=len(recorded.events),
            recorded_at=self._recorded_at,
            cursor=job.cursor,
            policy=job.policy_name,
            policy_options=dict(job.policy_options),
            seed=job.seed,
            instruction=self._outcome.instruction,
            success=self._outcome.success,
            image=opened.image_digest,
            timing=recorded.timing,
            cpu=cpu,
            ready_s=round(opened.ready_s, 3),
        )


def _nobody(text: str) -> None:
    """Nobody wants to be told."""


@contextmanager
def _switching_often() -> Iterator[None]:
    before_s = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before_s)
