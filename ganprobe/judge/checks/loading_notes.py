"""GP109 What was assumed, stripped or inferred while loading."""

from __future__ import annotations

from ganprobe.record.audit import Finding, Measurements

CODE = "GP109"
TITLE = "what was assumed while loading"
EXPLAIN = """
Checkpoints come in many shapes: nested dictionaries, prefixes of wrappers, averaged weights beside raw ones, latents
of unknown size and law. What could be inferred was inferred and is repeated here, because a wrong guess (a uniform
latent where a normal one was meant, raw weights instead of the averaged ones) changes the fakes and with them every
number. Data too is decided upon: the size of pictures, which array of several, which columns are dates. Each guess has
an option that overrides it: --key, --ema, --z-dim, --z-dist, --labels, --set datasets.arrays.name.
"""


def check(m: Measurements) -> Finding | None:
    """Information that repeats the notes of both loaders, each under its side."""
    sides = {"fakes": m.checkpoint.notes, "data": m.data.notes}
    said = [f"{side}: {'; '.join(note.rstrip('.') for note in notes)}" for side, notes in sides.items() if notes]
    if not said:
        return None
    options = "--labels" if m.checkpoint.format == "exported" else "--key, --ema, --z-dim, --z-dist or --labels"
    return Finding(
        CODE,
        "info",
        "while loading " + ". ".join(said),
        {"checkpoint_notes": len(m.checkpoint.notes), "data_notes": len(m.data.notes)},
        f"Override a wrong guess with {options}.",
    )
