"""Audits from inside a training, told to whoever keeps its scalars; a training is never ended by what goes wrong here.

A logger is known by the call that it answers, so that none needs to be installed: ``add_scalar`` (TensorBoard's
``SummaryWriter``), ``log_metrics`` (MLflow, the loggers of Lightning), ``log`` (Weights & Biases); anything else is
called with the scalars and the step. Between two audits a call compares two numbers.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

import torch

from ganprobe import in_memory
from ganprobe.errors import UsageError
from ganprobe.judge import history
from ganprobe.record.audit import Audit
from ganprobe.record.history import History
from ganprobe.show import trends

_LOG = logging.getLogger("ganprobe")

Tell = Callable[[Mapping[str, float], int], object]
Answer = TypeVar("Answer")


class Watch:
    """Called at each step of a training, it audits every so many of them; made by `watch`.

    ``audits`` are those so far, ``failures`` what went wrong, a sentence each.
    """

    def __init__(
        self, generator: torch.nn.Module, real: Any, every: int, to: Sequence[Any], options: Mapping[str, Any]
    ) -> None:
        self.audits: list[Audit] = []
        self.failures: list[str] = []
        self._generator, self._real, self._every, self._options = generator, real, every, options
        self._tell = [_teller(logger) for logger in to]
        self._next = every

    def __call__(self, step: int) -> Audit | None:
        """The audit, where one is due at ``step`` and could be made."""
        if step < self._next:
            return None
        self._next = (step // self._every + 1) * self._every
        measure = partial(in_memory.probe, self._generator, self._real, step=step, **self._options)
        audit = self._guarded("no audit", measure)
        if audit is not None:
            self.audits.append(audit)
            for tell in self._tell:
                self._told(tell, audit, step)
        return audit

    def _told(self, tell: Tell, audit: Audit, step: int) -> None:
        self._guarded("not logged", lambda: tell(scalars(audit), step))

    def history(self) -> History:
        """What the audits so far say together; raises `UsageError` where there is none."""
        if not self.audits:
            raise UsageError("there is no audit yet", self.failures[-1] if self.failures else "train on")
        return history.compare(self.audits)

    @property
    def alarm(self) -> str | None:
        """What this training should stop for by the audits so far, in a line; None where there is nothing."""
        return self._guarded("no alarm", lambda: trends.alarm(self.history())) if self.audits else None

    def lightning(self) -> Any:
        """A callback for Lightning's ``Trainer``, which tells the trainer's own loggers too."""
        try:
            from lightning.pytorch import Callback
        except ImportError:
            from pytorch_lightning import Callback
        watching = self

        class GanprobeCallback(Callback):  # type: ignore[misc]
            """Counts batches: with two optimisers the trainer's own step goes up by two."""

            batches = 0

            def on_train_batch_end(self, trainer: Any, *_: Any, **__: Any) -> None:
                """An audit where one is due, by the first process alone."""
                self.batches += 1
                if not trainer.is_global_zero or (audit := watching(self.batches)) is None:
                    return
                for logger in trainer.loggers:
                    watching._told(logger.log_metrics, audit, self.batches)

        return GanprobeCallback()

    def _guarded(self, what: str, work: Callable[[], Answer]) -> Answer | None:
        """What ``work`` gives; None where it fails, which is noted and logged."""
        try:
            return work()
        except Exception as error:  # noqa: BLE001 - a measurement must not cost anybody a training
            self.failures.append(f"{what}: {error}")
            _LOG.warning("ganprobe: %s: %s", what, error)
            return None


def watch(generator: torch.nn.Module, real: Any, *, every: int, to: Sequence[Any] = (), **options: Any) -> Watch:
    """A `Watch` on ``generator`` as it is trained, against ``real`` ``[n, ...]`` in the same units.

    ``to`` are loggers, or functions of the scalars and the step. ``options`` are those of `ganprobe.probe`. Raises
    `UsageError` for what is wrong before the training has begun.
    """
    if every < 1:
        raise UsageError(f"every {every} steps cannot be", "give a number above 0")
    return Watch(generator, real, every, to, options)


def scalars(audit: Audit) -> dict[str, float]:
    """The numbers to plot over a training, by name; what was not measured is left out."""
    m = audit.measurements
    numbers: dict[str, float | None] = {"seconds": audit.seconds}
    if (js := m.js) is not None:
        numbers |= {"js": js.nats, "js_low": js.low, "js_high": js.high, "js_floor": js.floor}
    if m.support is not None:
        numbers |= {"reals_reached": m.support.real_covered, "fakes_on_target": m.support.fake_covered}
    if m.smoothing is not None:
        numbers["half_scale"] = m.smoothing.half_scale
    if m.gradients is not None:
        numbers["gradient_kept"] = m.gradients.retention
    return {f"ganprobe/{name}": float(number) for name, number in numbers.items() if number is not None}


def _teller(logger: Any) -> Tell:
    if hasattr(logger, "add_scalar"):
        return lambda numbers, step: [logger.add_scalar(name, number, step) for name, number in numbers.items()]
    for name in ("log_metrics", "log"):
        if hasattr(logger, name):
            return lambda numbers, step: getattr(logger, name)(dict(numbers), step=step)
    if callable(logger):
        return lambda numbers, step: logger(numbers, step)
    raise UsageError(
        f"{type(logger).__name__} keeps no scalars", "give a logger with add_scalar, log_metrics or log, or a function"
    )
