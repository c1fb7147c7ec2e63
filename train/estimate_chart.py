"""The estimate as a bar chart: SVG, PNG, or a page with the chart, its figures and the rules of thumb.

>>> spec(found, "en")["data"]["values"][0]  # doctest: +SKIP
{'part': 'weights', 'gib': 14.19, 'text': '14.2 GiB', 'kind': 'held'}
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from tunesmith.curate.io import write_bytes
from tunesmith.errors import InputError
from tunesmith.train.estimate_fit import Cell
from tunesmith.train.estimate_text import cell_text, change_line, rule_lines, summary_lines
from tunesmith.train.estimate_types import GIB, Change, Estimate, gibibytes
from tunesmith.train.estimate_words import PART_WORDS, WORDS
from tunesmith.train.loss_plot import has_chinese
from tunesmith.train.loss_spec import FONTS
from tunesmith.train.types import Language

_WIDTH, _ROW = 420, 26
_LEAST = 2000  # parts below this share of the whole are left out of the chart, not of the figures
_COLOURS = {"held": "#2f6f8f", "step": "#d08a2e", "device": "#8a8f98"}
_HELD = ("weights", "adapter", "reference", "optimizer", "gradients")
_DEVICE = ("context", "fragmentation", "shards")
_STYLE = """body{font:15px/1.5 system-ui,"Noto Sans CJK SC","PingFang SC",sans-serif;max-width:54rem;margin:2rem auto;
padding:0 1rem;color:#1d2530;background:#fff}svg{max-width:100%;height:auto;margin:.5rem 0}
h1{font-size:1.5rem;line-height:1.3}h2{font-size:1.1rem;margin-top:2rem}h2::first-letter{text-transform:uppercase}
table{border-collapse:collapse;margin:1rem 0;font-size:.875rem;font-variant-numeric:tabular-nums}
td,th{padding:.25rem .55rem;border-bottom:1px solid #d8dde3;text-align:right}
td:first-child,th:first-child{text-align:left;padding-left:0;white-space:nowrap}
code{overflow-wrap:anywhere}.wide{overflow-x:auto}"""


def write_chart(
    path: Path,
    found: Estimate,
    *,
    language: Language = "en",
    capacity_bytes: int | None = None,
    cells: Sequence[Cell] = (),
    change: Change | None = None,
) -> Path:
    """Write the chart; the ending of the name says as what. A page also tells what fits and the smallest change.

    :raises InputError: for another ending than `.html`, `.svg` and `.png`.
    """
    import vl_convert

    kind = path.suffix.lower()
    if kind not in (".html", ".svg", ".png"):
        what = f"expected a name that ends in .html, .svg or .png, saw {path.name!r}"
        raise InputError(what, remedy="correct --out")
    if kind == ".png":
        drawn = language if language == "en" or has_chinese() else "en"
        write_bytes(path, bytes(vl_convert.vegalite_to_png(spec(found, drawn, capacity_bytes), scale=2)))
        return path
    svg: str = vl_convert.vegalite_to_svg(spec(found, language, capacity_bytes))
    page = svg if kind == ".svg" else _page(svg, found, language, capacity_bytes, cells, change)
    write_bytes(path, page.encode())
    return path


def spec(found: Estimate, language: Language, capacity_bytes: int | None = None) -> dict[str, Any]:
    """A Vega-Lite chart: a bar for each part, and the sum with its range beneath."""
    values: list[dict[str, Any]] = [
        {"part": PART_WORDS[language][part], "gib": size / GIB, "text": gibibytes(size), "kind": _kind(part)}
        for part, size in found.parts.items()
        if size >= found.likely / _LEAST
    ]
    order = [value["part"] for value in values]
    most = 1.15 * max(value["gib"] for value in values)  # room for the figure behind the longest bar
    across: dict[str, Any] = {
        "field": "gib",
        "type": "quantitative",
        "title": "GiB",
        "axis": {"grid": True, "tickCount": 6},
    }
    across["scale"] = {"domain": [0, most], "nice": False}
    down = {"field": "part", "type": "nominal", "sort": order, "title": None, "axis": {"labelLimit": 200}}
    kinds = list(_COLOURS)
    colour = {
        "field": "kind",
        "type": "nominal",
        "scale": {"domain": kinds, "range": [_COLOURS[kind] for kind in kinds]},
        "legend": None,
    }
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": _WIDTH,
        "height": _ROW * len(values),
        "background": "white",
        "title": {"text": _title(found), "subtitle": _subtitle(found, language, capacity_bytes), "anchor": "start"},
        "data": {"values": values},
        "encoding": {"x": across, "y": down},
        "layer": [
            {"mark": {"type": "bar", "height": 16}, "encoding": {"color": colour}},
            {"mark": {"type": "text", "align": "left", "dx": 5}, "encoding": {"text": {"field": "text"}}},
        ],
        "config": {"view": {"stroke": None}, "font": FONTS[language]},
    }


def _kind(part: str) -> str:
    return "held" if part in _HELD else "device" if part in _DEVICE else "step"


def _title(found: Estimate) -> str:
    load = found.load
    return f"{Path(found.model).name}: {load.method}, {load.batch} × {load.max_length}"


def _subtitle(found: Estimate, language: Language, capacity_bytes: int | None) -> list[str]:
    return summary_lines(found, language, capacity_bytes)[1:2] + summary_lines(found, language, capacity_bytes)[-1:]


def _page(
    svg: str,
    found: Estimate,
    language: Language,
    capacity_bytes: int | None,
    cells: Sequence[Cell],
    change: Change | None,
) -> str:
    words = WORDS[language]
    title = escape(f"{Path(found.model).name}: {words['title']}")
    told = [*summary_lines(found, language, capacity_bytes)[1:], *([change_line(change, language)] if change else [])]
    lines = "".join(f"<p>{escape(line)}</p>" for line in told)
    rules = "".join(f"<li>{escape(line)}</li>" for line in rule_lines(found, language))
    fits = _fits(cells, language, capacity_bytes) if cells and capacity_bytes else ""
    return f"""<!doctype html><html lang="{language}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>{title}</title><style>{_STYLE}</style>
<h1>{title}</h1>{lines}{svg}{fits}<h2>{escape(words["rules"])}</h2><ul>{rules}</ul>
<p><code>{escape(found.signature)}</code></p></html>
"""


def _fits(cells: Sequence[Cell], language: Language, capacity_bytes: int) -> str:
    words = WORDS[language]
    heads = list(dict.fromkeys((cell.length, cell.batch) for cell in cells))
    top = "".join(f"<th>{length}<br>×{batch}</th>" for length, batch in heads)
    rows = ""
    for name in dict.fromkeys(cell.row for cell in cells):
        mine = {(cell.length, cell.batch): cell for cell in cells if cell.row == name}
        rows += (
            f"<tr><td>{escape(name)}</td>" + "".join(f"<td>{cell_text(mine[head])}</td>" for head in heads) + "</tr>"
        )
    told = escape(words["table"].format(capacity=gibibytes(capacity_bytes)))
    return f'<h2>{told}</h2><div class="wide"><table><tr><th></th>{top}</tr>{rows}</table></div>'
