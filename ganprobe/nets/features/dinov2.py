"""DINOv2 (Oquab et al. 2024): a vision transformer that was trained without labels, any size without registers."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor
from torch.nn.functional import gelu

from ganprobe.nets.features import _vit

SIDE = 224
PLACES = tuple(f".cache/torch/hub/checkpoints/dinov2_vit{size}14_pretrain.pth" for size in ("s", "b", "l", "g"))
HINT = "name them: --set views.features.weights=dinov2_vits14_pretrain.pth"
_MEAN, _SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_NAMES = _vit.Names(
    block="blocks.{}.",
    norms=("norm1", "norm2"),
    qkv=("attn.qkv.weight", "attn.qkv.bias"),
    out="attn.proj",
    hidden="mlp.fc1",
    back="mlp.fc2",
    activation=gelu,
    scales=("ls1.gamma", "ls2.gamma"),
)


def network(weights: dict[str, Tensor]) -> Callable[[Tensor], Tensor]:
    """The first token after the last norm, which stands for the whole picture."""
    kernel, bias = weights["patch_embed.proj.weight"], weights["patch_embed.proj.bias"]
    first, places = weights["cls_token"], weights["pos_embed"][0]
    mean, spread = (first.new_tensor(values)[:, None, None] for values in (_MEAN, _SPREAD))

    def features(pictures: Tensor) -> Tensor:
        x = _vit.tokens((pictures - mean) / spread, kernel, bias, first, places)
        return _vit.norm(_vit.blocks(x, weights, _NAMES), weights, "norm", _NAMES.epsilon)[:, 0]

    return features
