"""The accuracy of the estimates here: pairs with known JS at a chosen n and d."""

from __future__ import annotations

from pathlib import Path

import click

from ganprobe import plan
from ganprobe.cli._show import debug_option, emit, quiet_option
from ganprobe.cli._stderr import progress
from ganprobe.errors import UsageError
from ganprobe.plan import Budget, Plan
from ganprobe.store import archive


@click.command("selfcheck")
@click.option(
    "--n", "n", type=click.IntRange(min=50), metavar="N", help="Samples of each side; 2000 unless DATA is given."
)
@click.option(
    "--d", "d", type=click.IntRange(min=1), metavar="D", help="Dimension of a sample; 4 unless DATA is given."
)
@click.option("--like", metavar="DATA", help="Put known differences into these data instead.")
@click.option("--case", "cases", multiple=True, metavar="NAME", help="Only this case; repeatable.")
@click.option(
    "--budget",
    type=click.Choice(plan.BUDGETS),
    default="fast",
    show_default=True,
    help="How long the probes may train.",
)
@click.option("--seed", type=click.IntRange(min=0), metavar="N", default=0, show_default=True, help="Seed.")
@click.option("--device", metavar="auto|cpu|cuda[:N]", default="auto", show_default=True, help="Where to compute.")
@click.option("--threads", type=click.IntRange(min=1), metavar="N", help="Threads to compute with.")
@click.option("--format", "form", type=click.Choice(("terminal", "json")), default="terminal", help="How to show it.")
@click.option("--json", "form", flag_value="json", help="The same as --format json.")
@click.option(
    "-o", "--output-file", "output", type=click.Path(path_type=Path), metavar="FILE", help="Write there, not to stdout."
)
@click.option(
    "--calibrate",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Instead: try known laws and fit the rule of `gap` to what was missing, into FILE.",
)
@click.option("--minutes", type=float, metavar="M", default=10.0, show_default=True, help="With --calibrate: so long.")
@click.option("--processes", type=click.IntRange(min=1), metavar="P", default=1, help="With --calibrate: side by side.")
@quiet_option
@debug_option
def command(
    n: int | None,
    d: int | None,
    like: str | None,
    cases: tuple[str, ...],
    budget: Budget,
    seed: int,
    device: str,
    threads: int | None,
    form: str,
    output: Path | None,
    calibrate: Path | None,
    minutes: float,
    processes: int,
    quiet: bool,
) -> None:
    """Estimate JS where it is known, and say what can be told from 0.

    Every case shows its truth, the estimate, its floor, its error, and the error of the optimal discriminator on the
    same samples, which is chance alone. The defaults take minutes; use the n, the d and the budget of your own runs,
    or --like your data.
    """
    if like is not None and not Path(like).exists():
        raise UsageError(f"{like} does not exist", "check the path; addresses of the web are not read")
    if calibrate is not None:
        _calibrate(calibrate, minutes, processes, quiet)
        return
    if output is not None:
        archive.check_writable(output)
    from ganprobe.known import selfcheck
    from ganprobe.record.selfcheck import tables, to_json
    from ganprobe.show.reports import terminal

    plan = Plan("", like or "", budget=budget, seed=seed, device=device, threads=threads)
    with progress(quiet) as show:
        check = selfcheck.run(plan, n, d, cases, show)
    if form == "json":
        emit(lambda style: to_json(check), output)
    else:
        emit(lambda style: terminal.lay_out(tables(check), style), output)


def _calibrate(file: Path, minutes: float, processes: int, quiet: bool) -> None:
    from ganprobe.known import calibrated

    with progress(quiet) as show:
        coverage = calibrated.run(file, minutes, processes, show)
    emit(lambda style: "".join(f"{name}: {value:.4g}\n" for name, value in coverage.items()), None)
