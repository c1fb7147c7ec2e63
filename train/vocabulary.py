"""How well a model's tokenizer fits the data: pieces per character and word, and tokens worth adding.

>>> fit = measure_vocabulary(domain, general, template.core)  # doctest: +SKIP
>>> fit.domain.pieces_per_han, fit.candidates[0].text, fit.saved_ratio  # doctest: +SKIP
(1.72, '并发症', 0.11)

What is saved by adding all candidates is not summed up from estimates but counted: the texts are encoded again with a
copy of the tokenizer that has them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from tunesmith.curate.progress import Progress
from tunesmith.train.vocabulary_terms import Term, domain_terms, han, words

#: Texts of each side that are measured; more would change the figures by less than a hundredth.
SAMPLE = 5000
#: Tokens that are proposed; each costs a row of the embeddings, and the first few save most.
N_CANDIDATES = 50
#: A term is worth a token of its own from so many pieces on.
LEAST_PIECES = 3
#: Pieces for one Chinese character above which a vocabulary was not made for Chinese: it has fewer words than letters.
HAN_LIMIT = 1.0

_BYTE = re.compile(r"<0x[0-9A-Fa-f]{2}>")
_BATCH = 1000


@dataclass(frozen=True)
class Fit:
    """How texts come apart.

    :param pieces_per_character: without spaces; `pieces_per_han`: of Chinese characters alone; `pieces_per_word`: of
        words in Latin letters. None where there are none.
    :param byte_ratio: share of the tokens that hold only a part of a character.
    """

    n_texts: int
    n_tokens: int
    pieces_per_character: float | None
    pieces_per_han: float | None
    pieces_per_word: float | None
    byte_ratio: float


class Candidate(NamedTuple):
    """A token worth adding.

    :param saved_ratio: of the domain's tokens, if this one alone is added.
    """

    text: str
    language: str
    n_domain: int
    n_general: int
    z: float | None
    pieces: int
    saved: int
    saved_ratio: float


@dataclass(frozen=True)
class Vocabulary:
    """The fit of a tokenizer.

    :param general: None where the data has no general rows.
    :param terms: how the domain's terms come apart, each as often as it occurs.
    :param saved_ratio: of the domain's tokens, with all candidates added.
    :param n_rows: texts of the domain that there are; `domain.n_texts` of them were measured.
    :param is_compared: the languages whose terms were held against general texts.
    """

    everything: Fit
    domain: Fit
    general: Fit | None
    n_rows: int
    n_general_rows: int
    n_terms: int
    term_pieces_per_character: float | None
    term_pieces_per_word: float | None
    candidates: tuple[Candidate, ...]
    saved_ratio: float
    is_compared: tuple[str, ...]

    @property
    def lacks_chinese(self) -> bool:
        """Whether the vocabulary was not made for the Chinese of the data."""
        return self.domain.pieces_per_han is not None and self.domain.pieces_per_han > HAN_LIMIT

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        candidates = [candidate._asdict() for candidate in self.candidates]
        return asdict(self) | {"candidates": candidates, "lacks_chinese": self.lacks_chinese}


def measure_vocabulary(
    domain: Sequence[str],
    general: Sequence[str],
    tokenizer: Any,
    *,
    sample: int = SAMPLE,
    n_candidates: int = N_CANDIDATES,
    progress: Progress | None = None,
) -> Vocabulary:
    """The fit on the domain's texts, on general texts beside them, and on the domain's terms.

    :param tokenizer: of the library `tokenizers`, as `Template.core`; it is not changed.
    :param sample: texts of each side that are measured at most, evenly from the first to the last.
    """
    here, there = _evenly(domain, sample), _evenly(general, sample)
    with (progress or Progress()).stage("fit of the vocabulary", total=None, unit="texts") as advance:
        fits = [_fit(texts, tokenizer) for texts in (here, there)]
        advance(len(here) + len(there))
    found = domain_terms(here, there)
    pieces = pieces_of([term.text for term in found], tokenizer)
    candidates = _candidates(found, pieces, fits[0].n_tokens, n_candidates)
    return Vocabulary(
        everything=_fit([*here, *there], tokenizer) if there else fits[0],
        domain=fits[0],
        general=fits[1] if there else None,
        n_rows=len(domain),
        n_general_rows=len(general),
        n_terms=len(found),
        term_pieces_per_character=_per_term(found, pieces, "zh"),
        term_pieces_per_word=_per_term(found, pieces, "en"),
        candidates=candidates,
        saved_ratio=_saved(here, tokenizer, candidates, fits[0].n_tokens),
        is_compared=tuple(sorted({term.language for term in found if term.z is not None})),
    )


def pieces_of(terms: Sequence[str], tokenizer: Any) -> list[int]:
    """Tokens of each term inside a text: Chinese after a comma, words after a space."""
    before = {True: "，", False: "a "}
    joined = [before[bool(han(term))] + term for term in terms]
    alone = {is_han: len(tokenizer.encode(text.strip(), add_special_tokens=False)) for is_han, text in before.items()}
    return [n - alone[bool(han(term))] for n, term in zip(_lengths(joined, tokenizer), terms)]


def _fit(texts: Sequence[str], tokenizer: Any) -> Fit:
    n_tokens = n_bytes = 0
    partial = _Partial(tokenizer)
    for batch in _batches(texts):
        for encoding in tokenizer.encode_batch(batch, add_special_tokens=False):
            n_tokens += len(encoding.ids)
            n_bytes += sum(map(partial, encoding.ids))
    n_characters = sum(len("".join(text.split())) for text in texts)
    chinese = [letters for letters in map(han, texts) if letters]
    counted = words(texts)
    spelled = dict(zip(counted, pieces_of(list(counted), tokenizer)))
    n_pieces = sum(n * spelled[word] for word, n in counted.items())
    return Fit(
        n_texts=len(texts),
        n_tokens=n_tokens,
        pieces_per_character=_ratio(n_tokens, n_characters),
        pieces_per_han=_ratio(sum(_lengths(chinese, tokenizer)), sum(map(len, chinese))),
        pieces_per_word=_ratio(n_pieces, counted.total()),
        byte_ratio=n_bytes / n_tokens if n_tokens else 0.0,
    )


class _Partial(dict[int, bool]):
    """Whether a token holds only a part of a character; remembered, as the same tokens come again and again."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._letters = _byte_letters() if '"ByteLevel"' in tokenizer.to_str() else None

    def __call__(self, token: int) -> bool:
        return self[token]

    def __missing__(self, token: int) -> bool:
        text = self._tokenizer.id_to_token(token) or ""
        self[token] = found = _BYTE.fullmatch(text) is not None or self._is_cut(text)
        return found

    def _is_cut(self, text: str) -> bool:
        if self._letters is None or any(letter not in self._letters for letter in text):
            return False
        try:
            bytes(self._letters[letter] for letter in text).decode()
        except UnicodeDecodeError:
            return True
        return False


