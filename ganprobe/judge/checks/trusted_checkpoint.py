"""GP110 The checkpoint was allowed to run code."""

from __future__ import annotations

from ganprobe.record.audit import Finding, Measurements

CODE = "GP110"
TITLE = "the checkpoint was allowed to run code"
EXPLAIN = """
Pickled modules, TorchScript and torch.export packages run code while they are loaded, with all rights of the user who
loads them. ganprobe refuses them unless --trust-checkpoint is given for that run; there is no automatic fallback and
no setting for it. When it was given the record says so, with the hash of the file that was trusted, and whoever reads
the result knows that the numbers were produced by a process in which that file could do anything.
"""


def check(m: Measurements) -> Finding | None:
    """A warning where a checkpoint was loaded with --trust-checkpoint."""
    if not m.checkpoint.trusted:
        return None
    return Finding(
        CODE,
        "warn",
        f"{m.checkpoint.path} was trusted and could run any code (sha256 {m.checkpoint.sha256[:12]})",
        {"sha256": m.checkpoint.sha256},
        "Save model.state_dict() or safetensors instead, and load it with -m.",
    )
