"""A sentence that stands three times or more in a row stays once.

>>> repeated_sentences("多喝水。多喝水。多喝水。多休息。")
'多喝水。多休息。'
>>> repeated_sentences("No. No. It is on line 3.14 of it.")
'No. No. It is on line 3.14 of it.'
"""

from __future__ import annotations

import re
from itertools import groupby

from tunesmith.curate.protected import Edit, applied, protected_spans, settled

_SENTENCE = re.compile(r"(?:[^。！？!?.\n]|\.(?!\s|\Z))*+(?:[。！？!?.]+|\n|\Z)[”」』\"']?\s*+")
_LEAST_TIMES = 3
_LEAST_CHARACTERS = 3  # "1." and "嗯。" are no sentences


def _repeated_sentences(text: str) -> str:
    matches = [match for match in _SENTENCE.finditer(text) if match[0]]
    edits = []
    for sentence, run in groupby(matches, key=lambda match: match[0].strip()):
        same = list(run)
        letters = sum(map(str.isalpha, sentence))
        if len(same) >= _LEAST_TIMES and letters >= _LEAST_CHARACTERS:
            space = same[-1][0][len(same[-1][0].rstrip()) :]
            edits.append(Edit(same[0].start(), same[-1].end(), sentence + space))
    return applied(text, edits, protected_spans(text)) if edits else text


repeated_sentences = settled(_repeated_sentences)
