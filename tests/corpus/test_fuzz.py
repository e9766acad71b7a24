"""Ten minutes of coverage-guided fuzzing for each loader: ``pytest -m slow tests/corpus/test_fuzz.py``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SECONDS = int(os.environ.get("GANPROBE_FUZZ_SECONDS", "600"))
HERE = Path(__file__).parent
TARGETS = [
    "npy",
    "npz",
    "npz_member",
    "torch",
    "torch_pickle",
    "torch_old",
    "idx",
    "idx_packed",
    "picture",
    "sound",
    "tar",
    "zip",
    "stylegan_labels",
    "csv",
    "parquet",
    "safetensors",
    "checkpoint",
]


@pytest.mark.slow
@pytest.mark.parametrize("target", TARGETS)
def test_no_bytes_are_a_bug(target: str, tmp_path: Path) -> None:
    pytest.importorskip("atheris")
    limits = [f"-max_total_time={SECONDS}", "-timeout=10", "-rss_limit_mb=1500", "-max_len=65536"]
    done = subprocess.run(
        [sys.executable, HERE / "fuzz.py", target, tmp_path, *limits],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-6000:]
