"""Adam (Kingma and Ba 2015), and with decay AdamW (Loshchilov and Hutter 2019), by torch's own fused kernel.

The function below `torch.optim.Adam`, because the class imports torch's compiler when it is first made: two seconds of
processor time, an eighth of a `fast` audit, for what no net here uses. Numbers are the same bit for bit.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.optim.adam import adam

_EPS = 1e-8


class Adam:
    """Descends ``parameters`` at ``rate``; ``decay`` shrinks those of more than two axes, which are nets' weights.

    A bias says where a unit stands, and a smaller one is no simpler.
    """

    def __init__(
        self,
        parameters: Sequence[nn.Parameter],
        rate: float,
        betas: tuple[float, float] = (0.9, 0.999),
        decay: float = 0.0,
    ) -> None:
        self.rate, self._betas = rate, betas
        weights = [p for p in parameters if p.ndim > 2]
        plain = [p for p in parameters if p.ndim <= 2]
        self._groups = [(_State(group), shrink) for group, shrink in ((weights, decay), (plain, 0.0)) if group]

    def step(self, loss: Tensor) -> None:
        """One step down the gradient of ``loss``, a number."""
        for state, _ in self._groups:
            for parameter in state.parameters:
                parameter.grad = None
        torch.autograd.backward(loss)
        with torch.no_grad():
            for state, decay in self._groups:
                state.step(self.rate, self._betas, decay)


class _State:
    """Parameters and their running moments."""

    def __init__(self, parameters: Sequence[nn.Parameter]) -> None:
        self.parameters = parameters
        self._first = [torch.zeros_like(p) for p in parameters]
        self._second = [torch.zeros_like(p) for p in parameters]
        self._steps = [torch.zeros((), dtype=torch.float32, device=p.device) for p in parameters]

    def step(self, rate: float, betas: tuple[float, float], decay: float) -> None:
        gradients = {i: p.grad for i, p in enumerate(self.parameters) if p.grad is not None}
        first, second, steps = ([own[i] for i in gradients] for own in (self._first, self._second, self._steps))
        adam(
            [self.parameters[i] for i in gradients],
            list(gradients.values()),
            first,
            second,
            [],
            steps,
            fused=True,
            decoupled_weight_decay=True,
            amsgrad=False,
            beta1=betas[0],
            beta2=betas[1],
            lr=rate,
            weight_decay=decay,
            eps=_EPS,
            maximize=False,
        )
