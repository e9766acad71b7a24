"""What a strong discriminator leaves of the gradient."""

from __future__ import annotations

from typing import Any

import click

from ganprobe.cli._plan import Configured, loading_options, paths, show, strict_option


@click.command(
    "gradients",
    cls=Configured,
    short_help="What a strong discriminator leaves of the gradient.",
    epilog="Example: ganprobe gradients g.pt digits.npz -m models.py:Generator --z-dim 64",
)
@paths
@loading_options
@strict_option
def command(ctx: click.Context, /, **options: Any) -> int:
    """Follow the generator's gradient while a fresh probe trains against it.

    CKPT must be a generator, not samples. DATA is as for ganprobe js. The generator stands still; shown are the norms
    of the gradients of the saturating and the non-saturating loss.
    """
    return show(ctx, ("gradients",), options)
