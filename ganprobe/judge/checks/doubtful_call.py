"""GP116 The call that gave the samples may not be the one that samples."""

from __future__ import annotations

import shlex

from ganprobe.record.audit import Finding, Measurements

CODE = "GP116"
TITLE = "what was sampled may not be the generator"
TAKES_PASS = True
EXPLAIN = """
Noise goes through any network, and something comes out. A generator's forward makes samples of it; an autoencoder's
makes a reconstruction of noise, a flow's maps data to noise and so maps noise to nothing, a denoiser's makes one step
of many, and weights that are not the averaged ones make the samples of another network. A number measured on these is
right and about the wrong law. So where nobody has said which call gives samples (--call), and its latent is as wide as
its output, several things come back, an input is called as a time or as data is, or the class has another call that is
named like a sampler, no PASS stands beside the number. --call forward says that forward is meant.
"""


def check(m: Measurements) -> Finding | None:
    """A warning with what speaks against the call that was taken, and the command with the better one."""
    c = m.checkpoint
    if not c.doubts:
        return None
    command = shlex.join(["ganprobe", "js", c.path, m.data.path, *c.instead])
    call = next((b for a, b in zip(c.instead, c.instead[1:], strict=False) if a == "--call"), None)
    advice = [f"Run: {command}"]
    if call is not None and ":" in call:
        advice.append(f"where {call.partition(':')[0]} has def sample(network, n, seed) that returns n samples")
    if call is not None:
        advice.append("or add --call forward if that is what samples")
    return Finding(CODE, "warn", "; ".join(c.doubts), {"call": c.call, "instead": list(c.instead)}, ", ".join(advice))
