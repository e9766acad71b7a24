"""What is in a checkpoint, what it would take to sample from it, and the command to run; executes nothing."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ganprobe.cli._show import command_line, debug_option, emit
from ganprobe.errors import UsageError
from ganprobe.record.cells import Column, Table
from ganprobe.show.escapes import safe
from ganprobe.show.reports import Style
from ganprobe.store import archive

if TYPE_CHECKING:
    from ganprobe.inputs.inspection.records import Inspection

_MOST_ROWS = 12
_MOST_TENSORS = 14


@click.command("inspect")
@click.argument("checkpoint", metavar="CKPT", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One object for programs.")
@click.option(
    "--write-model",
    "model",
    type=click.Path(path_type=Path),
    metavar="FILE.py",
    help="Write a guess at the network, for you to check.",
)
@debug_option
def command(checkpoint: Path, as_json: bool, model: Path | None) -> None:
    """Show what a checkpoint holds and the ganprobe js command to run on it.

    Nothing in the file is executed, and the network's class is not needed. What a pickle would call is listed. Where
    the class is lost, and the weights look like a plain stack of layers, --write-model writes a network that they fit.
    """
    from ganprobe.inputs import inspection

    found = inspection.look(checkpoint)
    if model is not None:
        found = _with_model(found, model, inspection.rebuild(found))
    if as_json:
        record = {"schema": inspection.SCHEMA, **dataclasses.asdict(found)}
        emit(lambda style: json.dumps(record, allow_nan=False) + "\n", None)
    else:
        emit(lambda style: _page(found, style), None)


def _with_model(found: Inspection, model: Path, source: str) -> Inspection:
    """The guess written down, and the command that uses it."""
    if model.exists() or model.suffix != ".py":
        raise UsageError(f"{model} exists, or does not end in .py; nothing is overwritten", "name a new file")
    archive.check_writable(model)
    archive.write(model, source)
    words = list(found.command)
    if "-m" in words:
        at = words.index("-m")
        words[at : at + 2] = ["-m", f"{model}:Generator"]
    note = f"{model} is a guess: read it, correct what is assumed in it, and compare its samples with known ones"
    return dataclasses.replace(found, command=tuple(words), notes=(*found.notes, note))


def _page(found: Inspection, style: Style) -> str:
    from ganprobe.show.reports import terminal

    tables = [table for table in _tables(found) if table.rows]
    page = terminal.lay_out(tables, style)
    if not found.command:
        return f"{page}\nNot to be loaded: ask its author for model.state_dict() or safetensors.\n"
    command = command_line(tuple(map(safe, found.command)))
    return f"{page}\nTo run, with your own DATA in its place:\n\n{command}\n"


def _tables(found: Inspection) -> Iterator[Table]:
    facts = {
        "container": found.container,
        "bytes": found.size,
        "sha256": found.sha256 and found.sha256[:16],
        "step": found.step,
        "loading it": f"{found.runs_code}; refused without --trust-checkpoint" if found.runs_code else "runs no code",
        "latent, a guess": found.latent,
        "output, a guess": found.output,
        "labels, a guess": found.labels,
    }
    rows = tuple((name, str(value)) for name, value in facts.items() if value is not None)
    yield Table("file", found.path, (Column("what"), Column("found")), rows)
    entries = _thinned([(entry.name, entry.what) for entry in found.entries], _MOST_ROWS)
    if len(found.states) != 1 or found.states[0].key:
        yield Table("entries", "At its top", (Column("name"), Column("what")), entries)
    yield _states(found)
    tensors = _thinned([(t.name, "x".join(map(str, t.shape)) or "1", t.dtype) for t in found.tensors], _MOST_TENSORS)
    title = f"Tensors of {found.chosen}" if found.chosen else "Tensors"
    yield Table("tensors", title, (Column("name"), Column("shape"), Column("type")), tensors)
    calls = _thinned([(call.name, str(call.times), call.arguments, call.judgement) for call in found.calls], _MOST_ROWS)
    columns = (Column("name"), Column("times"), Column("first with"), Column("judgement"))
    yield Table("calls", "What its own loader would call", columns, calls)
    settings = _thinned([(entry.name, entry.what) for entry in found.settings], _MOST_ROWS)
    yield Table("settings", "Settings in it", (Column("name"), Column("value")), settings)
    networks = _thinned([(name,) for name in found.networks], _MOST_ROWS)
    yield Table("networks", "Networks in files beside it, likeliest first", (Column("-m"),), networks)
    yield Table("notes", "Notes", (Column("note"),), tuple((note,) for note in found.notes), "notes")


def _states(found: Inspection) -> Table:
    columns = (
        Column("key"),
        Column("prefix"),
        Column("tensors", "count"),
        Column("parameters", "count"),
        Column("types"),
        Column("what"),
    )
    rows = [
        (s.key or "(the file)", s.prefix, s.tensors, s.parameters, ", ".join(s.dtypes), s.what) for s in found.states
    ]
    return Table("states", "State dicts", columns, tuple(rows[:_MOST_ROWS]))


def _thinned(rows: Sequence[tuple[str, ...]], most: int) -> tuple[tuple[str, ...], ...]:
    """The first and the last rows, with a row between them that counts the others."""
    if len(rows) <= most:
        return tuple(rows)
    gap = (f"... {len(rows) - most + 1} more", *[""] * (len(rows[0]) - 1))
    return (*rows[: most - 4], gap, *rows[-3:])
