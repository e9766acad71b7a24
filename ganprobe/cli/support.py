"""Which part of each side the other one lacks."""

from __future__ import annotations

from typing import Any

import click

from ganprobe.cli._plan import Configured, loading_options, paths, probe_options, show, sigma_option, strict_option


@click.command(
    "support",
    cls=Configured,
    epilog="Example: ganprobe support g.pt digits.npz -m models.py:Generator --z-dim 64",
)
@paths
@loading_options
@probe_options
@sigma_option
@strict_option
def command(ctx: click.Context, /, **options: Any) -> int:
    """Show where the supports of a generator and its data differ.

    CKPT and DATA are those of ganprobe js. Says which share of the reals the generator reaches, which share of the
    fakes lies where reals are, which modes are missing, which samples show it, and how many dimensions each side fills;
    how much noise hides the difference; with labels on both sides, JS label by label; with --train-data, whether
    training samples are repeated.
    """
    return show(ctx, ("support", "labels", "memorisation", "smoothing"), options)
