"""The family of formats: one is one file and one word, and a toy put into the registry is described and loaded."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType

import pytest
import torch

from ganprobe.errors import InputError
from ganprobe.inputs import checkpoints, inspection
from ganprobe.inputs.checkpoints import MEMBERS
from ganprobe.plan import Loading

TOY = """
import json


def claims(path):
    return path.read_bytes()[:4] == b"TOY!"


def describe(path):
    from ganprobe.inputs.checkpoints import Content
    from ganprobe.inputs.described import TensorInfo

    tensors = json.loads(path.read_bytes()[4:])
    return Content("a toy", {name: TensorInfo((len(rows), len(rows[0])), "float32") for name, rows in tensors.items()})


def load(path, options):
    import torch
    from ganprobe.inputs.checkpoints._assembly import assemble

    tensors = {name: torch.tensor(rows) for name, rows in json.loads(path.read_bytes()[4:]).items()}
    return assemble(path, "toy", tensors, options)
"""


def test_a_format_is_one_file_and_one_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "g.toy"
    path.write_bytes(b"TOY!" + json.dumps({"weight": torch.ones(3, 2).tolist()}).encode())
    (tmp_path / "net.py").write_text("from torch import nn\ndef G():\n    return nn.Linear(2, 3, bias=False)\n")
    options = Loading(model=f"{tmp_path / 'net.py'}:G")
    with pytest.raises(InputError, match="not a checkpoint in a format"):
        checkpoints.load(path, options)
    toy = ModuleType("ganprobe.inputs.checkpoints.toy")
    exec(TOY, vars(toy))
    monkeypatch.setitem(sys.modules, toy.__name__, toy)
    monkeypatch.setattr(MEMBERS, "names", (*MEMBERS.names, "toy"))
    assert checkpoints.load(path, options).shape == (3,)
    found = inspection.look(path)
    assert (found.container, [t.shape for t in found.tensors]) == ("a toy", [(3, 2)])
    assert checkpoints.trust_statement(path) is None
    path.write_bytes(b"TOY!{")
    with pytest.raises(InputError, match="cannot be read"):
        inspection.look(path)
