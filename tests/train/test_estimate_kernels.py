"""Traces that share their kernels and their layers give what traces without it give, to the byte."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from tunesmith.train import estimate_kernels, estimate_program  # noqa: E402
from tunesmith.train import estimate_model as models  # noqa: E402
from tunesmith.train.estimate_types import Load  # noqa: E402

TINY: dict[str, Any] = {
    "model_type": "qwen2",
    "vocab_size": 512,
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 6,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
}
META: dict[str, Any] = {"device": "meta"}


@pytest.mark.parametrize(
    "load",
    [
        Load(method="full", batch=2, accumulation=2),
        Load(method="freeze", batch=1),
        Load(method="lora", batch=2, checkpointing=False, padded=True, dora=True),
        Load(method="qlora", bits=8, batch=2, packing=False, padded=False),
    ],
    ids=lambda load: load.method,
)
def test_one_trace_of_a_longer_model_tells_what_all_its_traces_tell(load: Load) -> None:
    config = models.read_config(TINY)

    def passes(n_layers: int) -> Any:
        return estimate_program._passes(built(n_layers), load)

    def built(n_layers: int) -> Any:
        return models.build(models.shortened(config, n_layers), load, name="tiny")

    n_layers = 4 if load.method == "freeze" else 2
    found = estimate_program._lengthened(passes(n_layers), built(n_layers + 1), load)
    assert found is not None
    held = estimate_program.CATEGORIES.index("held")
    for one, whole in zip(found, passes(n_layers + 1), strict=True):
        assert (one.changes == whole.changes).all()
        assert (one.category == whole.category).all()
        assert (one.live == whole.live)[:, [at for at in range(len(one.live[0])) if at != held]].all()


def test_a_kernel_that_was_asked_before_makes_new_tensors_of_the_same_kind() -> None:
    given = torch.empty((2, 3, 4), dtype=torch.bfloat16, device="meta").transpose(0, 2)
    for func, args, kwargs in (
        (torch.ops.aten.mul.Tensor, (given, 2.0), {}),
        (torch.ops.aten.clone.default, (given,), {}),
        (torch.ops.aten._to_copy.default, (given,), {"dtype": torch.float32}),
        (torch.ops.aten.native_layer_norm.default, (given, [2], None, None, 1e-6), {}),
    ):
        first, second = (estimate_kernels.run_kernel(func, args, kwargs) for _ in range(2))
        pairs = zip(first, second, strict=True) if isinstance(first, tuple) else [(first, second)]
        for one, other in pairs:
            assert (one.shape, one.stride(), one.dtype) == (other.shape, other.stride(), other.dtype)
            assert one.untyped_storage().nbytes() == other.untyped_storage().nbytes()
            assert one.untyped_storage()._cdata != other.untyped_storage()._cdata


def test_a_number_of_another_type_is_another_question() -> None:
    given = torch.empty(3, dtype=torch.int64, **META)
    kinds = [estimate_kernels.run_kernel(torch.ops.aten.mul.Tensor, (given, by), {}).dtype for by in (2, 2.0, 2)]
    assert kinds == [torch.int64, torch.float32, torch.int64]


def test_views_and_what_is_written_in_place_share_their_storage() -> None:
    given = torch.empty(4, **META)
    for func, args in ((torch.ops.aten.view.default, (given, [2, 2])), (torch.ops.aten.add_.Tensor, (given, given))):
        for _ in range(2):
            made = estimate_kernels.run_kernel(func, args, {})
            assert made.untyped_storage()._cdata == given.untyped_storage()._cdata
