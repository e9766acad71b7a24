"""Watching a training: audits where they are due, told to every kind of logger, and never a reason for it to end."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from audits import audit, measurements

import ganprobe
from ganprobe import in_memory
from ganprobe.errors import UsageError
from ganprobe.record.audit import Audit
from ganprobe.record.headline import BatchRecord
from ganprobe.series.during_training import Watch, scalars, watch

REAL = torch.zeros(30, 2)
NET = torch.nn.Linear(2, 2)
SHOWN = scalars(audit())
BATCHED = BatchRecord((0.001, -0.001) * 100, (-0.001, 0.001) * 100)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The steps that were audited; each audit takes no time."""
    steps: list[int] = []

    def probe(generator: object, real: object, *, step: int, **options: object) -> Audit:
        steps.append(step)
        return audit(measurements(checkpoint__step=step, batches=BATCHED))

    monkeypatch.setattr(in_memory, "probe", probe)
    return steps


def test_an_audit_is_made_every_so_many_steps(measured: list[int]) -> None:
    watching = ganprobe.watch(NET, REAL, every=100)
    assert [step for step in range(351) if watching(step) is not None] == [100, 200, 300]
    assert measured == [100, 200, 300] == [a.measurements.checkpoint.step for a in watching.audits]
    assert len(watching.history().audits) == 3


def test_the_alarm_of_a_history_is_the_hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    """JS of .1, and then of .5: alarm at the first of these audits, and nothing of it ends the training."""
    levels = iter((0.1, 0.1, 0.1, 0.1, 0.1, 0.5, 0.5))

    def probe(generator: object, real: object, *, step: int, **options: object) -> Audit:
        nats = next(levels)
        changes = {"js__nats": nats, "js__low": nats - 0.02, "js__high": nats + 0.02}
        return audit(measurements(checkpoint__step=step, batches=BATCHED, support=None, probes=(), **changes))

    monkeypatch.setattr(in_memory, "probe", probe)
    watching = watch(NET, REAL, every=1)
    assert watching.alarm is None
    said = [watching(step) and watching.alarm for step in range(1, 8)]
    assert said[:5] == [None] * 5
    assert "out of its band since step 6" in str(said[5])
    assert "out of its band since step 6" in str(said[6])
    assert watching.failures == []


def test_a_training_that_counts_otherwise_is_audited_when_it_is_due(measured: list[int]) -> None:
    """Steps of two, and a training that goes on from step 10,501."""
    watching = watch(NET, REAL, every=5)
    for step in (*range(0, 20, 2), 10_501, 10_504, 10_505):
        watching(step)
    assert measured == [6, 10, 16, 10_501, 10_505]


class SummaryWriter:
    def __init__(self) -> None:
        self.kept: dict[str, tuple[float, int]] = {}

    def add_scalar(self, tag: str, scalar_value: float, global_step: int | None = None) -> None:
        assert global_step is not None
        self.kept[tag] = scalar_value, global_step


class Mlflow:
    def __init__(self) -> None:
        self.kept: dict[str, tuple[float, int]] = {}

    def log_metrics(self, metrics: dict[str, float], step: int | None = None) -> None:
        assert step is not None
        self.kept |= {name: (value, step) for name, value in metrics.items()}


class Wandb(Mlflow):
    log = Mlflow.log_metrics
    log_metrics = None  # type: ignore[assignment]

    def __getattribute__(self, name: str) -> Any:
        if name == "log_metrics":
            raise AttributeError(name)
        return super().__getattribute__(name)


def test_each_kind_of_logger_gets_the_scalars(measured: list[int]) -> None:
    loggers = SummaryWriter(), Mlflow(), Wandb()
    kept: dict[str, tuple[float, int]] = {}

    def plain(numbers: Mapping[str, float], step: int) -> None:
        kept.update({name: (value, step) for name, value in numbers.items()})

    watch(NET, REAL, every=7, to=[*loggers, plain])(7)
    assert kept == {name: (value, 7) for name, value in SHOWN.items()}
    assert all(logger.kept == kept for logger in loggers)
    js = audit().measurements.js
    assert js is not None
    assert (SHOWN["ganprobe/js"], SHOWN["ganprobe/js_floor"]) == (js.nats, js.floor)
    with pytest.raises(UsageError, match="keeps no scalars"):
        watch(NET, REAL, every=7, to=[3])
    with pytest.raises(UsageError, match="every 0 steps"):
        watch(NET, REAL, every=0)


def test_nothing_that_goes_wrong_ends_the_training(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, measured: list[int]
) -> None:
    def full(numbers: object, step: int) -> None:
        raise OSError("the disk is full")

    reached = []
    watching = watch(NET, REAL, every=1, to=[full, lambda numbers, step: reached.append(step)])
    with caplog.at_level(logging.WARNING, "ganprobe"):
        assert watching(1) is not None
        monkeypatch.setattr(in_memory, "probe", lambda *_, **__: 1 / 0)
        assert watching(2) is None
    assert reached == [1], "the next logger is told all the same"
    assert watching.failures == ["not logged: the disk is full", "no audit: division by zero"]
    assert [record.getMessage() for record in caplog.records] == [f"ganprobe: {said}" for said in watching.failures]
    assert len(watching.audits) == 1


