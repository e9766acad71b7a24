"""The options that say what a run is asked to do, and the run itself: shared by the commands that measure.

A command is a reading of one measurement: `measure` fills a `Plan` with the parts that the command reads.
"""

from __future__ import annotations

import contextlib
import dataclasses
import sys
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ganprobe import plan
from ganprobe.cli import _menu
from ganprobe.cli._show import F, debug_option, deliver, form_of, output_options, quiet_option
from ganprobe.cli._stderr import progress, say
from ganprobe.cli._time_left import with_share
from ganprobe.errors import InputError, UsageError
from ganprobe.inputs import definitions
from ganprobe.plan import Plan, Setting
from ganprobe.record.audit import Audit
from ganprobe.show.escapes import safe
from ganprobe.store import archive

INCONCLUSIVE = 4
# Averaged and raw weights: two plans, so no value of a plan's field.
BOTH = "both"

# Settings of the configuration file, which --set adds to; every other option of the file is a default of click's.
_FILE_SETTINGS = "ganprobe.settings"

_TYPES = typing.get_type_hints(Plan)
_DEFAULTS = {field.name: field.default for field in dataclasses.fields(Plan)}


def existing(path: str) -> str:
    """A path that is there: said at once, not after torch was imported."""
    with contextlib.suppress(OSError):  # a name that is too long for the disk
        if Path(path).exists():
            return path
    raise UsageError(f"{path} does not exist", "check the path; addresses of the web are not read")


def _arguments(value: str | dict[str, Setting]) -> dict[str, Setting]:
    """``k=v,k=v``, or the table that a configuration file gives."""
    return value if isinstance(value, dict) else plan.parse_model_args(value)


class Configured(click.Command):
    """A command whose options have the working directory's configuration file as their defaults.

    A ``default_map`` of the command's own gives way to the file.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if "--help" not in args:  # a broken file must not hide the help
            options = plan.read_file(Path.cwd())
            ctx.meta[_FILE_SETTINGS] = options.pop("settings", {})
            ctx.default_map = {**(ctx.default_map or {}), **options}
        return super().parse_args(ctx, args)


class _Probe(click.Choice[str]):
    """A member, or code of the user's own, which a colon gives away."""

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str | None:
        """The two forms of a name: there are more members than a line holds."""
        return "NAME|WHERE:NAME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """As it is, for its file is looked for by those who need it."""
        return str(value) if ":" in str(value) else super().convert(value, param, ctx)


def _choice(name: str) -> click.Choice[str]:
    return click.Choice(typing.get_args(_TYPES[name]))


def plan_option(*names: str, **attributes: Any) -> Callable[[F], F]:
    """An option that fills a field of `Plan`, with that field's default."""
    field = next((name for name in names if not name.startswith("-")), names[-1].lstrip("-").replace("-", "_"))
    default = _DEFAULTS[field]
    shown = default is not dataclasses.MISSING and isinstance(default, str | int) and not isinstance(default, bool)
    if default is dataclasses.MISSING:
        default = {}
    return click.option(*names, default=default, show_default=shown, **attributes)


def paths(function: F) -> F:
    """CKPT and DATA."""
    data = click.argument("data", metavar="DATA", type=existing)
    return click.argument("checkpoint", metavar="CKPT", type=existing)(data(function))


def strict_option(function: F) -> F:
    """``--strict``, for a command whose exit code does not depend on the verdict otherwise."""
    text = f"Exit {INCONCLUSIVE} where the verdict is INCONCLUSIVE."
    return click.option("--strict", is_flag=True, help=text)(function)


def network_options() -> tuple[Callable[[Any], Any], ...]:
    """How a checkpoint becomes a network, and how that is asked for samples."""
    return (
        plan_option(
            "-m", "--model", metavar="WHERE:NAME", help="Your network: file.py:Class or package.module:function."
        ),
        plan_option(
            "--model-args",
            type=_arguments,
            metavar="K=V,...",
            help="Arguments for it, for example z_dim=64,norm=batch.",
        ),
        plan_option("--key", metavar="NAME", help="Which state dict of a nested checkpoint."),
        plan_option(
            "--ema",
            type=click.Choice((*typing.get_args(_TYPES["ema"]), BOTH)),
            help="Averaged weights where there are some; both measures these, then the raw ones.",
        ),
        plan_option("--mode", type=_choice("mode"), help="Mode of BatchNorm and dropout while sampling."),
        plan_option("--z-dim", metavar="N|CxHxW", help="Shape of the latent."),
        plan_option("--z-dist", type=_choice("z_dist"), help="Law of the latent."),
        plan_option("--labels", metavar="data|uniform|FILE", help="Labels for a conditional generator."),
        plan_option("--num-classes", type=click.IntRange(min=1), metavar="N", help="How many labels there are."),
        plan_option("--call", metavar="NAME|FILE.py:FN", help="Which call of the network gives samples."),
        plan_option("--output", "output_name", metavar="NAME", help="Which of several outputs of that call."),
    )


