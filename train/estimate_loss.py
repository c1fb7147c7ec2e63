"""The chunked head of TRL's trainers, as a stand-in: which tensors it makes, not what stands in them.

It projects a tile of tokens onto a tile of the vocabulary at a time, so that the logits are never whole; its
gradients are summed in float32 (trl 1.16, `trainer/utils.py` and `kernels/chunked_logprob.py`).
"""

from __future__ import annotations

from typing import Any

import torch

from tunesmith.train.estimate_layers import TILE_COLUMNS, like

_STATISTICS = 7  # float32 a token while tiles are folded


class ChunkedHead(torch.autograd.Function):
    """`(n_rows, hidden)` to a float32 a row, through tiles.

    :param tiles: called with each tensor whose rows are those of one tile.
    """

    @staticmethod
    def forward(ctx: Any, hidden: Any, weight: Any, kind: torch.dtype, device: str, tiles: Any) -> Any:
        rows = hidden.shape[0]
        held = [like(hidden, rows, dtype=torch.float32) for _ in range(_STATISTICS)]
        tile = _tile(hidden, weight, kind, tiles)
        _project(hidden, weight, kind)
        if device == "cpu":
            _fold(tile, tiles, kind)
        log_z, entropy = (like(hidden, rows, dtype=torch.float32) for _ in range(2))
        out, top = like(hidden, rows, dtype=torch.float32), like(hidden, rows, dtype=torch.bool)
        targets = like(hidden, rows, dtype=torch.int64)
        ctx.save_for_backward(hidden, weight, targets, log_z, entropy)
        ctx.kind, ctx.traced_device, ctx.tiles = kind, device, tiles
        del held, tile, top
        return out

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        hidden, weight, *_ = ctx.saved_tensors
        to_hidden = like(hidden, *hidden.shape, dtype=torch.float32)
        to_weight = like(weight, *weight.shape, dtype=torch.float32) if ctx.needs_input_grad[1] else None
        tile = _tile(hidden, weight, ctx.kind, ctx.tiles)
        part = _part(weight, ctx.kind)
        rows = hidden.to(ctx.kind)
        if ctx.traced_device == "cpu":
            _unfold(tile, part, rows, ctx)
        del tile, part, rows
        to_hidden = to_hidden.to(hidden.dtype)
        return to_hidden, None if to_weight is None else to_weight.to(weight.dtype), None, None, None


def chunked_loss(hidden: Any, weight: Any, kind: torch.dtype, device: str, tiles: Any) -> Any:
    """The loss of the last hidden states `(batch, length, hidden)`."""
    rows = hidden[:, :-1].reshape(-1, hidden.shape[-1])
    if device == "cuda":  # only tokens with a label are picked
        rows = rows[torch.empty(rows.shape[0], dtype=torch.int64, device="meta")]
    return ChunkedHead.apply(rows, weight, kind, device, tiles).sum()  # type: ignore[no-untyped-call]


def _tile(hidden: Any, weight: Any, kind: torch.dtype, tiles: Any) -> Any:
    made = like(hidden, hidden.shape[0], TILE_COLUMNS, dtype=kind)
    tiles(made)
    return made[:, : weight.shape[0]]


def _part(weight: Any, kind: torch.dtype) -> Any:
    """A tile of the head's weights in the dtype of the product: a copy where they have another."""
    part = weight[:TILE_COLUMNS]
    return part if part.dtype == kind else part.to(kind)


def _project(hidden: Any, weight: Any, kind: torch.dtype) -> None:
    made = (hidden.to(kind), _part(weight, kind))
    del made


def _fold(tile: Any, tiles: Any, kind: torch.dtype) -> None:
    """Without Triton the statistics of a tile take whole float32 copies of it."""

    def marked(tensor: Any) -> Any:
        tiles(tensor)
        return tensor

    whole = marked(like(tile, *tile.shape, dtype=torch.float32))
    before = marked(like(tile, *tile.shape, dtype=torch.bool))
    turned = marked(like(tile, *tile.shape, dtype=torch.bool))
    filled = marked(like(tile, *tile.shape, dtype=torch.float32))
    del before, turned, filled
    shifted = marked(like(tile, *tile.shape, dtype=torch.float32))
    raised = marked(like(tile, *tile.shape, dtype=torch.float32))
    del shifted
    product = marked(like(tile, *tile.shape, dtype=torch.float32))
    del whole, raised, product


def _unfold(tile: Any, part: Any, rows: Any, ctx: Any) -> None:
    shape, kind = tile.shape, torch.float32

    def made() -> Any:
        tensor = like(tile, *shape, dtype=kind)
        ctx.tiles(tensor)
        return tensor

    held = [made() for _ in range(5)]  # y, z, log p, p, gradient
    more = [made() for _ in range(2)]  # where the target stands, and its distance from p
    del more
    scaled = made()
    del held, scaled
    copies = [like(tile, *shape, dtype=kind), like(part, *part.shape, dtype=kind)] if tile.dtype != kind else []
    if copies:
        ctx.tiles(copies[0])
    del copies
