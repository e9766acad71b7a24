"""Coverage-guided fuzzing of one loader: ``python tests/corpus/fuzz.py TARGET FOLDER [libFuzzer options]``.

Whatever the bytes, a loader ends in a data set or in an error of ganprobe's own; anything else is a finding, which is
left in FOLDER. Formats with checksums are also fuzzed inside their container, where no mutation would get past them.
"""

from __future__ import annotations

import gzip
import pickle
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["ganprobe", "PIL", "zipfile", "gzip", "csv", "pickletools", "numpy.lib"]):
    import numpy as np
    import pandas as pd
    import torch
    from corpus.builder import (
        HEAD,
        LABELS,
        PIXELS,
        ROWS,
        STATE,
        idx,
        npy,
        npz,
        parquet,
        png,
        safetensors,
        torch_archive,
        torch_file,
        zipped,
    )
    from corpus.containers import member, wav, wav_header

    from ganprobe.errors import GanprobeError
    from ganprobe.inputs import checkpoints, datasets, files
    from ganprobe.inputs.datasets import DataOptions
    from ganprobe.plan import Loading


@dataclass(frozen=True)
class Target:
    """``name`` of the file, ``seeds`` of its bytes, and what is put around them."""

    name: str
    seeds: tuple[bytes, ...]
    wrap: Callable[[bytes], bytes] = bytes
    checkpoint: bool = False


TABLE = pd.DataFrame({"a": ROWS[:, 0], "b": LABELS, "c": ["x", "y"] * 20})
OLD = torch_file({"x": torch.from_numpy(ROWS)}, _use_new_zipfile_serialization=False)
PICTURES = tuple(png(PIXELS[0], kind) for kind in ("PNG", "JPEG", "WEBP", "BMP"))
PACKED = {"png": PICTURES[0], "wav": wav(), "npy": npy(PIXELS[0]), "cls": b"1"}

TARGETS = {
    "npy": Target("x.npy", (npy(ROWS), npy(PIXELS), npy(ROWS.astype(">f8")))),
    "npz": Target("x.npz", (npz(x=ROWS, y=LABELS),)),
    "npz_member": Target("x.npz", (npy(ROWS),), lambda content: zipped(("x.npy", content))),
    "torch": Target("x.pt", (torch_file(torch.from_numpy(ROWS)),)),
    "torch_pickle": Target(
        "x.pt", (pickle.dumps({}, 2),), lambda content: torch_archive(content, ("a/data/0", b"\0" * 480))
    ),
    "torch_old": Target("x.pt", (OLD,)),
    "idx": Target("x-idx3", (idx((40, 8, 8), PIXELS.tobytes()), idx((40,), LABELS.astype(np.uint8).tobytes()))),
    "idx_packed": Target("x.gz", (idx((40, 8, 8), PIXELS.tobytes()),), gzip.compress),
    "picture": Target("set/a.png", PICTURES),
    "sound": Target("set/a.wav", (wav(), wav_header(), wav_header(bits=24))),
    "tar": Target("x.tar", tuple(member(f"a.{kind}", content) * 2 for kind, content in PACKED.items())),
    "zip": Target("x.zip", (zipped(("a.png", PICTURES[0]), ("dataset.json", b'{"labels": [["a.png", 1]]}')),)),
    "stylegan_labels": Target(
        "x.zip",
        (b'{"labels": [["a.png", 1]]}', b'{"labels": [["a.png", [0, 1]]]}'),
        lambda content: zipped(("a.png", PICTURES[0]), ("dataset.json", content)),
    ),
    "csv": Target("x.csv", (TABLE.to_csv().encode(), b"a,b\n2020-01-01,7\n2020-01-02,x\n" * 9)),
    "parquet": Target("x.parquet", (parquet(TABLE),)),
    "safetensors": Target("g.safetensors", (safetensors({"w": HEAD}),), checkpoint=True),
    "checkpoint": Target("g.pt", (torch_file(STATE), torch_file({"g_ema": STATE, "step": 9})), checkpoint=True),
}


def read(path: Path, target: Target) -> None:
    """The loader under test; its own errors are what it is for."""
    try:
        if target.checkpoint:
            checkpoints.load(path, Loading())
        else:
            datasets.load(path.parent if path.parent.name == "set" else path, DataOptions(limit=64))
    except GanprobeError as error:
        if not error.message or not error.hint:
            raise RuntimeError("an error without a message or a hint") from error
        files.first_line(error)


def main(name: str, folder: Path, options: list[str]) -> None:
    """Fuzz ``name`` with its seeds; findings and the corpus stay in ``folder``."""
    target, corpus = TARGETS[name], folder / "seeds"
    corpus.mkdir(parents=True, exist_ok=True)
    for i, seed in enumerate(target.seeds):
        (corpus / f"seed{i}").write_bytes(seed)
    path = folder / target.name
    path.parent.mkdir(exist_ok=True)

    def one(content: bytes) -> None:
        path.write_bytes(target.wrap(content))
        read(path, target)

    atheris.Setup([sys.argv[0], f"-artifact_prefix={folder}/", *options, str(corpus)], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
