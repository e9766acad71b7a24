"""CLIP (Radford et al. 2021): the half that sees pictures, a vision transformer trained beside captions.

Its weights are read as tensors, from a state dict or a safetensors file in OpenAI's names (``visual.*``); the archives
that OpenAI serves are programs, which are not run.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from ganprobe.nets.features import _vit

SIDE = 224
PLACES = (".cache/clip/ViT-B-32.safetensors", ".cache/clip/ViT-B-16.safetensors", ".cache/clip/ViT-L-14.safetensors")
HINT = "name a state dict of it: --set views.features.weights=clip.safetensors"
_MEAN, _SPREAD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)


def _quick_gelu(x: Tensor) -> Tensor:
    return x * torch.sigmoid(1.702 * x)


_NAMES = _vit.Names(
    block="visual.transformer.resblocks.{}.",
    norms=("ln_1", "ln_2"),
    qkv=("attn.in_proj_weight", "attn.in_proj_bias"),
    out="attn.out_proj",
    hidden="mlp.c_fc",
    back="mlp.c_proj",
    activation=_quick_gelu,
    epsilon=1e-5,
)


def network(weights: dict[str, Tensor]) -> Callable[[Tensor], Tensor]:
    """What is compared with captions: the first token, projected."""
    weights = {name: value.float() for name, value in weights.items() if name.startswith("visual.")}
    kernel, first = weights["visual.conv1.weight"], weights["visual.class_embedding"]
    places, projection = weights["visual.positional_embedding"], weights["visual.proj"]
    mean, spread = (first.new_tensor(values)[:, None, None] for values in (_MEAN, _SPREAD))

    def features(pictures: Tensor) -> Tensor:
        x = _vit.tokens((pictures - mean) / spread, kernel, None, first, places)
        x = _vit.norm(x, weights, "visual.ln_pre", _NAMES.epsilon)
        x = _vit.blocks(x, weights, _NAMES)
        return _vit.norm(x[:, 0], weights, "visual.ln_post", _NAMES.epsilon) @ projection

    return features
