"""Series of small checkpoints, and ``compare`` over them in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch

MODEL = """
import torch

class G(torch.nn.Module):
    def __init__(self, z_dim=2):
        super().__init__()
        self.map = torch.nn.Linear(z_dim, 2)

    def forward(self, z):
        return self.map(z)
"""


def series(folder: Path, shifts: tuple[float, ...], n: int) -> list[str]:
    """Generators of N(shift, 1) against N(0, 1), and the arguments to compare them."""
    (folder / "model.py").write_text(MODEL)
    np.save(folder / "real.npy", np.random.default_rng(0).normal(size=(n, 2)).astype(np.float32))
    for step, shift in enumerate(shifts, 1):
        weights = {"map.weight": torch.eye(2), "map.bias": torch.tensor([shift, 0.0])}
        torch.save({"g": weights, "step": 100 * step}, folder / f"g_{100 * step}.pt")
    checkpoints = [f"g_{100 * step}.pt" for step in range(1, len(shifts) + 1)]
    return [*checkpoints, "real.npy", "-m", "model.py:G", "--budget", "fast", "--probe", "logistic", "-q"]


def run(folder: Path, arguments: list[str], prefix: list[str] | None = None) -> subprocess.Popen[str]:
    """``compare`` with its arguments in ``folder``, started by the words ``prefix``, in a process group of its own."""
    paths = os.pathsep.join((str(Path(__file__).parents[1]), str(folder)))
    environment = {**os.environ, "PYTHONPATH": paths, "XDG_CACHE_HOME": str(folder / "cache")}
    command = [*(prefix or []), sys.executable, "-m", "ganprobe", "compare", *arguments]
    out = err = subprocess.PIPE
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=out, stderr=err, text=True, process_group=0)


def without_times(text: str) -> list[dict[str, Any]]:
    """The lines of a history without how long anything took."""

    def strip(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: strip(v) for k, v in value.items() if k not in ("seconds", "stages", "command")}
        return [strip(item) for item in value] if isinstance(value, list) else value

    return [strip(json.loads(line)) for line in text.splitlines()]


@contextmanager
def cluster(folder: Path, size: int) -> Iterator[tuple[Path, list[subprocess.Popen[bytes]]]]:
    """The file of a Dask scheduler on loopback, and its workers, which run in ``folder``."""
    file = folder / "scheduler.json"
    paths = os.pathsep.join(map(str, Path(__file__).parents[:2]))
    environment = {**os.environ, "PYTHONPATH": paths}
    scheduler = ("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file))
    worker = ("worker", "--scheduler-file", str(file), "--nthreads", "1", "--no-dashboard", "--no-nanny")
    with ExitStack() as stack:

        def start(*arguments: str) -> subprocess.Popen[bytes]:
            command = [sys.executable, "-m", "distributed.cli.dask_" + arguments[0], *arguments[1:]]
            process = stack.enter_context(
                subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.DEVNULL)
            )
            stack.callback(process.kill)
            return process

        start(*scheduler)
        deadline = time.monotonic() + 60
        while not file.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        yield file, [start(*worker) for _ in range(size)]
