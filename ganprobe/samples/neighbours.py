"""Nearest neighbours by brute force: exact, and faster than trees from a dozen dimensions on."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from ganprobe.samples.sides import Array, Indices

_DISTANCES_AT_ONCE = 20_000_000


def nearest(
    query: Array, reference: Array, k: int, exclude_self: bool = False
) -> tuple[npt.NDArray[np.float32], Indices]:
    """Distances and row numbers of the ``k`` nearest rows of ``reference`` ``[r, d]``, ascending: ``[q, k]`` each.

    With ``exclude_self``, query and reference are the same array and row i is not its own neighbour. Neighbours are
    found by inner products, and their distances then measured without the cancellation of these.
    """
    # About their mean: squares of coordinates that are all near 1e4 would swallow the distances between them.
    centre = reference.mean(0, dtype=np.float64)
    points = torch.from_numpy(np.ascontiguousarray(reference - centre, np.float32))
    asked = torch.from_numpy(np.ascontiguousarray(query - centre, np.float32))
    distances = np.empty((len(query), k), np.float32)
    indices = np.empty((len(query), k), np.int64)
    step = max(1, _DISTANCES_AT_ONCE // max(1, len(reference)))
    for start in range(0, len(query), step):
        block = torch.cdist(asked[start : start + step], points)
        if exclude_self:
            rows = torch.arange(len(block))
            block[rows, rows + start] = torch.inf
        near = block.topk(k, largest=False).indices
        columns = [torch.linalg.vector_norm(asked[start : start + step] - points[near[:, j]], dim=1) for j in range(k)]
        exact, order = torch.stack(columns, 1).sort(dim=1, stable=True)
        distances[start : start + step] = exact.numpy()
        indices[start : start + step] = near.gather(1, order).numpy()
    return distances, indices
