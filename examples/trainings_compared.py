"""Four trainings on digits, ten checkpoints of each, and what `ganprobe compare` says of them.

    python examples/trainings_compared.py --run collapsing [--mnist t10k-images-idx3-ubyte.gz] [OPTIONS OF COMPARE]

``mlp`` and ``dcgan`` are the GANs of ``arjovsky_figures.py``. The other two are the second of them until seven tenths
of its training, when something goes wrong: ``diverging`` learns fifty times as fast from there on, and in
``collapsing`` the generator learns five times as fast, its discriminator ten times as slowly, and what pleases a judge
that is left behind is all that is drawn.

Pixel by pixel the fakes of all four are told apart at once, by grey levels that no digit has: JS is at log 2 and ranks
nothing. So the checkpoints are compared through a view that is blind to that, the means of blocks of black and white.
Without --mnist the digits are the small ones that come with scikit-learn. All options but those below go to compare.
"""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
from pathlib import Path

import arjovsky_figures
from arjovsky_figures import NETWORKS, RATE, Z_DIM

# Each run's network, and from the fault on the rates at which its generator and its discriminator learn.
RUNS = {
    "mlp": ("mlp", (RATE, RATE)),
    "dcgan": ("conv", (RATE, RATE)),
    "diverging": ("conv", (50 * RATE, 50 * RATE)),
    "collapsing": ("conv", (5 * RATE, RATE / 10)),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Train a GAN on digits and compare its checkpoints.", allow_abbrev=False
    )
    parser.add_argument("--run", choices=[*RUNS], required=True)
    parser.add_argument("--mnist", type=Path, help="MNIST's test pictures as idx or idx.gz")
    parser.add_argument("--steps", type=int, default=4_000)
    parser.add_argument("--checkpoints", type=int, default=10)
    parser.add_argument("--folder", type=Path, default=Path("trainings"))
    given, options = parser.parse_known_args()
    folder = given.folder / given.run
    folder.mkdir(parents=True, exist_ok=True)

    network, later = RUNS[given.run]
    pictures = arjovsky_figures.digits(given.mnist, folder)
    marks = [given.steps * i // given.checkpoints for i in range(1, given.checkpoints + 1)]
    fault = given.steps * 7 // 10
    arjovsky_figures.train(
        network, pictures, given.steps, marks, folder, lambda step: (RATE, RATE) if step <= fault else later
    )

    command = ["ganprobe", "compare", *(str(folder / f"{network}_{step:05d}.pt") for step in marks)]
    command += [str(folder / "digits.npy"), "-m", f"{arjovsky_figures.__file__}:{NETWORKS[network].__name__}"]
    command += ["--model-args", f"side={pictures.shape[-1]}", "--z-dim", str(Z_DIM), "--budget", "fast"]
    command += ["--view", "threshold+blocks", *options]
    print(shlex.join(command), flush=True)
    sys.exit(subprocess.run([sys.executable, "-m", *command], check=False).returncode)


if __name__ == "__main__":
    main()
