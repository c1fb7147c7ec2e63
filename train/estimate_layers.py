"""Stand-ins for layers whose kernels do not run without a device: each keeps and makes what the real one does.

Nothing here computes: a trace on the meta device asks only which tensors are made, how large they are, and until when
they live. What each real layer keeps was read in its source and checked by `benchmarks/memory_estimate.py`.

>>> flash = attention_for("tunesmith-flash")  # doctest: +SKIP
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

#: Rows and vocabulary of the tile that TRL's chunked head projects at once (trl 1.16, kernels/chunked_logprob.py).
TILE_ROWS, TILE_COLUMNS = 4096, 32768
#: Weights that share one constant, and constants that share one of theirs (bitsandbytes 0.50, NF4).
BLOCK, OUTER_BLOCK = 64, 256


def like(tensor: torch.Tensor, *shape: int, dtype: torch.dtype | None = None) -> torch.Tensor:
    """An empty tensor beside another."""
    return torch.empty(shape, device=tensor.device, dtype=dtype or tensor.dtype)


class FusedAttention(torch.autograd.Function):
    """Attention in one kernel: keeps query, key, value, output and a float32 a row, never the scores."""

    @staticmethod
    def forward(ctx: Any, query: Any, key: Any, value: Any, bias: Any, expands: bool) -> Any:
        batch, heads, length, _ = query.shape
        out = like(query, batch, length, heads, value.shape[-1]).transpose(1, 2)
        sums = like(query, batch, heads, length, dtype=torch.float32)
        ctx.save_for_backward(query, key, value, out, sums, bias)
        ctx.expands = expands
        return out

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        query, key, value, *_ = ctx.saved_tensors
        heads = query.shape[1]
        made = [torch.empty_like(query)]
        for one in (key, value):
            wide = like(one, one.shape[0], one.shape[2], heads, one.shape[3]) if ctx.expands else None
            made.append(like(one, one.shape[0], one.shape[2], one.shape[1], one.shape[3]).transpose(1, 2))
            del wide
        return *made, None, None


def fused_attention(
    module: Any, query: Any, key: Any, value: Any, attention_mask: Any, dropout: float = 0.0, **_: Any
) -> tuple[Any, None]:
    """As torch's attention: with a mask it repeats the keys for every head, and keeps the mask in the query's dtype."""
    if torch.is_autocast_enabled("cpu"):
        query, key, value = (one.to(torch.bfloat16) for one in (query, key, value))
    grouped = query.shape[1] != key.shape[1]
    bias = None
    if attention_mask is not None:
        if grouped:
            key, value = (_repeated(one, query.shape[1] // key.shape[1]) for one in (key, value))
            grouped = False
        bias = like(query, *attention_mask.shape)
    out = FusedAttention.apply(query, key, value, bias, grouped and module.traced_device == "cuda")  # type: ignore[no-untyped-call]
    return out.transpose(1, 2).contiguous(), None


def eager_attention(
    module: Any,
    query: Any,
    key: Any,
    value: Any,
    attention_mask: Any,
    dropout: float = 0.0,
    scaling: float | None = None,
    **_: Any,
) -> tuple[Any, Any]:
    """Plain attention, which makes the scores of every token with every other."""
    n = query.shape[1] // key.shape[1]
    key, value = _repeated(key, n), _repeated(value, n)
    weights = torch.matmul(query, key.transpose(2, 3)) * (scaling or 1.0)
    if attention_mask is not None:
        weights = weights + attention_mask
    weights = nn.functional.softmax(weights, dim=-1, dtype=torch.float32).to(query.dtype)
    weights = nn.functional.dropout(weights, p=dropout, training=module.training)
    return torch.matmul(weights, value).transpose(1, 2).contiguous(), weights


def _repeated(one: Any, n: int) -> Any:
    if n == 1:
        return one
    batch, heads, length, width = one.shape
    return one[:, :, None].expand(batch, heads, n, length, width).reshape(batch, heads * n, length, width)


class KeptMask(torch.autograd.Function):
    """Dropout of a GPU: one kernel that keeps a byte a value."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(like(x, *x.shape, dtype=torch.bool))
        return torch.empty_like(x)

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        return torch.empty_like(grads[0])


class Dropout(nn.Module):
    """Dropout as the device has it."""

    def __init__(self, share: float, device: str) -> None:
        super().__init__()
        self.share, self.traced_device = share, device

    def forward(self, x: Any) -> Any:
        if not self.share:
            return x
        if self.traced_device == "cuda":
            return KeptMask.apply(x)  # type: ignore[no-untyped-call]
        return nn.functional.dropout(x, self.share, training=True)


class Quantised(torch.autograd.Function):
    """A product with weights that are unpacked for it, and again for its gradient; 8 bits keep their input too."""

    @staticmethod
    def forward(ctx: Any, x: Any, shape: tuple[int, int], bias: Any, keeps: bool) -> Any:
        ctx.shape, ctx.has_bias = shape, bias is not None
        ctx.save_for_backward(x if keeps else None)
        if keeps:  # the input in 8 bits and the product of integers
            packed, whole = like(x, *x.shape, dtype=torch.int8), like(x, *x.shape[:-1], shape[0], dtype=torch.int32)
        else:
            packed, whole = like(x, *shape), None
        out = like(x, *x.shape[:-1], shape[0])
        del packed, whole
        return out

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        (grad,) = grads
        unpacked = like(grad, *ctx.shape)
        out = like(grad, *grad.shape[:-1], ctx.shape[1])
        del unpacked
        return out, None, None, None


