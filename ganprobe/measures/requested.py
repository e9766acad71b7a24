"""That what a plan asks for is there, before minutes are spent on it."""

from __future__ import annotations

from ganprobe import probes, views
from ganprobe.errors import UsageError
from ganprobe.inputs import datasets
from ganprobe.measures import PARTS, distances
from ganprobe.plan import Plan


def check(plan: Plan) -> None:
    """That every part, ``--set``, ``--view``, ``--probe`` and ``--features`` names what is there.

    Raises `UsageError`.
    """
    families = {
        package.__name__.rpartition(".")[2]: package.MEMBERS for package in (datasets, distances, probes, views)
    }
    for name in plan.settings:
        family, member, setting = (*name.split(".", 2), "", "")[:3]
        if family not in families or not setting:
            raise UsageError(f"--set {name}: not of the form FAMILY.MEMBER.SETTING", "for example probes.mlp.width=256")
        settings = getattr(families[family][member], "Settings", None)
        if settings is None:
            raise UsageError(f"--set {name}: {family}.{member} has no settings", "leave it out")
        plan.override(f"{family}.{member}", settings())
    for name in plan.parts:
        PARTS[name]
    views.chain(plan)
    for name in plan.probes:
        probes.member(name)
    if plan.features:
        views.MEMBERS["features"].check(views.settings(plan, "features"))
