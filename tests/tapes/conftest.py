"""Fixtures of the tests of tapes."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from components import missing, require
from sandboxes import opened
from tapes.real_agent import RealAgent

from tracekit.sandbox.base import Sandbox

SOURCE = Path(__file__).parents[2] / "docker" / "agent"


@pytest.fixture(scope="module")
def bwrap() -> Iterator[Sandbox]:
    """The sandbox ``bwrap`` on the real image."""
    with closing(opened("bwrap")) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def real_agent(tmp_path_factory: pytest.TempPathFactory) -> RealAgent:
    """The agent and its shim, compiled from docker/agent."""
    require("gcc", remedy="apt install gcc libc6-dev make")
    require("bwrap", remedy="apt install bubblewrap")
    folder = tmp_path_factory.mktemp("agent") / "agent"
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("agent", "clock.so"))
    subprocess.run(["make", "-s", "-C", str(folder), "agent", "clock.so"], check=True)
    agent = RealAgent(folder)
    probe = subprocess.run(agent.command(shell=["true"]), input=b"end\n", capture_output=True, check=False)
    if probe.returncode:
        missing("bwrap", f"it can't make namespaces here: {probe.stderr.decode(errors='replace')}")
    return agent
