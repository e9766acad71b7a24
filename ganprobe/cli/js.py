"""The whole diagnosis of one checkpoint: JS, near-optimality, KDE check, support, gradients, verdict."""

from __future__ import annotations

from typing import Any

import click

from ganprobe.cli._plan import Configured, loading_options, paths, probe_options, show, sigma_option, strict_option
from ganprobe.record.parts import MEASURED


@click.command(
    "js",
    cls=Configured,
    epilog="Example: ganprobe js g.pt digits.npz -m models.py:Generator --z-dim 64",
)
@paths
@loading_options
@probe_options
@sigma_option
@strict_option
def command(ctx: click.Context, /, **options: Any) -> int:
    """Estimate the Jensen-Shannon divergence between a generator and its data.

    CKPT is a checkpoint, or samples made beforehand. DATA is a folder of pictures, .npy, .npz, .pt, .csv, .parquet,
    idx(.gz) or a .zip of pictures. Options may also be set in ganprobe.toml.
    """
    return show(ctx, MEASURED, options)
