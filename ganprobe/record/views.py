"""JS through each view of both sides, and the tell: the simplest view that shows the difference, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ganprobe.record.bound import Bound, Bounded
from ganprobe.record.cells import Column, Table
from ganprobe.record.headline import BatchRecord
from ganprobe.record.plots import NATS, Axis, Figure, Span, Spans, ceiling

if TYPE_CHECKING:
    from ganprobe.record.audit import Measurements


@dataclass(frozen=True, slots=True)
class ViewRecord(Bounded):
    """JS through one kernel applied to both sides: a lower bound of the raw JS.

    ``blind``: the tell does not touch it. Such a row may be a headline, so that it keeps its ``batches`` and what the
    ``validation`` part shows, to choose among rows by.
    """

    name: str
    bound: Bound
    settings: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    blind: bool = False
    validation: float | None = None
    batches: BatchRecord | None = None

    @property
    def label(self) -> str:
        """The view with what was set: ``blocks size=4``, ``threshold level=0.5 + blocks size=4``."""
        return view_label(self.name, self.settings)


def view_label(name: str, settings: dict[str, Any]) -> str:
    """A view, or a chain of views, with what was set of each."""
    steps = name.split("+")
    if len(steps) == 1:
        return _set(name, settings)
    parts = []
    for step, key in zip(steps, step_keys(steps), strict=True):
        own = {k.removeprefix(f"{key}."): v for k, v in settings.items() if k.startswith(f"{key}.")}
        parts.append(_set(step, own))
    return " + ".join(parts)


def step_keys(steps: Sequence[str]) -> list[str]:
    """What the settings of each step of a chain of views are filed under: its name, and ``name#2`` the second time."""
    counts = [steps[: i + 1].count(step) for i, step in enumerate(steps)]
    return [step if n == 1 else f"{step}#{n}" for step, n in zip(steps, counts, strict=True)]


def _set(view: str, settings: dict[str, Any]) -> str:
    return " ".join([view, *(f"{key}={value}" for key, value in settings.items() if value != "")])


# Single columns that a reader is shown; the record has all that were measured.
_COLUMNS_SHOWN = 5


def tables(m: Measurements) -> tuple[Table, ...]:
    """A row for each view, the worst columns alone."""
    columns = (
        Column("seen through"),
        Column("JS", "nats"),
        Column("low", "nats"),
        Column("high", "nats"),
        Column("floor", "nats"),
    )
    kept = {v.label: [str(value) for key, value in v.settings.items() if key.endswith("keep")][-1:] for v in m.views}
    single = [v for v in m.views if any(kept[v.label]) and "," not in kept[v.label][0]]
    left_out = sorted(single, key=lambda v: -v.js)[_COLUMNS_SHOWN:]
    rows = tuple((v.label, v.js, v.low, v.high, v.floor) for v in m.views if v not in left_out)
    headline = view_label(m.headline_view, m.headline_settings)
    title = f"Views: what is left through each map of both sides, nats (headline: {headline})"
    more = f"; {len(left_out)} columns that show less are in the record" if left_out else ""
    return (Table("views", title + more, columns, rows),)


def figures(m: Measurements) -> Iterator[Figure]:
    """The same numbers drawn."""
    if m.views:
        rows = tuple(Span(v.label, v.js, v.low, v.high, v.floor) for v in m.views)
        caption = (
            "JS after the same map of both sides: never above the raw one. A row that stays long still shows the "
            "difference; a short one has lost it."
        )
        yield Figure("What is left through each view", caption, Spans(rows, Axis(NATS, low=0.0), ceiling(rows)))


def tell_table(m: Measurements) -> Table:
    """The tell as a note of its own."""
    rows = () if m.tell is None else ((m.tell,),)
    return Table("tell", "What gives the fakes away", (Column("text"),), rows, "notes")