class QuantisedLinear(nn.Module):
    """A linear layer in 4 bits (NF4) or 8 with its constants."""

    def __init__(self, layer: nn.Linear, bits: int, double: bool) -> None:
        super().__init__()
        self.shape, self.bits = (layer.out_features, layer.in_features), bits
        self.in_features, self.out_features, self.bias = layer.in_features, layer.out_features, layer.bias
        for name, size, dtype in packed_sizes(self.shape, bits, double):
            held = nn.Parameter(torch.empty(size, dtype=dtype, device="meta"), requires_grad=False)
            self.register_parameter(name, held)

    def forward(self, x: Any) -> Any:
        kind = x.dtype
        if self.bits == 4 or torch.is_autocast_enabled("cpu"):
            x = x.to(torch.bfloat16)
        return Quantised.apply(x, self.shape, self.bias, self.bits == 8).to(kind)  # type: ignore[no-untyped-call]


def packed_sizes(shape: tuple[int, int], bits: int, double: bool) -> list[tuple[str, int, torch.dtype]]:
    """What bitsandbytes stores for a weight: name, number, dtype."""
    n = shape[0] * shape[1]
    if bits == 8:
        return [("packed", n, torch.int8), ("scales", shape[0], torch.float32)]
    blocks = -(-n // BLOCK)
    found = [("packed", (n + 1) // 2, torch.uint8), ("code", 16, torch.float32)]
    if not double:
        return [*found, ("scales", blocks, torch.float32)]
    outer = -(-blocks // OUTER_BLOCK)
    return [
        *found,
        ("scales", blocks, torch.uint8),
        ("outer", outer, torch.float32),
        ("outer_code", 256, torch.float32),
    ]


class Adapted(nn.Module):
    """A linear layer with LoRA beside it, as PEFT computes it: the input is first cast to the adapter's dtype."""

    def __init__(
        self, layer: Any, rank: int, *, dropout: float, dora: bool, dtype: torch.dtype, device: str, has_cast: bool
    ) -> None:
        super().__init__()
        self.base_layer, self.has_cast = layer, has_cast
        kind: dict[str, Any] = {"bias": False, "device": "meta", "dtype": dtype}
        self.lora_A = nn.Linear(layer.in_features, rank, **kind)
        self.lora_B = nn.Linear(rank, layer.out_features, **kind)
        self.lora_dropout = Dropout(dropout, device)
        self.magnitude = (
            nn.Parameter(torch.empty(layer.out_features, device="meta", dtype=torch.float32)) if dora else None
        )

    def forward(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        result = self.base_layer(x, *args, **kwargs)
        kind = result.dtype
        if self.has_cast or not torch.is_autocast_enabled("cpu"):
            x = x.to(self.lora_A.weight.dtype)
        x = self.lora_dropout(x)
        if self.magnitude is None:
            return (result + self.lora_B(self.lora_A(x)) * 2.0).to(kind)
        return (result + self._turned(x, result, self.magnitude)).to(kind)

    def _turned(self, x: Any, result: Any, magnitude: Any) -> Any:
        """DoRA: the norm of every row of the whole weight, then both results scaled by it."""
        eye = torch.eye(self.lora_A.weight.shape[1], device="meta", dtype=self.lora_A.weight.dtype)
        change = self.lora_B(self.lora_A(eye)).T.to(x.dtype)
        weight = like(x, self.base_layer.out_features, self.base_layer.in_features)
        with torch.no_grad():
            norm = torch.linalg.norm(weight + 2.0 * change.detach(), dim=1).to(weight.dtype)
        del weight
        scale = (magnitude / norm).view(1, -1)
        if self.base_layer.bias is not None:
            result = result - self.base_layer.bias
        return (scale - 1) * result + scale * self.lora_B(self.lora_A(x)) * 2.0


class GroupedProduct(torch.autograd.Function):
    """The products of a mixture of experts in one kernel: `(rows, k)` with `(experts, k, n)`."""

    @staticmethod
    def forward(ctx: Any, rows: Any, weights: Any) -> Any:
        ctx.save_for_backward(rows, weights)
        return like(rows, rows.shape[0], weights.shape[-1])

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        rows, weights = ctx.saved_tensors
        to_rows = torch.empty_like(rows) if ctx.needs_input_grad[0] else None
        return to_rows, torch.empty_like(weights) if ctx.needs_input_grad[1] else None


class FusedNorm(torch.autograd.Function):
    """Liger's RMSNorm: keeps its input and a float32 a row; its gradient is written over the incoming one."""

    @staticmethod
    def forward(ctx: Any, x: Any, weight: Any) -> Any:
        ctx.save_for_backward(x, weight, like(x, *x.shape[:-1], dtype=torch.float32))
        return torch.empty_like(x)

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        (grad,) = grads
        weight = ctx.saved_tensors[1]
        return grad, torch.empty_like(weight) if ctx.needs_input_grad[1] else None


class FusedGate(torch.autograd.Function):
    """Liger's SwiGLU: keeps gate and value, and writes both gradients over them."""

    @staticmethod
    def forward(ctx: Any, gate: Any, value: Any) -> Any:
        ctx.save_for_backward(gate, value)
        return torch.empty_like(gate)

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        return ctx.saved_tensors


class LigerNorm(nn.Module):
    def __init__(self, weight: nn.Parameter) -> None:
        super().__init__()
        self.weight = weight

    def forward(self, x: Any) -> Any:
        return FusedNorm.apply(x, self.weight)  # type: ignore[no-untyped-call]


class LigerGate(nn.Module):
    def __init__(self, block: Any) -> None:
        super().__init__()
        self.gate_proj, self.up_proj, self.down_proj = block.gate_proj, block.up_proj, block.down_proj

    def forward(self, x: Any) -> Any:
        return self.down_proj(FusedGate.apply(self.gate_proj(x), self.up_proj(x)))  # type: ignore[no-untyped-call]
