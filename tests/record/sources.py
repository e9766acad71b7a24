"""A checkpoint of a middling generator of digits, and the digits; then one of small latent, on another grid."""

from __future__ import annotations

from dataclasses import replace

from ganprobe.record.sources import Artefact, CheckpointRecord, DataRecord

MEASURED = {
    "checkpoint": CheckpointRecord(
        path="runs/g_12000.pt",
        sha256="3f2a" * 16,
        format="state_dict",
        key="g_ema",
        step=12000,
        latent=(64,),
        latent_law="normal",
        parameters=1_486_352,
    ),
    "data": DataRecord("digits.npz", "image", 10000, (1, 28, 28), "9c1b" * 16),
    "artefacts": (),
    "output_path": (),
    "headline_view": "output_path",
}
LATTICE = Artefact("lattice", "real", "the reals lie on 256 levels, the fakes on none", {"levels": 256})
TROUBLED = {
    "checkpoint": replace(
        MEASURED["checkpoint"], trusted=True, latent=(8,), notes=("the prefix module. was stripped",)
    ),
    "artefacts": (LATTICE,),
    "output_path": ("fakes clipped to 0..255", "fakes rounded to whole numbers"),
}