def loading_options(function: F) -> F:
    """How both paths are read and sampled, where it is computed, and how it is shown."""
    options: tuple[Callable[[Any], Any], ...] = (
        *network_options(),
        plan_option("--range", type=_choice("range"), help="Range of the fakes."),
        plan_option("--quantise", type=_choice("quantise"), help="Bring the fakes onto the grid of the data."),
        plan_option("--axes", metavar="LETTERS", help="Axes of a sample, t for time: tc, ct, t, none."),
        plan_option("--ignore", multiple=True, metavar="COLUMN", help="Leave a column of a table out; repeatable."),
        plan_option(
            "--sequence-key", metavar="COLUMN[,ORDER]", help="Rows of a table with one key are one sample, a sequence."
        ),
        plan_option(
            "--child", metavar="TABLE:KEY", help="A second table beside each side's, whose rows are of one of its rows."
        ),
        plan_option("--group", metavar="COLUMN|FILE", help="Rows that depend on each other: they stay in one fold."),
        plan_option("--num-real", type=click.IntRange(min=1), metavar="N", help="Use at most N real samples."),
        plan_option("--num-fake", type=click.IntRange(min=1), metavar="N", help="Draw at most N fakes."),
        plan_option("--budget", type=click.Choice(plan.BUDGETS), help="How long the probes may train."),
        plan_option("--seed", type=click.IntRange(min=0), metavar="N", help="Seed of all randomness."),
        plan_option("--device", metavar="auto|cpu|cuda[:N]", help="Where to compute."),
        plan_option("--threads", type=click.IntRange(min=1), metavar="N", help="Threads to compute with."),
        plan_option(
            "--set",
            "settings",
            multiple=True,
            type=plan.parse_assignment,
            metavar="NAME=VALUE",
            help="One setting of a member; repeatable.",
        ),
        plan_option("--trust-checkpoint", is_flag=True, help="Let the checkpoint run code while it is loaded."),
        output_options,
        quiet_option,
        debug_option,
        click.pass_context,
    )
    for option in reversed(options):
        function = option(function)
    return function


def sigma_option(function: F) -> F:
    """``--sigma``, for what is measured under noise."""
    return plan_option(
        "--sigma",
        "sigmas",
        multiple=True,
        type=float,
        metavar="S",
        help="Noise on both sides, instead of a ladder read off the data; repeatable.",
    )(function)


def layers_option(function: F) -> F:
    """``--per-layer``."""
    return plan_option("--per-layer", is_flag=True, help="The norms of each layer's part too.")(function)


def probe_options(function: F) -> F:
    """Which probes are trained, through what they see both sides, and what else the fakes are held against."""
    options = (
        plan_option(
            "--probe",
            "probes",
            multiple=True,
            type=_Probe(_menu.names("probes")),
            help="Only this probe, or one of your own; repeatable. ganprobe list has them.",
        ),
        plan_option("--view", metavar="NAME[+NAME]", help="Measure what this view shows; ganprobe list has them all."),
        plan_option(
            "--features",
            metavar="NAME",
            help="A view by a network (efficientnet_lite0, inception, dinov2, clip) or file.py:fn.",
        ),
        plan_option(
            "--train-data", type=existing, metavar="PATH", help="What the GAN was trained on; DATA is held out."
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


def show(ctx: click.Context, parts: tuple[str, ...], options: dict[str, Any]) -> int:
    """Measure and show what ``options`` of the command say; returns the exit code."""
    strict, form, output, full = (options.pop(name) for name in ("strict", "form", "output", "full"))
    if output is not None:
        archive.check_writable(output)
    asked = [options]
    if options["ema"] == BOTH:
        _require_both(options["checkpoint"], form_of(form, output))
        asked = [options | {"ema": choice} for choice in ("on", "off")]
    audits = [measure(ctx, parts, dict(one)) for one in asked]
    deliver(audits, form, output, full)
    return INCONCLUSIVE if strict and any(audit.verdict == "INCONCLUSIVE" for audit in audits) else 0


def _require_both(checkpoint: str, form: str) -> None:
    """Before the work: that there are averaged and raw weights, and that two audits can be shown as ``form``."""
    if form not in ("terminal", "markdown", "jsonl"):
        raise UsageError(f"--ema both gives two audits, and {form} holds one", "use --format jsonl")
    from ganprobe.inputs import inspection

    averaged = {"averaged" in state.what for state in inspection.look(Path(checkpoint)).states}
    if len(averaged) < 2:
        which = "only averaged (EMA) weights" if True in averaged else "no averaged (EMA) weights"
        raise InputError(f"{checkpoint}: --ema both, but the file holds {which}", "leave --ema out")


def measure(ctx: click.Context, parts: tuple[str, ...], options: dict[str, Any]) -> Audit:
    """The audit that ``options`` of the command ask for."""
    quiet = options.pop("quiet")
    plan = planned(ctx, parts, options)
    look_first(plan)
    from ganprobe import flow

    with progress(quiet) as show, contextlib.redirect_stdout(sys.stderr):  # the user's model code may print
        return flow.audit(plan, command=("ganprobe", *ctx.obj), progress=with_share(plan, show))


def planned(ctx: click.Context, parts: tuple[str, ...], options: dict[str, Any]) -> Plan:
    """The plan that ``options`` of the command, and the configuration file's settings, ask for."""
    if options["ema"] == BOTH:
        raise UsageError("--ema both gives two audits; this command reads one", "use --ema on or --ema off")
    settings = {**ctx.meta[_FILE_SETTINGS], **dict(options.pop("settings"))}
    return Plan(settings=settings, parts=parts, **options)


def look_first(plan: Plan) -> None:
    """Before torch is imported: whether the network's file can be taken, and what a trusted checkpoint will run."""
    source, _, name = (plan.model or "").rpartition(":")
    if source.endswith(".py") and Path(source).is_file():
        definitions.of(Path(source), name)
    if plan.trust_checkpoint:
        from ganprobe.inputs.checkpoints import trust_statement

        with contextlib.suppress(InputError):  # what is wrong with the file is for loading to say
            statement = trust_statement(Path(plan.checkpoint))
            say(f"--trust-checkpoint: {safe(statement or 'not needed: the file holds nothing that runs')}")