def test_ctrl_c_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(in_memory, "probe", interrupted)
    with pytest.raises(KeyboardInterrupt):
        watch(NET, REAL, every=1)(1)


def test_reals_that_cannot_be_measured_are_noted_and_the_training_goes_on() -> None:
    watching = watch(NET, torch.zeros(3, 2), every=1)
    assert watching(1) is None
    assert "3 samples are too few" in watching.failures[0]
    with pytest.raises(UsageError, match="no audit yet"):
        watching.history()


def test_between_audits_it_costs_next_to_nothing() -> None:
    """A training step takes 200 microseconds at the very least; 2 % of that are 4."""
    watching = watch(NET, REAL, every=10**9)

    def once() -> float:
        start = time.perf_counter()
        for step in range(1_000):
            watching(step)
        return (time.perf_counter() - start) / 1_000

    assert min(once() for _ in range(20)) < 4e-6


def lightning_stand_in() -> ModuleType:
    module = ModuleType("lightning.pytorch")
    module.Callback = type("Callback", (), {})  # type: ignore[attr-defined]
    return module


class Trainer:
    """What a callback sees of Lightning's trainer."""

    def __init__(self, first: bool = True) -> None:
        self.is_global_zero = first
        self.loggers = [Mlflow()]


def test_lightning_tells_its_own_loggers(monkeypatch: pytest.MonkeyPatch, measured: list[int]) -> None:
    monkeypatch.setitem(sys.modules, "lightning", ModuleType("lightning"))
    monkeypatch.setitem(sys.modules, "lightning.pytorch", lightning_stand_in())
    watching = watch(NET, REAL, every=3)
    trainer, callback = Trainer(), watching.lightning()
    for batch in range(7):
        callback.on_train_batch_end(trainer, None, None, None, batch)
    assert measured == [3, 6]
    assert trainer.loggers[0].kept["ganprobe/js"] == (SHOWN["ganprobe/js"], 6)
    other = watch(NET, REAL, every=1)
    other.lightning().on_train_batch_end(Trainer(first=False), None, None, None, 0)
    assert other.audits == []


def real_package(name: str) -> Any:
    return pytest.importorskip(name, reason=f"{name} is not installed")


def test_a_real_tensorboard_keeps_the_scalars(tmp_path: Path, measured: list[int]) -> None:
    real_package("tensorboard")
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(str(tmp_path)) as writer:
        watch(NET, REAL, every=2, to=[writer])(2)
    assert any(b"ganprobe/js_floor" in path.read_bytes() for path in tmp_path.iterdir())


def test_a_real_mlflow_keeps_the_scalars(tmp_path: Path, measured: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    mlflow = real_package("mlflow")
    mlflow.set_tracking_uri((tmp_path / "runs").as_uri())
    with mlflow.start_run() as run:
        watching = watch(NET, REAL, every=2, to=[mlflow])
        watching(2)
    assert watching.failures == []
    assert mlflow.get_run(run.info.run_id).data.metrics["ganprobe/js"] == SHOWN["ganprobe/js"]


def test_a_real_wandb_keeps_the_scalars_offline(
    tmp_path: Path, measured: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANDB_SILENT", "true")
    wandb = real_package("wandb")
    run = wandb.init(mode="offline", dir=str(tmp_path), project="p", settings=wandb.Settings(console="off"))
    watching = watch(NET, REAL, every=2, to=[run])
    watching(2)
    run.finish()
    assert watching.failures == []
    assert any(b"ganprobe/js_floor" in path.read_bytes() for path in tmp_path.rglob("*.wandb"))


@pytest.mark.filterwarnings("ignore")
def test_a_real_lightning_trains_on(tmp_path: Path, measured: list[int]) -> None:
    pl = real_package("lightning.pytorch")

    class Module(pl.LightningModule):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.net = torch.nn.Linear(2, 2)

        def training_step(self, batch: torch.Tensor) -> torch.Tensor:
            return self.net(batch).square().mean()

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.SGD(self.parameters(), 0.1)

    module = Module()
    watching: Watch = watch(module.net, REAL, every=2)
    trainer = pl.Trainer(
        max_steps=5, callbacks=[watching.lightning()], logger=False, accelerator="cpu", barebones=False,
        enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False, default_root_dir=tmp_path,
    )  # fmt: skip
    trainer.fit(module, torch.utils.data.DataLoader(torch.ones(40, 2), batch_size=4))  # type: ignore[arg-type]
    assert measured == [2, 4]
    assert watching.failures == []
