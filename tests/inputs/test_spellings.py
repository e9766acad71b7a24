"""The names of one tensor, as wrappers, torch's two norms and averagers spell them."""

from __future__ import annotations

import pytest

from ganprobe.inputs.spellings import respelled


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("_fsdp_wrapped_module.a._fsdp_wrapped_module.weight", "a.weight"),
        ("a._checkpoint_wrapped_module._orig_mod.weight", "a.weight"),
        ("a.weight", "_orig_mod.a.weight"),
        ("a.weight_g", "a.parametrizations.weight.original0"),
        ("a.weight_v", "a.parametrizations.weight.original1"),
        ("weight_orig", "parametrizations.weight.original"),
        ("a.weight_u", "a.parametrizations.weight.0._u"),
        ("a.parametrizations.weight.original1", "a.weight_v"),
        ("a.parametrizations.weight.0._v", "a.weight_v"),
        ("a.parametrizations.weight.original", "a.weight_orig"),
        ("netaweight", "net.a.weight"),
    ],
)
def test_another_spelling_is_found(name: str, wanted: str) -> None:
    assert respelled({name: 1}, {wanted: None}) == {wanted: 1}


def test_what_is_no_other_spelling_keeps_its_name() -> None:
    assert respelled({"b.weight": 1, "a.weight": 2}, {"a.weight": None}) == {"a.weight": 2, "b.weight": 1}
    assert respelled({"aweight": 1, "decay": 2, "num_updates": 3}, {"a.weight": None}) == {"a.weight": 1}
