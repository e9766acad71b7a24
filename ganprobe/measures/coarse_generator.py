"""A generator of large pictures as its sketches begin: with means over squares, which gradients go through as well."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from torch import Tensor
from torch.nn.functional import avg_pool2d

from ganprobe.measures.study import Drawn
from ganprobe.samples import sketch
from ganprobe.samples.sides import Array, Generator, Layout
from ganprobe.views.output_path import OutputPath


@dataclass(frozen=True, slots=True, eq=False)
class _Coarse:
    """A generator of large pictures, its samples as means over squares: ``[n, channels, rows, columns]``."""

    module: Any
    path: OutputPath
    block: int

    def __call__(self, *inputs: Any) -> Tensor:
        samples = self.module(*inputs)
        if self.path.axes:
            samples = samples.permute(0, *(1 + axis for axis in self.path.axes))
        pictures = samples.reshape(len(samples), *self.path.shape)
        return avg_pool2d(pictures, self.block, ceil_mode=True, count_include_pad=False)

    def named_parameters(self) -> Any:
        """Those of the generator."""
        return self.module.named_parameters()


def seen(generator: Generator, drawn: Drawn) -> tuple[Generator, Array, Array]:
    """The generator, reals and fakes as means over squares, in the generator's own units."""
    path, layout = drawn.path, cast(Layout, drawn.whole.sketch)
    coarse = sketch.coarse(drawn.whole)
    # Rows are in the order of a hash, and the first fakes are as good as any.
    real, fake = (
        path.to_data.inverse(path.to_unit.inverse(side)).astype(np.float32) for side in (coarse.real, coarse.fake)
    )
    module = _Coarse(generator.module, path, layout.block)
    return replace(generator, module=module, shape=layout.grid), real, fake
