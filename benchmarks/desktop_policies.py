"""How much the random policies do, beside the paper's Table 7: of plans over ten minutes, and of recorded traces.

    python benchmarks/desktop_policies.py [TRACE...] [--seeds 10] [--seconds 600] [--size 1024x768]

Plans aim at two windows made up here and their parts. Px/frame is the mean way of the cursor from frame to frame;
actions are presses of buttons and keys and notches of the wheel. Of a trace both are measured in its files, as the
statistics of a sample are.
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tracekit.actions.counts import count_actions, px_per_frame
from tracekit.actions.cursor_track import CursorTrack
from tracekit.actions.events import load_inputs
from tracekit.core.clock import FPS, frame_time_ns, seconds
from tracekit.desktop.plan import Do
from tracekit.desktop.policies.pointer_path import Point, Screen
from tracekit.desktop.policies.random_fast import RandomFast
from tracekit.desktop.policies.random_plan import PAPER_DIAGONAL_PX
from tracekit.desktop.policies.random_policy import RandomPolicy
from tracekit.desktop.policies.random_slow import RandomSlow
from tracekit.desktop.policies.targets import Target
from tracekit.desktop.trace import read_trace

TARGETS = (
    Target("title", 130, 78, 400, 20, 0),
    Target("menu", 100, 100, 40, 24, 0),
    Target("text", 106, 124, 600, 380, 0),
    Target("title", 430, 278, 200, 20, 1),
    Target("content", 406, 306, 380, 280, 1),
    *(Target("widget", 420 + 60 * column, 320 + 40 * row, 50, 28, 1) for column in range(5) for row in range(4)),
)


def measure_plan(plan: Sequence[Do], length_s: float, start: Point) -> tuple[float, float]:
    moves = [(0, *start), *((do.due_ns, do.x, do.y) for do in plan if do.kind == "move")]
    frames = [frame_time_ns(frame) for frame in range(round(length_s * FPS))]
    newest = np.searchsorted([due_ns for due_ns, _, _ in moves], frames, side="right") - 1
    actions = sum(do.kind in ("down", "key-down") or abs(do.dx) + abs(do.dy) for do in plan)
    return px_per_frame(np.array([move[1:] for move in moves], np.int32)[newest]), actions / length_s


def measure_trace(folder: Path) -> tuple[float, float, float]:
    trace = read_trace(folder)
    track = CursorTrack.load((folder / "cursor.npz").read_bytes())
    events = load_inputs((folder / "events.jsonl").read_bytes())
    length_s = seconds(trace.duration_ns)
    return px_per_frame(track.positions), count_actions(events) / length_s, length_s


def show_plans(policy: type[RandomPolicy], screen: Screen, length_s: float, seeds: int) -> None:
    config = policy.Config()
    wanted = config.px_per_frame * screen.diagonal_px / PAPER_DIAGONAL_PX, config.actions_per_s
    begun_s = time.process_time()
    plans = [policy.plan(config, seed, length_s, screen, TARGETS) for seed in range(seeds)]
    plan_s = (time.process_time() - begun_s) / seeds
    found = np.array([measure_plan(plan, length_s, screen.middle) for plan in plans])
    print(f"{policy.name}, {seeds} plans of {length_s:g} s, {plan_s:.2f} s of processor time each")
    for name, column, aim in zip(("px/frame", "actions/s"), found.T, wanted, strict=True):
        off = column / aim - 1
        print(f"  {name:9} wanted {aim:7.2f}, mean {column.mean():7.2f}, off by {off.min():+.2%} to {off.max():+.2%}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("traces", nargs="*", type=Path, help="folders of traces to measure, too")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--size", default="1024x768", help="of the screen, WIDTHxHEIGHT")
    options = parser.parse_args()
    screen = Screen(*map(int, options.size.split("x")))
    for policy in (RandomSlow, RandomFast):
        show_plans(policy, screen, options.seconds, options.seeds)
    for folder in options.traces:
        px, actions, length_s = measure_trace(folder)
        print(f"{folder}: {length_s:.1f} s, {px:.2f} px/frame, {actions:.2f} actions/s")


if __name__ == "__main__":
    main()
