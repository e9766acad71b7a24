"""From a network to a `Generator`: which latent it takes, from which law, with which labels.

A file of weights does not say what the network wants. Each layer in turn suggests a latent (a linear layer its inputs,
a convolution its channels by one by one), and the first that two samples pass through is taken, and said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch
from torch import nn

from ganprobe.errors import InputError, UsageError
from ganprobe.inputs.checkpoints import _calls, _outputs
from ganprobe.inputs.checkpoints._calls import Called
from ganprobe.inputs.checkpoints._doubts import TIMES, better_call, doubts
from ganprobe.inputs.checkpoints._draw import Draw
from ganprobe.inputs.checkpoints._inputs import Inputs, Labels, Rows
from ganprobe.inputs.checkpoints._latents import latents, times
from ganprobe.inputs.checkpoints._outputs import Output
from ganprobe.inputs.checkpoints._work import Counted
from ganprobe.inputs.usercode import UserCodeError, contained
from ganprobe.plan import Loading
from ganprobe.record.sources import CheckpointRecord
from ganprobe.samples.sides import Generator

_CLASS_NAMES = ("num_classes", "n_classes", "n_class", "c_dim")
# Samples that the two modes are compared by: of a call that may take a thousand steps, few.
_MODE_SAMPLES, _FEW_SAMPLES = 256, 16
# Samples whose work is counted: two, for batch normalisation that looks at the batch.
_COUNTED = 2


def generator(module: nn.Module, record: CheckpointRecord, options: Loading) -> Generator:
    """Find out what ``module`` takes, by options and by trial, and make it drawable.

    Raises `UsageError` where an option is missing or unusable, `InputError` where the network does not run.
    """
    try:
        device = torch.device(options.device)
        module = module.to(device).float().eval()
    except (RuntimeError, AssertionError) as error:
        raise UsageError(
            f"device {options.device!r} cannot be used ({str(error).splitlines()[0]})", "use --device cpu"
        ) from error
    call = _calls.of(module, options.call)
    record = replace(record, mode=options.mode, call=call.name)
    if call.takes != "latents":
        return _of_number(Called(module, call), device, record, options)
    if call.signature.labels_first:
        record = replace(record, notes=(*record.notes, "labels are the generator's first input, latents its second"))
    return _of_latents(Called(module, call), device, record, options)


def _of_latents(network: Called, device: torch.device, record: CheckpointRecord, options: Loading) -> Generator:
    """By a call of latents, the first shape of which it runs on."""
    failure: str | None = None
    for latent, source, labels in _attempts(network, options):
        inputs = Inputs(latent, options.z_dist, labels, device)
        try:
            taken, shape = _trial(network, inputs, options.output_name)
        except UserCodeError as error:
            failure = failure or f"does not run on a latent of shape {times(latent)} ({error})"
            continue
        law = None if labels is None else f"uniform over {len(labels.weights)} classes{', one-hot' * labels.one_hot}"
        notes = [taken.said, source and f"latent {times(latent)} inferred from {source}"]
        notes += ["latents on the sphere of radius sqrt(z_dim)"] if options.z_dist == "sphere" else []
        record = replace(record, latent=latent, latent_law=options.z_dist, labels=law)
        record = _with(record, *notes)
        if options.call is None:
            record = _doubtful(network, latent, shape, taken, record, options)
        return _made(network, inputs, taken, shape, record)
    if failure is None:
        raise UsageError(
            f"{record.path}: cannot tell which latent the generator takes", "give it with --z-dim N or --z-dim CxHxW"
        )
    raise InputError(f"{record.path}: the generator {failure}", "give its own with --z-dim N or --z-dim CxHxW")


def _doubtful(
    network: Called,
    latent: tuple[int, ...],
    shape: tuple[int, ...],
    taken: Output,
    record: CheckpointRecord,
    options: Loading,
) -> CheckpointRecord:
    """The record with what speaks against ``forward``, and the options that would name the better call."""
    found = tuple(doubts(network.network, network.call.signature, latent, shape, taken.guessed))
    if not found:
        return record
    better = replace(options, call=better_call(network.network), z_dim=None)
    return replace(record, doubts=(*record.doubts, *found), instead=better.words())


def _of_number(network: Called, device: torch.device, record: CheckpointRecord, options: Loading) -> Generator:
    """By a call of a number of samples, which draws its own noise."""
    if options.z_dim is not None or options.num_classes is not None:
        raise UsageError(
            f"--call {network.call.name} takes {network.call.takes}, no latents and labels",
            "leave --z-dim and --num-classes out",
        )
    inputs = Rows(device)
    try:
        taken, shape = _trial(network, inputs, options.output_name)
        _require_pure(network, taken, device, record.path)
    except UserCodeError as error:
        raise InputError(
            f"{record.path}: --call {network.call.name} failed for 2 samples ({error})",
            "it is given the network, a number of samples and a seed" if ":" in network.call.name else "mend it",
        ) from error
    return _made(network, inputs, taken, shape, _with(record, taken.said, f"sampled by {network.call.name}"))


def _require_pure(network: Called, taken: Output, device: torch.device, path: str) -> None:
    """That a seed says what is drawn: the same samples for the same one, others for another."""
    once, again, other = (_called(network, taken, torch.tensor([seed, seed], device=device)) for seed in (1, 1, 2))
    if not torch.equal(once, again):
        raise InputError(
            f"{path}: --call {network.call.name} gives other samples for the same seed", "draw all noise from the seed"
        )
    if torch.equal(once, other):
        raise InputError(
            f"{path}: --call {network.call.name} gives the same samples for every seed",
            "use the seed that it is given, or the global random streams, and set no other seed",
        )


def _called(network: Called, taken: Output, *inputs: torch.Tensor) -> torch.Tensor:
    with contained(0, inputs[0].device), torch.no_grad():
        samples: torch.Tensor = taken(network(*inputs))
    return samples


def _with(record: CheckpointRecord, *notes: str | None) -> CheckpointRecord:
    return replace(record, notes=(*record.notes, *filter(None, notes)))


def _made(
    network: Called, inputs: Inputs | Rows, taken: Output, shape: tuple[int, ...], record: CheckpointRecord
) -> Generator:
    module = Called(network.network, network.call, taken)
    record = replace(record, parameters=sum(parameter.numel() for parameter in module.parameters()))
    draw = Draw(module, inputs, shape, record.path)
    record = replace(record, mode_gap=_mode_gap(draw))
    module.train(record.mode == "train")
    with Counted() as counted:
        draw(_COUNTED, 0)
    return Generator(module, draw, inputs, shape, record, counted.multiplications / _COUNTED)


def _mode_gap(draw: Draw) -> float | None:
    """How far training mode takes the samples of evaluation mode, in standard deviations; None where it cannot."""
    names = (str(getattr(layer, "original_name", type(layer).__name__)) for layer in draw.module.modules())
    if not any("Dropout" in name or "BatchNorm" in name or "InstanceNorm" in name for name in names):
        return None
    n = _MODE_SAMPLES if isinstance(draw.inputs, Inputs) else _FEW_SAMPLES
    fixed = draw(n, 0)
    draw.module.train()
    try:
        moving = draw(n, 0)
    except InputError:  # some networks cannot be sampled while they train
        return None
    finally:
        draw.module.eval()
    spread = float(np.sqrt(fixed.var(axis=0, dtype=np.float64).mean()))
    apart = float(np.sqrt(np.mean((moving - fixed) ** 2, dtype=np.float64)))
    return apart / spread if spread > 0 else None


def _trial(network: Called, inputs: Inputs | Rows, wanted: str | None) -> tuple[Output, tuple[int, ...]]:
    """Which output to take, and the shape of a sample; `UserCodeError` where it is not two samples."""
    with contained(0, inputs.device), torch.no_grad():
        output = network(*inputs(2, 0))
        taken = _outputs.of(output, wanted)
        samples = taken(output)
        if samples.ndim < 2 or len(samples) != 2 or samples.is_complex():
            raise ValueError(f"for 2 samples it returns a tensor of shape {list(samples.shape)}")
    return taken, tuple(int(size) for size in samples.shape[1:])


def _attempts(network: Called, options: Loading) -> Iterator[tuple[tuple[int, ...], str, Labels | None]]:
    """Latents to try, each with where it was read, and each way of passing labels."""
    module, takes = network.network, network.call.signature
    embeddings = [m for m in module.modules() if isinstance(m, nn.Embedding)]
    conditional = takes.required >= 2 or (bool(embeddings) and takes.possible >= 2)
    if takes.required > 2:
        raise UsageError(
            f"the generator takes {takes.required} inputs; only a latent and labels are given",
            "write def sample(network, n, seed) that fills in the rest, and give --call FILE.py:sample",
        )
    laws: list[Labels | None] = [None]
    n_classes = 0
    if conditional:
        n_classes = _n_classes(module, embeddings, options.num_classes, takes.names)
        uniform = np.full(n_classes, 1 / n_classes)
        laws = [Labels(uniform, one_hot=False), Labels(uniform, one_hot=True)]
    elif options.num_classes is not None:
        raise UsageError("--num-classes is given, but the generator takes no labels", "leave it out")
    label_widths = {n_classes, *(e.embedding_dim for e in embeddings)} - {0} if conditional else set()
    for latent, source in latents(module, options.z_dim, sorted(label_widths)):
        for law in laws:
            yield latent, source, law


def _n_classes(module: nn.Module, embeddings: list[nn.Embedding], asked: int | None, inputs: tuple[str, ...]) -> int:
    known = [asked, *(e.num_embeddings for e in embeddings), *(getattr(module, name, None) for name in _CLASS_NAMES)]
    for n in known:
        if isinstance(n, int) and n >= 1:
            return n
    if time := next((name for name in inputs if name.lower() in TIMES), None):
        raise UsageError(
            f"the network takes a time ({time}): it is one step of a sampler, which is not in the file",
            "write def sample(network, n, seed) that takes all steps, and give --call FILE.py:sample",
        )
    raise UsageError("the generator takes labels, and does not say how many classes there are", "give --num-classes N")