def _byte_letters() -> dict[str, int]:
    """The letter that a byte-level vocabulary writes for each byte (GPT-2's table): printable ones are themselves."""
    plain = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {chr(256 + i): byte for i, byte in enumerate(others)}


def _candidates(terms: Sequence[Term], pieces: Sequence[int], n_tokens: int, limit: int) -> tuple[Candidate, ...]:
    """Those that save most, each alone."""
    found = [
        Candidate(term.text, term.language, term.n_domain, term.n_general, term.z, n, saved, saved / n_tokens)
        for term, n in zip(terms, pieces)
        if n >= LEAST_PIECES and (saved := (n - 1) * term.n_domain)
    ]
    return tuple(sorted(found, key=lambda one: (-one.saved, one.text))[:limit])


def _saved(texts: Sequence[str], tokenizer: Any, candidates: Sequence[Candidate], n_tokens: int) -> float:
    """Counted, not estimated: candidates overlap, and a word with another ending is another word."""
    if not candidates:
        return 0.0
    from tokenizers import AddedToken, Tokenizer

    larger = Tokenizer.from_str(tokenizer.to_str())
    tokens = [AddedToken(one.text, lstrip=one.language == "en", single_word=one.language == "en") for one in candidates]
    larger.add_tokens(tokens)
    return 1 - sum(_lengths(texts, larger)) / n_tokens


def _per_term(terms: Sequence[Term], pieces: Sequence[int], language: str) -> float | None:
    mine = [(term, n) for term, n in zip(terms, pieces) if term.language == language]
    units = sum(term.n_domain * (len(term.text) if language == "zh" else 1) for term, _ in mine)
    return _ratio(sum(term.n_domain * n for term, n in mine), units)


def _lengths(texts: Sequence[str], tokenizer: Any) -> list[int]:
    return [
        len(encoding.ids)
        for batch in _batches(texts)
        for encoding in tokenizer.encode_batch(batch, add_special_tokens=False)
    ]


def _batches(texts: Sequence[str]) -> Iterable[list[str]]:
    return (list(texts[start : start + _BATCH]) for start in range(0, len(texts), _BATCH))


def _evenly(texts: Sequence[str], limit: int) -> list[str]:
    """At most `limit` of them, from the first to the last at equal distances."""
    if len(texts) <= limit:
        return list(texts)
    return [texts[i * len(texts) // limit] for i in range(limit)]


def _ratio(part: float, whole: float) -> float | None:
    return round(part / whole, 3) if whole else None
