"""Check that a run's loss on its held clips fell: ``python held_loss_fell.py RUN TIMES``; exits 1 if by less."""

import sys
from pathlib import Path

from tracekit.train.logs import read_log


def main() -> None:
    run, times = Path(sys.argv[1]), float(sys.argv[2])
    held = {int(record["step"]): record["held"] for record in read_log(run / "log.jsonl") if "held" in record}
    for step, loss in held.items():
        print(f"step {step:5}: loss of the held clips {loss:.4f}")
    first, last = held[min(held)], held[max(held)]
    print(f"It fell {first / last:.1f} times: clips that are trained on are learned by heart. Look at {run}/samples.")
    print("Encoders and decoder are tiny and random here: the pictures are no measure of quality.")
    if first < times * last:
        sys.exit(f"error: it should have fallen {times:g} times")


if __name__ == "__main__":
    main()
