"""An `Audit` in words: how far, how sure, why, and what next, for a reader who has never seen one.

The wording keeps the rule of `ganprobe.show.tables`: what is held out is a lower bound, and no text says "JS =".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ganprobe.record.audit import Audit, Finding, Measurements

# Findings that say in what the two sides differ; the others say how far, or how sure that is.
_REASONS = ("GP102", "GP103", "GP107", "GP306", "GP401", "GP402", "GP403", "GP404")
# This one names what to look at first, although it is no warning; those of the other kind say how files are made.
_FIRST = "GP307"
_ABOUT_FILES = "GP1"
# As many reasons and pieces of advice as a reader takes in at once; the findings have them all.
_MOST_SENTENCES = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reader asks first, and a sentence or a few on it."""

    question: str
    sentences: tuple[str, ...]


def answers(audit: Audit) -> tuple[Answer, ...]:
    """How far, how sure, why, and what next: the audit in words, for a reader who has never seen one."""
    return (
        Answer("How far are the fakes from the reals?", tuple(_how_far(audit.measurements))),
        Answer("How sure is that?", tuple(_how_sure(audit))),
        Answer("Why?", tuple(_why(audit))[:_MOST_SENTENCES]),
        Answer("What next?", tuple(next_steps(audit))[:_MOST_SENTENCES]),
    )


def _how_far(m: Measurements) -> Iterator[str]:
    if (js := m.js) is None:
        yield "JS was not measured: this command reads other parts alone."
        if (g := m.gradients) is not None:
            fate = "vanishes" if g.vanishing else "stays alive"
            yield f"Against a trained probe the saturating loss keeps {g.retention:.2g} of its gradient: it {fate}."
        return
    estimate = f"estimate {js.nats:.3f} ({js.low:.3f} to {js.high:.3f})"
    yield f"Jensen-Shannon divergence (JS) >= {js.floor:.3f} nats, certified at {js.level:.0%}; {estimate}."
    yield f"0 would be one and the same law, log 2 = {js.ceiling:.3f} no overlap at all."
    if js.status == "artefact":
        yield "How the files were stored tells the two apart: this number says nothing about the generator."
    elif js.status == "indistinguishable":
        yield "No difference was seen. That is no proof that there is none."
    elif js.unresolved:
        yield f"{js.n_real} real samples are too few to tell."
    elif js.status == "underpowered":
        yield "No difference was seen, and it is not shown that these probes would have seen one."
    elif js.status == "saturated":
        yield "That is as far as JS goes: almost every sample can be told real or fake."
    else:
        accuracy = (1 + max(js.floor, 0.0) / js.ceiling) / 2
        yield f"Shown one sample, the best observer tells real from fake at least {accuracy:.0%} of the time."


def _how_sure(audit: Audit) -> Iterator[str]:
    yield audit.verdict_reason
    m = audit.measurements
    if m.js is not None and m.js.gap is not None:
        yield f"A better probe would add about {max(m.js.gap, 0.0):.3f} nats, by what was tried."
    if m.kde is not None:
        yield f"Kernel densities as a cross-check: {m.kde.agreement}."


def _why(audit: Audit) -> Iterator[str]:
    m = audit.measurements
    if m.js is not None and m.js.status == "artefact":
        yield from (_sentence(artefact.summary.rstrip(".")) for artefact in m.artefacts)
    tell = m.tell or (_sentence(m.unmeasured["tell"]) if "tell" in m.unmeasured else None)
    if tell is not None:
        yield tell
    told = [f for f in audit.findings if f.code in _REASONS]
    yield from (_sentence(f.title) for f in told)
    if tell is None and not told:
        yield "No finding says in what: the views below show where the difference lives."


def next_steps(audit: Audit) -> Iterator[str]:
    """What to do about the findings that are more than information, what matters most first."""

    def turn(f: Finding) -> int:
        return 0 if f.severity == "error" else 1 if f.code == _FIRST else 3 if f.code.startswith(_ABOUT_FILES) else 2

    asked = [f for f in audit.findings if f.severity != "info" or f.code == _FIRST]
    advice = dict.fromkeys(f.advice for f in sorted(asked, key=turn))
    yield from advice
    if not advice:
        yield "Nothing to mend in the measurement; decide by the number."


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
