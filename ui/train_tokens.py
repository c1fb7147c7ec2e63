"""One row token by token as spans: trained, masked, cut off. The one place where text of a dataset goes into HTML.

Every text passes `safe`, and nothing but it and names of ours is written into the markup.

>>> safe("<img src=x onerror=alert(1)> & $x$")
'&lt;img src=x onerror=alert(1)&gt; &amp; $x$'
>>> safe("a\\tb\\u202e\\n")
'a⇥b⟨U+202E⟩⏎'
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tunesmith.curate.report_format import visible

_MARKS = str.maketrans({"\t": "⇥", "\n": "⏎"})

_STYLE = """<style>
.tokens { font-family: "Noto Sans Mono", "Noto Sans CJK SC", monospace; font-size: .9rem; line-height: 2;
  overflow-wrap: anywhere; max-height: 28rem; overflow-y: auto; }
.tokens span { padding: .1em 0; border-radius: .2em; white-space: pre-wrap; }
.tokens .t { background: rgba(15, 140, 136, .30); }
.tokens .t.z { background: rgba(15, 140, 136, .48); }
.tokens .m { opacity: .7; }
.tokens .m.z { background: rgba(128, 138, 140, .16); }
.tokens .s { outline: 1px dashed rgba(128, 138, 140, .8); outline-offset: -1px; }
.tokens .c { text-decoration: line-through; opacity: .45; }
</style>"""


def safe(text: str) -> str:
    """A text of somebody's data as HTML shows it letter by letter."""
    return html.escape(visible(text).translate(_MARKS), quote=True)


def token_spans(row: Mapping[str, Any]) -> str:
    """The whole markup of a row as `shown.json` has it, with its style."""
    sequences = [_sequence(pieces, row.get("cutoff")) for pieces in row.get("examples", ())]
    return _STYLE + '<hr style="opacity:.25">'.join(f'<div class="tokens">{one}</div>' for one in sequences)


def _sequence(pieces: Sequence[Mapping[str, Any]], cutoff: int | None) -> str:
    return "".join(_spans(pieces, cutoff))


def _spans(pieces: Sequence[Mapping[str, Any]], cutoff: int | None) -> Iterable[str]:
    for place, piece in enumerate(pieces):
        is_cut = cutoff is not None and int(piece["position"]) >= cutoff
        marks = ["t" if piece["trained"] else "m"]
        marks += [code for code, there in (("z", place % 2), ("s", piece["special"]), ("c", is_cut)) if there]
        text = str(piece["text"])
        yield f'<span class="{" ".join(marks)}">{safe(text)}</span>' + ("<br>" if text.endswith("\n") else "")
