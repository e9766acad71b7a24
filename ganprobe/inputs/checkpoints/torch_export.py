"""torch.export packages (``.pt2``): network and weights as one graph. Loading one executes, so it takes trust.

There is no safe way to load one: sample inputs, constants and the expressions of its shapes are all executed. A package
may have been exported for one size of batch; inputs are then dealt out in batches of that size, the last one filled up.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ganprobe.errors import InputError, UsageError
from ganprobe.inputs import files
from ganprobe.inputs.checkpoints import CheckpointOptions, trust_statement
from ganprobe.inputs.checkpoints._sampling import generator
from ganprobe.inputs.checkpoints._weights import step_of
from ganprobe.inputs.usercode import UserCodeError, contained
from ganprobe.record.all import CheckpointRecord
from ganprobe.samples.sides import Generator


def claims(path: Path) -> bool:
    """By the names in the archive."""
    return files.identify(path) == "pt2"


def load(path: Path, options: CheckpointOptions) -> Generator:
    """The program, where the user trusts the file; else an `InputError` that says what trust would mean."""
    if not options.trust_checkpoint:
        raise InputError(
            f"{path}: a torch.export package, which runs code while loading; refused",
            "save model.state_dict() instead; for a file you made yourself: --trust-checkpoint",
        )
    if options.model is not None or options.key is not None:
        raise UsageError(f"{path}: an exported program brings its own network and weights", "leave out -m and --key")
    said = f"trusted: {trust_statement(path)}"
    digest = files.sha256(path)
    try:
        with contained(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            program = Program(torch.export.load(str(path)))
    except UserCodeError as error:
        raise InputError(f"{path}: loading the package failed ({error})", "export it again, with this torch") from error
    record = CheckpointRecord(
        str(path), digest, "torch_export", step=step_of(path, None), trusted=True, notes=(said, *program.notes)
    )
    return generator(program, record, options)


class Program(nn.Module):
    """An exported graph as a network: of any number of samples, and in the one mode that it was exported in."""

    def __init__(self, exported: Any) -> None:
        super().__init__()
        self.graph = exported.module()
        names = exported.graph_signature.user_inputs
        shapes = {node.name: node.meta["val"].shape for node in exported.graph.nodes if node.name in names}
        first = shapes[names[0]]
        self.n_inputs = len(names)
        self.latent_shape = tuple(int(size) for size in first[1:])
        self.batch = first[0] if isinstance(first[0], int) else None
        self.notes = () if self.batch is None else (f"exported for batches of {self.batch}; run in such batches",)

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        """The graph's output for each row, however many there are."""
        if self.batch is None:
            return self.graph(*inputs)  # type: ignore[no-any-return]
        n = len(inputs[0])
        filled = [torch.cat([t, t[:1].expand(-n % self.batch, *t.shape[1:])]) for t in inputs]
        batches = range(0, n, self.batch)
        return torch.cat([self.graph(*(t[start : start + self.batch] for t in filled)) for start in batches])[:n]

    def train(self, mode: bool = True) -> Program:
        """The graph has no modes; asking one of it is an error in torch."""
        self.training = mode
        return self
