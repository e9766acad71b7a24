"""Every program in examples/ runs, and says what it promises."""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parent.parent / "examples"


def run(name: str, folder: Path, *arguments: str) -> str:
    command = [sys.executable, str(EXAMPLES / name), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(EXAMPLES.parent)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_every_example_is_run() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.rglob("test_*.py"))
    assert [path.name for path in EXAMPLES.glob("*.py") if f'"{path.name}"' not in tests] == []


def test_benchmark_truths(tmp_path: Path) -> None:
    head, *rows = run("benchmark_truths.py", tmp_path, "shift", "--n", "100").splitlines()
    assert head.split() == ["case", "truth", "estimate", "floor", "error", "seconds"]
    assert [row.split()[0] for row in rows] == ["shift"]
    for row in rows:
        truth, estimate, floor, error, _ = map(float, row.split()[1:])
        assert 0 <= truth <= round(math.log(2), 4)
        assert 0 <= floor < round(math.log(2), 4)
        assert abs(error - (estimate - truth)) < 2e-4


def test_audit_in_python(tmp_path: Path) -> None:
    out = run("audit_in_python.py", tmp_path)
    found = re.search(r"JS >= ([\d.]+) nats", out)
    assert found is not None
    assert float(found[1]) > 0.5, "blur is easily seen"
    assert "GP301" in out
    assert re.search(r"through blocks +-?0\.0", out), "and hardly seen in the means of large blocks"
