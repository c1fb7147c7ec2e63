"""The curves of a run as PNG and SVG, from its `log.jsonl`.

>>> draw_losses(RunPaths(Path("runs/medical")), language="zh")  # doctest: +SKIP
[PosixPath('runs/medical/loss.png'), PosixPath('runs/medical/loss.svg')]

Chinese letters in the PNG come from a font of the machine (Noto Sans CJK, PingFang, YaHei …). Where there is none the
words of the PNG are English, never empty boxes; the SVG is drawn by who looks at it and stays as asked for.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from tunesmith.curate.io import write_bytes
from tunesmith.train.loss_curves import Curves, read_curves
from tunesmith.train.loss_spec import FONTS, loss_spec, numbered
from tunesmith.train.types import Language, RunPaths

PNG, SVG = "loss.png", "loss.svg"
_PROBES = ("损失", "学习")  # two texts of the same width, whose pictures differ where their letters are drawn


def draw_losses(paths: RunPaths, *, language: Language = "en") -> list[Path]:
    """Write `loss.png` and `loss.svg` beside the log; an empty list where nothing was logged.

    :raises InputError: for a log that cannot be read.
    """
    curves = read_curves(paths.out)
    if curves.is_empty:
        return []
    png, svg = paths.out / PNG, paths.out / SVG
    write_bytes(png, _png(curves, language))
    write_bytes(svg, _svg(curves, language))
    return [png, svg]


def _png(curves: Curves, language: Language) -> bytes:
    import vl_convert

    drawn = language if language == "en" or has_chinese() else "en"
    made: bytes = vl_convert.vegalite_to_png(loss_spec(curves, drawn), scale=2)
    return made


def _svg(curves: Curves, language: Language) -> bytes:
    import vl_convert

    made: str = vl_convert.vegalite_to_svg(loss_spec(curves, language))
    return numbered(made).encode()


@cache
def has_chinese() -> bool:
    """Whether a font of this machine has Chinese letters: without one, every letter is the same box or nothing."""
    import vl_convert

    first, second = (bytes(vl_convert.vegalite_to_png(_probe(text))) for text in _PROBES)
    return first != second


def _probe(text: str) -> dict[str, Any]:
    mark = {"type": "text", "fontSize": 24, "font": FONTS["zh"]}
    encoding = {"text": {"value": text}}
    return {"width": 60, "height": 40, "data": {"values": [{}]}, "mark": mark, "encoding": encoding}
