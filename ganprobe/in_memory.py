"""Samples that are in memory, and a generator that is still trained."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from ganprobe import flow, machine
from ganprobe.inputs.load import given
from ganprobe.plan import Budget, Law, Plan, Setting
from ganprobe.record.audit import Audit
from ganprobe.samples import once


def between(fake: Any, real: Any, **options: Any) -> Audit:
    """The whole audit of two sets of samples in memory, as `ganprobe.audit` gives it of two files.

    Each side is an array or a tensor ``[n, ...]``, or a table of pandas, polars or Arrow, read as one in a file is:
    levels, dates, numbers in text, what is missing. With ``child="sessions:user_id"`` it is a dict of two tables,
    ``{"users": users, "sessions": sessions}``. ``options`` are fields of `ganprobe.Plan`; errors are those of `audit`.
    """
    return flow.audit(Plan("(memory)", "(memory)", **options), inputs=partial(given, fake, real, None))


# Fewer and larger steps: of ten laws with known JS (1,000 reals, eight columns) the stack misses .012 nats, root mean
# square, with these settings and with those of the budget fast, with which the two probes take four times as long.
LOOP: Mapping[str, Setting] = MappingProxyType(
    {
        "probes.mlp.epochs": 4,
        "probes.mlp.least_epochs": 4,
        "probes.mlp.least_steps": 60,
        "probes.mlp.rate": 0.01,
        "probes.mlp.width": 64,
        "probes.boosting.iterations": 35,
        "probes.boosting.patience": 6,
        "probes.boosting.rate": 0.25,
    }
)
# What reals alone decide, for the next audit of the same training.
_OF_REALS = once.Memory()


def probe(
    generator: Any,
    real: Any,
    *,
    step: int | None = None,
    z_dim: int | str | None = None,
    z_dist: Law = "normal",
    call: str | None = None,
    budget: Budget = "fast",
    parts: tuple[str, ...] = ("support", "labels", "memorisation"),
    probes: tuple[str, ...] = ("logistic", "boosting", "kde", "knn", "mlp"),
    settings: Mapping[str, Setting] = LOOP,
    num_real: int | None = 1_000,
    seed: int = 0,
    device: str = "auto",
    threads: int | None = None,
) -> Audit:
    """An audit from inside a training: ``real`` ``[n, ...]`` and what ``generator`` gives are in the same units.

    ``real`` is an array, a tensor or a table. A copy of the generator is sampled, in evaluation mode; the one trained,
    and the global random streams, are left as they were. With the same reals and seed each time, `ganprobe.compare`
    finds paired differences between the audits. Fields and errors are those of `Plan` and `audit`.

    Training must not wait long: at most ``num_real`` reals are used, ``conv`` is trained only where it is named, and
    whether a better probe would show more is not asked. Then ``near_optimal`` is None, JS is at least the floor, and
    the verdict is INCONCLUSIVE below the ceiling; ``parts=("optimality", "support")`` with ``settings={}`` asks.
    """
    plan = Plan(
        "(memory)", "(memory)", z_dim=None if z_dim is None else str(z_dim), z_dist=z_dist, call=call, range="none",
        num_real=num_real, budget=budget, seed=seed, device=device, threads=threads, probes=probes, parts=parts,
        settings=dict(settings),
    )  # fmt: skip
    with once.kept_in(_OF_REALS, threads or machine.default_threads()):
        return flow.audit(plan, inputs=partial(given, generator, real, step))
