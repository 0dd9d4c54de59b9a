"""What it costs to make inputs in a desktop, to hear them, and to watch its cursor and windows; no desktop, just Xvfb.

    python benchmarks/desktop_input.py [--seconds 5] [--rate 125]

Who injects and who listens are processes of their own; processor time is that of the whole process. Inputs come one by
one at the rate, as a mouse's do, which is dearer than in bursts: what a process takes that merely wakes as often is
shown beside.
"""

import argparse
import multiprocessing
import os
import statistics
import subprocess
import tempfile
import time
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from tracekit.desktop.connect import connect
from tracekit.desktop.cursor_watch import CursorWatch
from tracekit.desktop.inject import Injector
from tracekit.desktop.listen import Listener
from tracekit.desktop.plan import Do
from tracekit.desktop.server_clock import measure_clock
from tracekit.desktop.windows import windows

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def listen(socket: Path, seconds: float, results: Connection) -> None:
    """Hear events, and take them once a frame; sends ready, then how many and the processor seconds."""
    listener = Listener(partial(connect, socket))
    listener.start()
    results.send("ready")
    events, cpu_s, until_s = 0, time.process_time(), time.monotonic() + seconds
    while time.monotonic() < until_s:
        time.sleep(1 / 15)
        events += len(listener.take())
    results.send((events, time.process_time() - cpu_s))
    listener.close()


def inject(socket: Path, seconds: float, rate: float) -> tuple[int, float, list[int]]:
    """Move the pointer; how often, processor seconds, and how long each took until the server had answered."""
    injector = Injector(connect(socket))
    waited_ns = []
    cpu_s, start_s = time.process_time(), time.monotonic()
    for number in range(int(seconds * rate)):
        time.sleep(max(0.0, start_s + number / rate - time.monotonic()))
        injector.do(Do(0, "move", x=number % 1000, y=number % 700))
        waited_ns.append(injector.bracket_ns[1] - injector.bracket_ns[0])
    return len(waited_ns), time.process_time() - cpu_s, waited_ns


def wake(seconds: float, rate: float) -> float:
    """Processor seconds of waking at the rate, and doing nothing."""
    cpu_s, start_s = time.process_time(), time.monotonic()
    for number in range(int(seconds * rate)):
        time.sleep(max(0.0, start_s + number / rate - time.monotonic()))
    return time.process_time() - cpu_s


def server_cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def measure(socket: Path, pid: int, seconds: float, rate: float) -> None:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    listening = context.Process(target=listen, args=(socket, seconds + 1, theirs))
    listening.start()
    ours.recv()
    server_s = server_cpu_s(pid)
    made, injecting_s, waited_ns = inject(socket, seconds, rate)
    server_s = server_cpu_s(pid) - server_s
    heard, hearing_s = ours.recv()
    listening.join()
    waking_s = wake(seconds, rate)
    print(f"{made} moves made, {heard} heard, {rate:g} a second")
    for name, spent_s in (("inject", injecting_s), ("listen", hearing_s), ("Xvfb", server_s), ("wake", waking_s)):
        print(f"  {name:8} {1e6 * spent_s / made:7.1f} us of processor each, {spent_s / seconds:6.2%} of a core")
    quantiles = statistics.quantiles(waited_ns, n=100)
    print(f"  round trip p50 {quantiles[49] / 1000:.0f} us, p99 {quantiles[98] / 1000:.0f} us")

    display = connect(socket)
    clock = measure_clock(display, 100)
    print(f"the server's clock is {clock.offset_ns / 1000:+.0f} us from ours, +- {clock.bound_ns / 1000:.0f} us")
    watch = CursorWatch(partial(connect, socket))
    for name, ask in (("cursor sample", watch.sample), ("list of windows", partial(windows, display))):
        cpu_s = time.process_time()
        for _ in range(500):
            ask()
        print(f"  {name:16} {1e6 * (time.process_time() - cpu_s) / 500:7.1f} us of processor")
    watch.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5.0, help="how long to make inputs")
    parser.add_argument("--rate", type=float, default=125.0, help="inputs a second")
    arguments = parser.parse_args()
    told, tell = os.pipe()
    with tempfile.TemporaryDirectory() as folder:
        command = ["Xvfb", "-displayfd", str(tell), "-screen", "0", "1024x768x24", "-fbdir", folder]
        server = subprocess.Popen([*command, "-nocursor", "-nolisten", "tcp", "-noreset"], pass_fds=[tell])
        os.close(tell)
        try:
            with os.fdopen(told) as pipe:
                socket = Path(f"/tmp/.X11-unix/X{pipe.readline().strip()}")
            measure(socket, server.pid, arguments.seconds, arguments.rate)
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
