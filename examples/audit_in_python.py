"""An audit from Python: two arrays in, numbers and findings out.

    python examples/audit_in_python.py [REAL.npy FAKE.npy]

Without arguments the "fakes" are other digits under a little blur, and the views show in what detail that differs.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter
from sklearn.datasets import load_digits

import ganprobe


def blurred_digits(folder: Path) -> tuple[Path, Path]:
    """Real and blurred digits as two files of 8-bit pictures; no digit is in both."""
    digits = load_digits().images * 15
    digits = digits[np.random.default_rng(0).permutation(len(digits))]
    half = len(digits) // 2
    real, fake = folder / "real.npy", folder / "fake.npy"
    np.save(real, digits[:half].astype(np.uint8))
    np.save(fake, gaussian_filter(digits[half:], (0, 0.5, 0.5)).astype(np.uint8))
    return real, fake


def main(arguments: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        real, fake = map(Path, arguments) if arguments else blurred_digits(Path(folder))
        # What is shown below is what is measured; without ``probes`` and ``parts`` it would be all that there is.
        plan = ganprobe.Plan(str(fake), str(real), budget="fast", probes=("boosting",), parts=("views",))
        audit = ganprobe.audit(plan)

    js = audit.measurements.js
    print(f"JS >= {js.floor:.3f} nats (certified), estimate {js.nats:.3f}, between {js.low:.3f} and {js.high:.3f}")
    for view in audit.measurements.views:
        print(f"  through {view.name:12} {view.js:.3f}")
    for finding in audit.findings:
        print(f"{finding.severity} {finding.code}: {finding.title}")
    print(f"{audit.verdict}: {audit.verdict_reason}")


if __name__ == "__main__":
    main(sys.argv[1:])
