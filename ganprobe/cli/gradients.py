"""What a strong discriminator leaves of the gradient."""

from __future__ import annotations

from typing import Any

import click

from ganprobe.cli._plan import Configured, layers_option, loading_options, paths, show, sigma_option, strict_option


@click.command(
    "gradients",
    cls=Configured,
    epilog="Example: ganprobe gradients g.pt digits.npz -m models.py:Generator --z-dim 64",
    context_settings={"default_map": {"budget": "thorough"}},
)
@paths
@loading_options
@strict_option
@sigma_option
@layers_option
def command(ctx: click.Context, /, **options: Any) -> int:
    """Follow the generator's gradient while a fresh probe trains against it.

    CKPT must be a generator, not samples. DATA is as for ganprobe js. The generator stands still; shown are the norms
    of the gradients of the saturating and the non-saturating loss, of a 1-Lipschitz critic, and of the saturating
    loss with noise on both sides. Noise is in the data's units for arrays, in fractions of the full range for pictures
    and in pooled standard deviations for tables.
    """
    return show(ctx, ("gradients",), options)
