"""A graph that torch.export wrote, as a network."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn


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
