"""What a finished run says in a terminal.

>>> print(told({"outcome": "finished", "step": 3, "max_steps": 3, "losses": {}, "model_folder": "m", "serve": None}))
finished at step 3 of 3
the model: m
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

_OUTCOMES = {"finished": "finished", "stopped_early": "stopped early, for nothing got better,"}


def told(result: Mapping[str, Any]) -> str:
    """The result of `train_run` as text; a few words where another machine holds it."""
    if not result:
        return "done; the main machine holds the result"
    outcome = _OUTCOMES.get(result["outcome"], result["outcome"])
    lines = [f"{outcome} at step {result['step']:,} of {result['max_steps']:,}{_time(result)}"]
    lines += [_loss(name, span) for name, span in result["losses"].items()]
    if "best_step" in result:
        lines.append(f"kept: the best model, of step {result['best_step']:,}")
    if "trainable_parameters" in result:
        share = result["trainable_parameters"] / max(1, result["all_parameters"])
        lines.append(
            f"trained {result['trainable_parameters']:,} of {result['all_parameters']:,} parameters ({share:.1%})"
        )
    lines.append(f"the model: {result['model_folder']}")
    if result.get("merged_folder"):
        lines.append(f"merged: {result['merged_folder']}")
    if result.get("is_new"):
        lines.append(f"report: {Path(result['model_folder']).parent / 'report.html'}")
    if result.get("serve"):
        lines.append(f"serve it: {result['serve']}")
    return "\n".join(lines)


def _time(result: Mapping[str, Any]) -> str:
    if not result.get("is_new"):
        return ""
    speed = result.get("tokens_per_second")
    return f" in {result['seconds']:,.0f} s" + (f", {speed:,.0f} tokens/s" if speed else "")


def _loss(name: str, span: Mapping[str, Any]) -> str:
    least = f", least {span['least']:.4f} at step {span['least_step']:,}" if span["least"] < span["last"] else ""
    of = f" ({span['n_rows']:,} row{'' if span['n_rows'] == 1 else 's'})" if "n_rows" in span else ""
    return f"loss, {name}{of}: {span['first']:.4f} → {span['last']:.4f}{least}"
