"""The page of a training run, for people: one self-contained HTML file, without scripts.

>>> write_report(RunPaths(Path("runs/medical")), facts, "zh")  # doctest: +SKIP
PosixPath('runs/medical/report.html')
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from tunesmith.curate import charts
from tunesmith.curate import report as curation
from tunesmith.curate.io import write_bytes
from tunesmith.curate.page_templates import page_environment
from tunesmith.train import report_views as views
from tunesmith.train.handover import read_fates
from tunesmith.train.loss_curves import Curves, read_curves
from tunesmith.train.loss_spec import is_cut, numbered, page_specs
from tunesmith.train.report_words import say
from tunesmith.train.supervisor import read_incidents
from tunesmith.train.types import Fate, Language, RunPaths

_FOLDERS = (Path(__file__).with_name("templates"), Path(curation.__file__).with_name("templates"))


def write_report(paths: RunPaths, facts: Mapping[str, Any], language: Language = "en") -> Path:
    """Write `report.html`.

    Reads `log.jsonl`, `incidents.jsonl` and `rows.parquet` of the folder. Of `facts` it takes, all of them optional:

    - `title`, `stage`, `method`, `model`, `base` (the run or adapter it started from), `seed`
    - `data`: {`sources`: [str], `hash`: str, `n_tokens`, `n_trained`, `n_sequences`, `validation`: {group: n_rows}}
    - `settings`: [{`key`, `value`, `why`}] as `explained(config)` gives them (objects with these attributes too)
    - `outcome`: `finished` | `stopped_early` | …; `step`, `max_steps`, `seconds`
    - `tokens_per_second`, `peak_memory_bytes`, `memory_kind` ("cuda" | "rss"), `estimate_bytes`: (low, high)
    - `trainable_parameters`, `all_parameters`, `hardware`: str, `versions`: {name: version}
    - `model_folder`: str; `next`: [command lines] that follow those which are made here

    :raises InputError: for a log or ledger that cannot be read.
    """
    html = render_report(paths, facts, language)
    write_bytes(paths.report, html.encode())
    return paths.report


def render_report(paths: RunPaths, facts: Mapping[str, Any], language: Language) -> str:
    """The page as HTML; the same folder and facts give the same bytes."""
    fates: list[Fate] = read_fates(paths.rows) if paths.rows.is_file() else []
    curves, incidents = read_curves(paths.out), read_incidents(paths.out)
    environment = page_environment(_FOLDERS)
    shown = {
        "title": str(facts.get("title") or paths.out.name),
        "lead": views.lead_view(facts, curves, language),
        "glance": views.glance_view(facts, fates, incidents, language),
        "charts": _charts(curves, language),
        "legend": _legend(curves, language),
        "is_cut": is_cut(curves),
        "validation": views.validation_view(curves, (facts.get("data") or {}).get("validation") or {}, language),
        "remarks": views.remarks(curves, language),
        "incidents": views.incidents_view(incidents, language),
        "rows": views.rows_view(fates, language),
        "data": views.data_view(facts.get("data") or {}, language),
        "settings": views.settings_view(facts.get("settings") or (), language),
        "machine": _machine(facts, language),
        "next": views.next_view(paths, facts, language),
    }
    sections = [(key, say(language, title)) for key, title in _SECTIONS if shown[key]]
    template = environment.get_template("training.html.j2")
    html: str = template.render(t=partial(say, language), sections=sections, **shown)
    return html


#: What of the view makes a section, and its title.
_SECTIONS = (
    ("charts", "curves"),
    ("incidents", "incidents"),
    ("rows", "rows"),
    ("data", "data"),
    ("settings", "settings"),
    ("machine", "machine"),
    ("next", "next"),
)


def _charts(curves: Curves, language: Language) -> list[dict[str, Any]]:
    """The drawings with their captions; none where nothing was logged."""
    import markupsafe

    if curves.is_empty:
        return []
    titles = {"loss": say(language, "curves_label"), "kept": say(language, "kept"), "rate": say(language, "rate")}
    found = []
    for name, spec in page_specs(curves, language).items():
        svg = numbered(charts.draw(spec, label=titles[name]), f"{name}-")
        found.append({"name": name, "title": titles[name], "svg": markupsafe.Markup(svg)})  # noqa: S704 (our own)
    return found


def _legend(curves: Curves, language: Language) -> list[tuple[str, str]]:
    """The class of each line's key and its name."""
    found = [("raw", say(language, "raw")), ("smooth", say(language, "smooth"))] if curves.train else []
    for number, group in enumerate(curves.validation):
        title = say(language, "validation") if group == "validation" else ""
        title = title or say(language, "group", group=views.group_title(language, group))
        found.append((f"group-{number % 3 + 1}", title))
    return found + ([("incident", say(language, "incident_key"))] if curves.incidents else [])


def _machine(facts: Mapping[str, Any], language: Language) -> list[tuple[str, list[str]]]:
    found: list[tuple[str, list[str]]] = []
    found += [(say(language, "hardware"), [str(facts["hardware"])])] if facts.get("hardware") else []
    found += [(say(language, "seed"), [str(facts["seed"])])] if facts.get("seed") is not None else []
    versions = facts.get("versions") or {}
    lines = [say(language, "separator").join(f"{name} {version}" for name, version in versions.items())]
    return found + ([(say(language, "versions"), lines)] if versions else [])
