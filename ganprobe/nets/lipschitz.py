"""A critic that is 1-Lipschitz by construction.

Wasserstein's distance is a supremum over such functions (Kantorovich and Rubinstein),

    W1(P, Q) = sup { E_P f - E_Q f : |f(x) - f(y)| <= |x - y| },

so every one of them that was fixed before the test samples were drawn gives a lower bound. A gradient penalty or
clipped weights do not make a network one of them; here every layer does. A linear map with orthonormal rows or columns
never stretches a difference, nor does sorting pairs of units, so their composition is 1-Lipschitz in the Euclidean
norm. Sorting, unlike a ReLU, keeps the norm of gradients, and such networks reach every 1-Lipschitz function (Anil,
Lucas and Grosse 2019). What float32 leaves over of the norms is divided out by `certify`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from ganprobe.seeds import Seeds


class Critic(nn.Module):
    """A 1-Lipschitz function ``[n, inputs]`` to ``[n]`` with ``layers`` hidden layers of ``width`` units (even)."""

    def __init__(self, inputs: int, width: int, layers: int, seeds: Seeds) -> None:
        super().__init__()
        draw = torch.Generator().manual_seed(seeds.integer("critic", "weights"))
        sizes = list(itertools.pairwise([inputs, *[width] * layers, 1]))
        self.weights = nn.ParameterList(
            [nn.Parameter(torch.randn(b, a, generator=draw) / math.sqrt(max(a, b))) for a, b in sizes]
        )
        self.biases = nn.ParameterList([nn.Parameter(0.1 * torch.randn(b, generator=draw)) for _, b in sizes])

    def forward(self, x: Tensor) -> Tensor:
        """Values."""
        return _compose(x, [_orthonormal(weight) for weight in self.weights], list(self.biases))


def certify(critic: Critic) -> Callable[[Tensor], Tensor]:
    """The same function as it is now, in float64 and with the rounding of its norms divided out.

    Maps ``[n, inputs]`` to ``[n]`` float64; its Lipschitz constant is at most 1.
    """
    with torch.no_grad():
        matrices = [_orthonormal(weight.double()) for weight in critic.weights]
        matrices = [matrix / (torch.linalg.matrix_norm(matrix, 2) * (1 + 1e-12)) for matrix in matrices]
        biases = [bias.detach().double() for bias in critic.biases]
    return lambda x: _compose(x.double(), matrices, biases)


def _compose(x: Tensor, matrices: Sequence[Tensor], biases: Sequence[Tensor]) -> Tensor:
    for matrix, bias in zip(matrices[:-1], biases[:-1], strict=True):
        pairs = nn.functional.linear(x, matrix, bias).reshape(len(x), -1, 2)
        x = torch.cat((pairs.amin(2), pairs.amax(2)), 1)
    return nn.functional.linear(x, matrices[-1], biases[-1])[:, 0]


def _orthonormal(weight: Tensor) -> Tensor:
    """A matrix of full rank to one with orthonormal rows or columns, whichever are fewer."""
    wide = weight.shape[0] < weight.shape[1]
    q, r = torch.linalg.qr(weight.mT if wide else weight)
    # Signs are a convention of the factorisation; with a positive diagonal of r, q is a smooth function of weight.
    signed: Tensor = q * torch.where(r.diagonal() < 0, -1.0, 1.0)
    return signed.mT if wide else signed
