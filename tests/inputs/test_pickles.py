"""Pickles read as descriptions: the same structure as Python's own, and nothing of it called."""

from __future__ import annotations

import collections
import contextlib
import os
import pickle
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ganprobe.inputs import described, pickles
from ganprobe.inputs.described import Built, TensorInfo

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
    max_leaves=20,
)


@settings(max_examples=150)
@given(value=PLAIN, protocol=st.integers(3, 5))
def test_plain_values_come_out_as_they_went_in(value: Any, protocol: int) -> None:
    reading = pickles.read(pickle.dumps(value, protocol))
    assert reading.values == (value,)
    assert not reading.names


class Payload:
    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.target}",)


@pytest.mark.parametrize("protocol", range(6))
def test_a_call_is_described_and_not_made(tmp_path: Path, protocol: int) -> None:
    content = pickle.dumps({"x": Payload(tmp_path / "fired")}, protocol)
    reading = pickles.read(content)
    assert list(reading.calls) == ["posix.system"]
    assert reading.calls["posix.system"].arguments == (f"touch {tmp_path / 'fired'}",)
    assert isinstance(reading.values[0]["x"], Built)
    assert not (tmp_path / "fired").exists()
    pickle.loads(content)  # the control
    assert (tmp_path / "fired").exists()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"cos\nsystem\n(S'ls'\ntR.", "os.system"),
        (b"(S'ls'\nios\nsystem\n.", "os.system"),
        (b"(cos\nsystem\nS'ls'\no.", "os.system"),
        (b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02ls\x85R.", "os.system"),
        (b"\x80\x04]\x8c\x06system\x93)R.", "a computed name"),
        (b"\x82\x01)R.", "an extension (1)"),
    ],
)
def test_every_way_to_name_a_function_is_seen(content: bytes, name: str) -> None:
    reading = pickles.read(content)
    assert reading.names == {name}
    assert list(reading.calls) == [name]


@pytest.mark.parametrize("content", [b"", b"\x80\x02", b".", b"h\x01.", b"R.", b"\x80\x02}q", b"t.", b"\xff.", b"(1.0"])
def test_what_is_no_pickle_is_a_value_error(content: bytes) -> None:
    with pytest.raises(ValueError):
        pickles.read(content)


@settings(max_examples=200)
@given(at=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_any_flipped_byte_ends(at: int, byte: int) -> None:
    content = bytearray(MODULE)
    content[at % len(content)] = byte
    with contextlib.suppress(ValueError):
        pickles.read(bytes(content))


def test_too_many_steps_are_refused() -> None:
    with pytest.raises(ValueError, match="too many"):
        pickles.read(b"(" + b"N0" * 1_100_000 + b"t.")


def saved(content: object) -> bytes:
    buffer = BytesIO()
    torch.save(content, buffer)
    with zipfile.ZipFile(buffer) as archive:
        return archive.read("archive/data.pkl")


NETWORK = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Sequential(torch.nn.BatchNorm1d(3), torch.nn.Tanh()))
MODULE = saved(NETWORK)


def test_tensors_are_described_as_torch_has_them() -> None:
    content: dict[str, Any] = {name: torch.zeros(2, 3, dtype=dtype) for name, dtype in DTYPES.items()}
    content["scalar"], content["part"] = torch.tensor(1.0), torch.zeros(10)[2:5]
    content["lie"] = torch.zeros(1).expand(1000)
    content["nested"] = collections.OrderedDict(a=torch.nn.Parameter(torch.zeros(5)))
    value = pickles.read(saved(content)).values[0]
    for name in DTYPES:
        assert (value[name].shape, value[name].dtype) == ((2, 3), name)
        assert value[name].claimed == value[name].stored == content[name].numel() * content[name].element_size()
    assert value["scalar"].shape == ()
    assert value["part"].stored == 40
    assert value["lie"].claimed > value["lie"].stored
    assert value["nested"]["a"].shape == (5,)


DTYPES = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in (torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.uint8, torch.bool)
}


def test_the_tensors_of_a_whole_network_have_the_names_of_its_state_dict() -> None:
    built = pickles.read(MODULE).values[0]
    assert built.name == "torch.nn.modules.container.Sequential"
    found = described.tensors_of(built)
    assert {name: info.shape for name, info in found.items()} == {
        name: tuple(tensor.shape) for name, tensor in NETWORK.state_dict().items()
    }
    assert all(isinstance(info, TensorInfo) for info in found.values())
