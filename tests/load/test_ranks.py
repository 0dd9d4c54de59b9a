"""Real ranks: two processes that torchrun starts share an epoch by what torch.distributed says of them."""

import json
import os
import subprocess
import sys
from pathlib import Path

from clip_sets import clip_set, need_torch

import tracekit

CLIPS = 7
PROGRAM = """
import json, sys
import torch.distributed as dist
import tracekit
from tracekit.load.loader import Loader

dist.init_process_group("gloo")
folder, out = sys.argv[1:]
loader = Loader(tracekit.load(folder, frames=1, seed=3))
taken = [key for _, batch in zip(range(2), loader) for key in batch["key"]]
dist.barrier()
with open(f"{out}/{dist.get_rank()}.json", "w") as file:
    json.dump([dist.get_world_size(), taken, loader.state_dict()], file)
dist.destroy_process_group()
"""


def test_two_ranks_stop_and_one_goes_on_and_all_samples_come_once(tmp_path: Path) -> None:
    need_torch()
    from tracekit.load.loader import Loader

    folder, program = clip_set(tmp_path / "set", CLIPS), tmp_path / "program.py"
    program.write_text(PROGRAM)
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    subprocess.run([*torchrun, program, folder, tmp_path], check=True, env=environment, timeout=200)
    told = [json.loads((tmp_path / f"{rank}.json").read_text()) for rank in range(2)]
    (ranks, first, state), (_, second, other) = told
    assert (ranks, len(first), len(second), state) == (2, 2, 2, other)
    rest = Loader(tracekit.load(folder, frames=1, seed=3))
    rest.load_state_dict(state)
    taken = [*first, *second, *(key for batch in rest for key in batch["key"])]
    assert sorted(taken) == [f"r{number}_0000" for number in range(CLIPS)]
