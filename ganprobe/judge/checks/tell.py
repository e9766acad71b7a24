"""GP307 One simple view shows nearly all of the difference."""

from __future__ import annotations

from ganprobe.record.audit import Finding, Measurements
from ganprobe.record.views import ViewRecord

CODE = "GP307"
TITLE = "a simple view gives the fakes away"
EXPLAIN = """
The tell is the simplest view that keeps 95 % of the estimate: one column, the histogram of the pixel values, a few
means. A detail such as a background that is nearly black instead of black puts raw JS at its ceiling whatever else the
generator has learned. Four real MNIST generators: six pixel statistics alone certify .685 to .693, while through a
threshold and 4x4 blocks they differ by a factor of ten. So mend the tell, if it matters, and compare checkpoints
through a view that is blind to it: ganprobe js --view makes that view the number that is judged.
"""

# Views that take away what usually is a tell; a table's are those that leave columns out.
BLIND = "threshold+blocks"
# A view through which more is left than this is not blind to the tell.
LEFT_AT_MOST = 0.8


def check(m: Measurements) -> Finding | None:
    """Information with the tell, and a view that is blind to it."""
    if m.tell is None or m.js is None:
        return None
    blind = [v for v in m.views if (v.name == BLIND or v.settings.get("drop")) and v.js <= LEFT_AT_MOST * m.js.nats]
    advice = "Mend what it names first, if it matters."
    if blind:
        chosen = min(blind, key=lambda v: v.js)
        advice += f" Compare checkpoints without it: {_options(chosen)} ({chosen.js:.3f} nats are left)."
    title = "one simple view shows nearly all of the difference: raw JS is about that and hides the rest"
    return Finding(CODE, "info", title, {v.label: v.js for v in blind}, advice)


def _options(view: ViewRecord) -> str:
    """The options that make ``view`` the headline."""
    drop = view.settings.get("drop")
    return f"--view {view.name}" + (f" --set 'views.columns.drop={drop}'" if drop else "")
