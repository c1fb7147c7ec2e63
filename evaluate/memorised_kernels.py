"""Which training text has most of an answer's windows of tokens: one pass over the training texts.

`look_up` of `curate/contamination_kernels.py` gives the windows of each text that any answer has, its words; here they
are counted for every answer that has them too.
"""

from __future__ import annotations

from tunesmith.curate.compiled import compiled
from tunesmith.curate.tokens import Places


@compiled
def most_shared(
    words: Places,
    word_offsets: Places,
    owners: Places,
    weights: Places,
    owner_offsets: Places,
    rows: Places,
    own_rows: Places,
    best: Places,
    best_rows: Places,
) -> None:
    """Enter for each answer the most windows of it that one text has, and the row of the first text with so many.

    Word w is held by the answers `owners[owner_offsets[w]:owner_offsets[w + 1]]`, as often as `weights` says.

    :param words: the different words of each text, text i has `words[word_offsets[i]:word_offsets[i + 1]]`.
    :param rows: the row of each text.
    :param own_rows: of each answer, a row that does not count for it, or -1.
    :param best, best_rows: of each answer, zeros and -1 to begin with.
    """
    shared = best * 0
    touched = best * 0
    for text in range(len(word_offsets) - 1):
        n_touched = 0
        for i in range(word_offsets[text], word_offsets[text + 1]):
            word = words[i]
            for at in range(owner_offsets[word], owner_offsets[word + 1]):
                answer = owners[at]
                if shared[answer] == 0:
                    touched[n_touched] = answer
                    n_touched += 1
                shared[answer] += weights[at]
        for i in range(n_touched):
            answer = touched[i]
            if shared[answer] > best[answer] and rows[text] != own_rows[answer]:
                best[answer], best_rows[answer] = shared[answer], rows[text]
            shared[answer] = 0
