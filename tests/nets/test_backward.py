from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from ganprobe.nets import backward


def test_norms_and_their_noise_are_those_of_the_batches() -> None:
    latents = torch.randn(backward.BATCHES, 5, 3, generator=torch.Generator().manual_seed(0)).double()
    weight, bias = nn.Parameter(torch.tensor([1.0, 2.0, 3.0]).double()), nn.Parameter(torch.zeros(3).double())
    outputs = ((z * weight + bias, z) for z in latents)
    found = backward.by_parameters(outputs, {"a.weight": weight, "a.bias": bias}, lambda x, z: [x.sum(), 2 * x.sum()])
    each = np.concatenate([latents.mean(1).numpy(), np.ones((len(latents), 3))], 1)
    mean, trace = each.mean(0), each.var(0, ddof=1).sum()
    assert found.norms == pytest.approx([np.linalg.norm(mean), 2 * np.linalg.norm(mean)])
    assert found.snr == pytest.approx(np.sqrt((mean @ mean - trace / len(each)) / trace) * np.ones(2))
    assert found.layers == {"a": pytest.approx(found.norms)}
