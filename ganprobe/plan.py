"""From options and TOML to a Plan: what a run was asked to do.

Precedence, weakest first: the defaults of each member's ``Settings`` at the chosen budget, ``ganprobe.toml`` (or
``[tool.ganprobe]`` of ``pyproject.toml``) in the working directory, options of the command line, ``--set``. This is the
only reader of TOML. Trusting a checkpoint is never read from a file: it is said anew for each run.
"""

from __future__ import annotations

import dataclasses
import math
import tomllib
import types
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

from ganprobe.errors import UsageError
from ganprobe.family import did_you_mean
from ganprobe.record.parts import MEASURED

Budget = Literal["fast", "standard", "thorough"]
Law = Literal["normal", "uniform", "uniform01", "sphere"]
BUDGETS: tuple[Budget, ...] = ("fast", "standard", "thorough")
# What compare ranks checkpoints by; "auto": JS, unless it is at its ceiling throughout.
Select = Literal["js", "area", "auto"]
Setting = str | int | float | bool
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Loading:
    """How a generator is made of a file. None means: decided from the file."""

    model: str | None = None
    model_args: dict[str, Setting] = field(default_factory=dict)
    key: str | None = None
    ema: Literal["auto", "on", "off"] = "auto"
    mode: Literal["eval", "train"] = "eval"
    z_dim: str | None = None
    z_dist: Law = "normal"
    num_classes: int | None = None
    call: str | None = None
    output_name: str | None = None
    trust_checkpoint: bool = False
    device: str = "cpu"

    def words(self) -> tuple[str, ...]:
        """As options of the command line, those that are not at their defaults; of a plan those of sampling too."""
        words: list[str] = []
        for each in dataclasses.fields(Sampling if isinstance(self, Sampling) else Loading):
            value = getattr(self, each.name)
            if each.name == "device" or value == ({} if each.name == "model_args" else each.default):
                continue
            option = {"model": "-m", "output_name": "--output"}.get(each.name, f"--{each.name.replace('_', '-')}")
            if isinstance(value, dict):
                value = ",".join(f"{name}={setting}" for name, setting in value.items())
            words += [option] if value is True else [option, str(value)]
        return tuple(words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling(Loading):
    """What of both sides is compared, and in which units. None means: decided from the inputs."""

    labels: str = "data"
    range: Literal["auto", "-1,1", "0,1", "0,255", "none"] = "auto"
    quantise: Literal["auto", "off"] = "auto"
    group: str | None = None
    axes: str = "auto"
    ignore: tuple[str, ...] = ()
    sequence_key: str | None = None
    child: str | None = None
    num_real: int | None = None
    num_fake: int | None = None
    train_data: str | None = None


@dataclass(frozen=True, slots=True)
class Plan(Sampling):
    """Everything a run was asked to do; two equal plans on equal inputs give equal numbers.

    `Loading` and `Sampling` say what is compared, the fields here what is measured of it: ``parts`` is what the command
    reads; only that, and what it rests on, is measured. ``settings`` maps dotted names (``probes.mlp.width``) to
    values. ``probes`` are names, or code of your own as ``file.py:fn``. JS and gradients are measured under noise of
    each of ``sigmas``. The probes are tried on the checkpoints ``neighbours`` too, and how they do there says nothing
    about ``checkpoint``. ``series``: it is one of several, and what must be the same for all is decided from the reals
    alone. None, and no sigma, mean: decided from the inputs.
    """

    checkpoint: str
    data: str
    device: str = field(default="auto", kw_only=True)
    budget: Budget = "standard"
    seed: int = 0
    threads: int | None = None
    probes: tuple[str, ...] = ()
    settings: dict[str, Setting] = field(default_factory=dict)
    view: str | None = None
    features: str | None = None
    parts: tuple[str, ...] = MEASURED
    sigmas: tuple[float, ...] = ()
    per_layer: bool = False
    neighbours: tuple[str, ...] = ()
    series: bool = False

    def __post_init__(self) -> None:
        for sigma in self.sigmas:
            if not 0 < sigma < math.inf:
                raise UsageError(f"--sigma cannot be {sigma}", "above 0: --sigma 0.2")

    def as_json(self) -> dict[str, Any]:
        """The plan as a document gives it back."""
        return {name: list(v) if isinstance(v, tuple) else v for name, v in dataclasses.asdict(self).items()}

    def override(self, member: str, settings: T) -> T:
        """``settings`` (a dataclass) with what was said about ``member`` ("probes.mlp"), checked field by field."""
        types_of = typing.get_type_hints(type(settings))
        changes = {}
        for name, value in self.settings.items():
            prefix, _, setting = name.rpartition(".")
            if prefix != member:
                continue
            if setting not in types_of:
                raise UsageError(f"{member} has no setting {setting!r}", did_you_mean(setting, types_of))
            changes[setting] = _coerce(name, value, types_of[setting])
        return dataclasses.replace(settings, **changes) if changes else settings  # type: ignore[type-var]


@dataclass(frozen=True, slots=True)
class Limits:
    """What `ganprobe check` holds an audit to. JS and ``margin`` are in nats, ``min_covered`` is a share of the reals.

    ``fail_on`` names codes of findings, or a severity and all that is graver; ``never`` alone fails on none.
    """

    max_js: float | None = None
    min_covered: float | None = None
    baseline: str | None = None
    margin: float = 0.01
    fail_on: tuple[str, ...] = ("error",)


def _coerce(name: str, value: Setting, wanted: Any) -> Any:
    """``value`` as the type of its field; text from the command line is read as that type."""
    if isinstance(wanted, types.UnionType):
        if value in ("none", "None"):
            return None
        wanted = next(t for t in typing.get_args(wanted) if t is not type(None))
    if typing.get_origin(wanted) is Literal:
        choices = typing.get_args(wanted)
        if value in choices:
            return value
        raise UsageError(f"{name} cannot be {value!r}", did_you_mean(str(value), map(str, choices)))
    try:
        if wanted is bool and isinstance(value, str):
            return {"true": True, "1": True, "on": True, "false": False, "0": False, "off": False}[value.lower()]
        if wanted is int and float(value) != int(float(value)):
            raise ValueError
        return wanted(float(value)) if wanted is int else wanted(value)
    except (ValueError, KeyError, TypeError, OverflowError):
        message = f"{name} must be {wanted.__name__}, not {value!r}"
        raise UsageError(message, f"for example --set {name}={_example(wanted)}") from None


def _example(wanted: type) -> str:
    return {bool: "true", int: "64", float: "0.1"}.get(wanted, "NAME")


def parse_assignment(text: str) -> tuple[str, Setting]:
    """``probes.mlp.width=256`` as a pair; a setting without ``=`` is a `UsageError`."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise UsageError(f"{text!r} is not of the form NAME=VALUE", "for example --set probes.mlp.width=256")
    return name.strip(), value.strip()


def parse_model_args(text: str) -> dict[str, Setting]:
    """``z_dim=64,norm=batch`` as keyword arguments, numbers and true/false recognised."""
    arguments: dict[str, Setting] = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        name, value = parse_assignment(part)
        if not name.isidentifier():
            raise UsageError(f"{name!r} is not a keyword argument", "for example --model-args z_dim=64,norm=batch")
        arguments[name] = _literal(str(value))
    return arguments


def _literal(text: str) -> Setting:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


_REFUSED_IN_FILES = {"trust_checkpoint", "checkpoint", "data"}


def read_file(folder: Path) -> dict[str, Any]:
    """Options and settings that ``folder`` configures: ``ganprobe.toml``, else ``[tool.ganprobe]``, else nothing.

    Returns Plan fields by name, with ``settings`` flattened to dotted names, and fields of `Limits`, which stand under
    ``[check]``. An unknown name is a `UsageError`.
    """
    for name in ("ganprobe.toml", "pyproject.toml"):
        path = folder / name
        if not path.is_file():
            continue
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise UsageError(f"{name} cannot be read: {error}", "mend it, or run from another folder") from None
        if name == "pyproject.toml":
            table = table.get("tool", {}).get("ganprobe")
        if table is not None:
            return _options(table, name)
    return {}


def _options(table: dict[str, Any], source: str) -> dict[str, Any]:
    # The list of probes is called as its option is: in TOML the table [probes.mlp] leaves no room for a list `probes`.
    called = {"probes": "probe", "output_name": "output"}
    fields = {called.get(f.name, f.name): f.name for f in dataclasses.fields(Plan)}
    known = set(fields) - _REFUSED_IN_FILES - {"settings", "parts", "neighbours", "series"}
    options: dict[str, Any] = {}
    settings: dict[str, Setting] = {}
    for name, value in table.items():
        option = name.replace("-", "_")
        if name == "check" and isinstance(value, dict):
            options |= _limits(value, source)
        elif isinstance(value, dict) and option != "model_args":
            for member, inner in value.items():
                if not isinstance(inner, dict):
                    message = f"{source}: {name}.{member} must be a table of settings"
                    raise UsageError(message, f"for example [{name}.mlp]")
                settings.update({f"{name}.{member}.{setting}": v for setting, v in inner.items()})
        elif option in _REFUSED_IN_FILES:
            hint = "say it on the command line of the run it is for"
            raise UsageError(f"{source}: {name} cannot be set in a file", hint)
        elif option not in known:
            raise UsageError(f"{source}: unknown option {name!r}", did_you_mean(option, known))
        else:
            options[fields[option]] = tuple(value) if isinstance(value, list) else value
    return options | ({"settings": settings} if settings else {})


def _limits(table: dict[str, Any], source: str) -> dict[str, Any]:
    known = {f.name for f in dataclasses.fields(Limits)}
    limits = {}
    for name, value in table.items():
        option = name.replace("-", "_")
        if option not in known:
            raise UsageError(f"{source}: [check] knows no limit {name!r}", did_you_mean(option, known))
        limits[option] = tuple(value) if isinstance(value, list) else value
    return limits
