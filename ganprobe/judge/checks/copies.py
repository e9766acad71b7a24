"""GP107 Fakes that are exact copies of real samples."""

from __future__ import annotations

from ganprobe.judge import checks
from ganprobe.record.audit import Finding, Measurements

CODE = "GP107"
TITLE = "some fakes are exact copies of real samples"
EXPLAIN = """
Between continuous laws an exact copy has probability zero, so copies mean that the generator replays its training
set, that the file of fakes contains real rows, or that the same file was given twice. Copies lower the divergence
without any learning: a generator that returns stored training rows looks perfect to every measure on those rows, and
a divergence estimated on them says nothing about new data. In tables of few categories copies are expected.
"""


def check(m: Measurements) -> Finding | None:
    """A warning where the artefact was found."""
    found = checks.artefact(m, "copies")
    if found is None:
        return None
    return Finding(
        CODE,
        "warn",
        found.summary,
        found.evidence,
        "Measure against reals that the generator was not trained on, and check that the two files are not the same.",
    )
