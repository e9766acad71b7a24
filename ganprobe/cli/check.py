"""The gate for CI: an audit, live or saved, held to limits; exits 0, 1 or 4."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from ganprobe.cli._plan import (
    INCONCLUSIVE,
    Configured,
    existing,
    loading_options,
    measure,
    probe_options,
)
from ganprobe.cli._show import beyond_tell_option, deliver
from ganprobe.errors import UsageError
from ganprobe.judge import beyond, gates
from ganprobe.plan import Limits
from ganprobe.record.audit import Audit
from ganprobe.record.parts import MEASURED
from ganprobe.store import archive

_FAILED = 1
_LIMITS = Limits()
# Options that a saved audit leaves a meaning to.
_OF_SAVED = {
    "checkpoint",
    "max_js",
    "min_covered",
    "baseline",
    "margin",
    "fail_on",
    "beyond_tell",
    "form",
    "output",
    "full",
    "quiet",
}


@click.command(
    "check",
    cls=Configured,
    epilog="Example: ganprobe check g.pt digits.npz -m models.py:Generator --max-js .3 --baseline last.json",
)
@click.argument("checkpoint", metavar="CKPT|AUDIT", type=existing)
@click.argument("data", metavar="[DATA]", type=existing, required=False)
@click.option("--max-js", type=click.FloatRange(0), metavar="X", help="Fails where the floor is above X nats.")
@click.option(
    "--min-covered", type=click.FloatRange(0, 1), metavar="X", help="Fails where less of the reals is reached."
)
@click.option("--baseline", type=existing, metavar="FILE", help="Fails where JS rose against this saved audit.")
@click.option(
    "--margin",
    type=click.FloatRange(0),
    default=_LIMITS.margin,
    show_default=True,
    metavar="X",
    help="Rise in nats that --baseline allows.",
)
@click.option(
    "--fail-on",
    multiple=True,
    default=_LIMITS.fail_on,
    show_default=True,
    metavar="CODE|SEVERITY",
    help="Findings that fail; repeatable, or never.",
)
@beyond_tell_option
@loading_options
@probe_options
def command(
    ctx: click.Context,
    /,
    max_js: float | None,
    min_covered: float | None,
    baseline: str | None,
    margin: float,
    fail_on: tuple[str, ...],
    beyond_tell: bool,
    form: str | None,
    output: Path | None,
    full: bool,
    **options: Any,
) -> int:
    """Hold a checkpoint, or a saved audit, to limits.

    Exits 0 where every gate passed, 1 where one failed, 4 where the measurement cannot say. Gates rest on confidence
    limits: a floor above --max-js fails, and only a near-optimal probe can pass. With a saved AUDIT, that of ganprobe
    js --json, nothing is measured. Limits may also stand under [check] in ganprobe.toml.
    """
    limits = Limits(max_js, min_covered, baseline, margin, fail_on)
    gates.check_limits(limits)
    if output is not None:
        archive.check_writable(output)
    before = None if baseline is None else archive.read(Path(baseline))
    audit = _saved(ctx, options["checkpoint"]) if options["data"] is None else measure(ctx, MEASURED, options)
    if beyond_tell:
        audit, before = beyond.as_headline(audit), before and beyond.as_headline(before)
    held = gates.hold(audit, limits, before)
    deliver([held], form, output, full)
    return {"PASS": 0, "FAIL": _FAILED, "INCONCLUSIVE": INCONCLUSIVE}[held.verdict]


def _saved(ctx: click.Context, path: str) -> Audit:
    if Path(path).suffix != ".json":
        raise UsageError(f"{path} alone cannot be checked", "give DATA after a checkpoint; a saved audit ends in .json")
    for name in ctx.params:
        if name not in _OF_SAVED and ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            said = f"--{name.replace('_', '-')} says how to measure, and {path} is taken for a saved audit"
            raise UsageError(said, "give DATA as well to measure a checkpoint")
    return archive.read(Path(path))
