"""Data in a form that ganprobe does not read: what a loader of your own yields, as an array on disk.

    python examples/custom_data.py

Here three digits are lines of text, as no program has them but this one; any iterable of samples and labels, such as a
torch.utils.data.DataLoader, is taken the same way. Two things matter. Pixels are kept as the bytes that they are: if
scaled to floats, their rounding would be harder to recognise. And both sides come by the same road: the "fakes" are the
digits mirrored, with their labels, and JS label by label says which digits that matters to.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

import ganprobe

Sample = tuple[np.ndarray, int]


def write_lines(path: Path, samples: Iterable[Sample]) -> None:
    """A label and a hexadecimal digit a pixel, one sample a line."""
    lines = (f"{label} " + "".join(f"{level:x}" for level in picture.ravel()) for picture, label in samples)
    path.write_text("\n".join(lines))


def read_lines(path: Path) -> Iterator[Sample]:
    """Pictures ``[8, 8]`` uint8 with their labels: the loader."""
    for line in path.read_text().splitlines():
        label, pixels = line.split()
        yield np.array([int(level, 16) * 17 for level in pixels], np.uint8).reshape(8, 8), int(label)


def to_npz(samples: Iterable[Sample], path: Path) -> str:
    """What a loader yields, as the arrays ``images`` ``[n, 8, 8]`` and ``labels`` ``[n]``."""
    images, labels = zip(*samples, strict=True)
    np.savez(path, images=np.stack(images), labels=np.array(labels))
    return str(path)


def main() -> None:
    digits = load_digits()
    chosen = np.isin(digits.target, (0, 3, 8))
    pictures, labels = np.minimum(digits.images[chosen], 15).astype(np.uint8), digits.target[chosen]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_lines(folder / "real.txt", zip(pictures, labels, strict=True))
        write_lines(folder / "fake.txt", zip(pictures[:, :, ::-1], labels, strict=True))
        real, fake = (to_npz(read_lines(folder / f"{side}.txt"), folder / f"{side}.npz") for side in ("real", "fake"))
        # One probe is enough for an example; without `probes` and `parts` all there is would be measured.
        plan = ganprobe.Plan(fake, real, budget="fast", probes=("boosting",), parts=("labels",))
        m = ganprobe.audit(plan).measurements
    print(f"JS >= {m.js.floor:.3f} nats, estimate {m.js.nats:.3f}")
    for label in sorted(m.labels.labels, key=lambda label: label.js):
        print(f"  {label.label}: estimate {label.js:.3f} ({label.low:.3f} to {label.high:.3f}, all labels at once)")


if __name__ == "__main__":
    main()
