"""What lost encodings leave behind: U+FFFD, 锟斤拷, 烫烫烫, and UTF-8 that was read as Latin-1 or Windows-1252.

>>> texts = TextRows.of(pa.array(["a\\ufffdb", "锟斤拷", "itâ€™s fÃ¼r", "für Âge"]))
>>> count_debris(texts, np.ones(4, np.bool_)).tolist()
[1, 3, 2, 0]
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from tunesmith.curate.compiled import Scalar, compiled, inlined
from tunesmith.curate.tokens import Bytes, TextRows

Numbers = npt.NDArray[np.int32]

_REPLACEMENT = 0xFFFD
_LOST = (0x951F, 0x65A4, 0x62F7)  # 锟斤拷: two U+FFFD in UTF-8, read as GBK
_UNSET = (0x70EB, 0x5C6F)  # 烫 and 屯: memory that Windows programs never wrote, read as GBK
_LEAST_UNSET = 3
#: Chinese in UTF-8 that was read as GBK consists of these signs for two fifths; of 15,000 good texts none had more than
#: one in fifty of them.
_MISREAD = (
    "锛紝銆涓鐥鍙殑鏌屽佸鐤鐨鑳鍚鏈琛偅璇浜鎬佽鐜佺瓑荤屾呭浠浣杩傚鑰備鑲佹娌拰鐢竴枟鍏岃鍜缁囩澶鏂绛嚭鍔彂瑕棁梾"
    "紵繘岀彲姸傛湁涔灏鍒鐗鍖鍑妫鐘瀹宀槸搴骞跺鏄呮鏃堝夊鍥屼幇渶夌嶅涜柟楁勭"
)
_FIRST_HAN, _LAST_HAN = 0x4E00, 0xA000
_LEAST_MISREAD, _ONE_IN = 3, 20  # so many signs, and as many as one in so many characters
_N_SAMPLES = 24  # places of a text that are looked at first
#: What Windows-1252 shows for the bytes 0x80 to 0x9F.
_WINDOWS = np.array([*map(ord, "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ")], np.int64)


def count_debris(texts: TextRows, marked: npt.NDArray[np.bool_]) -> Numbers:
    """Characters that stand for lost ones in the marked texts, int32, shape `(n_rows,)`.

    Each sequence that was one character of UTF-8 counts one. Accented letters alone are none: it takes the lead of a
    sequence with as many followers as it asks for.
    """
    found = np.zeros(len(texts.starts), np.int32)
    if marked.any():
        _count_rows(texts, marked, _WINDOWS, found)
    _count_misread(texts, _misread_signs(), found)
    return found


@lru_cache(maxsize=1)
def _misread_signs() -> npt.NDArray[np.bool_]:
    found = np.zeros(_LAST_HAN - _FIRST_HAN, np.bool_)
    found[[ord(sign) - _FIRST_HAN for sign in _MISREAD]] = True
    return found


@inlined
def _next(data: Bytes, place: Scalar, end: Scalar) -> tuple[Scalar, Scalar]:
    """Code point at `place`, and the place after it; what is not UTF-8 is U+FFFD."""
    lead = np.int64(data[place])
    if lead < 0x80:
        return lead, place + 1
    length = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    if lead < 0xC2 or place + length > end:
        return _REPLACEMENT, place + 1
    code = lead & (0x7F >> length)
    for i in range(place + 1, place + length):
        if data[i] & 0xC0 != 0x80:
            return _REPLACEMENT, place + 1
        code = code << 6 | np.int64(data[i] & 0x3F)
    return code, place + length


@inlined
def _follows(code: Scalar, windows: npt.NDArray[np.int64]) -> Scalar:
    """Whether a byte of 0x80 to 0xBF shows as this character."""
    found = 0x80 <= code < 0xC0
    for one in windows:
        found |= one == code
    return found


@inlined
def _misread(data: Bytes, place: Scalar, end: Scalar, lead: Scalar, windows: npt.NDArray[np.int64]) -> Scalar:
    """After the followers, at `place`, of a lead byte that shows as a letter; -1 where they are not there."""
    wanted = 1 if lead < 0xC4 else 2 if 0xE2 <= lead < 0xF0 else 3 if 0xF0 <= lead < 0xF5 else 0
    for _ in range(wanted):
        if place >= end:
            return -1
        code, place = _next(data, place, end)
        if not _follows(code, windows):
            return -1
    return place if wanted else -1


@inlined
def _count_row(data: Bytes, place: Scalar, end: Scalar, windows: npt.NDArray[np.int64]) -> Scalar:
    found: Scalar = 0
    lost: Scalar = 0
    unset: Scalar = 0
    while place < end:
        code, place = _next(data, place, end)
        found += code == _REPLACEMENT
        lost = lost + 1 if code == _LOST[lost] else np.int64(code == _LOST[0])
        if lost == len(_LOST):
            found, lost = found + lost, 0
        unset = unset + 1 if code in _UNSET else 0
        if unset >= _LEAST_UNSET:
            found += unset if unset == _LEAST_UNSET else 1
        if 0xC2 <= code < 0xF5:
            after = _misread(data, place, end, code, windows)
            found += after > 0
            place = max(place, after)
    return found


@compiled
def _count_rows(texts: TextRows, marked: npt.NDArray[np.bool_], windows: npt.NDArray[np.int64], found: Numbers) -> None:
    """Fill `found`."""
    for row in range(len(texts.starts)):
        if marked[row]:
            found[row] = _count_row(texts.data, texts.starts[row], texts.ends[row], windows)


@inlined
def _is_misread(data: Bytes, place: Scalar, end: Scalar, signs: npt.NDArray[np.bool_]) -> Scalar:
    """Whether one of the signs starts at `place`."""
    if place + 3 > end or not 0xE4 <= data[place] <= 0xE9:
        return False
    code = np.int64(data[place] & 0xF) << 12 | np.int64(data[place + 1] & 0x3F) << 6 | np.int64(data[place + 2] & 0x3F)
    return _FIRST_HAN <= code < _LAST_HAN and signs[code - _FIRST_HAN]


@inlined
def _is_suspect(data: Bytes, start: Scalar, end: Scalar, signs: npt.NDArray[np.bool_]) -> Scalar:
    """Whether one of the signs stands at one of a few places of the text."""
    step = max((end - start) // _N_SAMPLES, 3)
    for place in range(start, end, step):
        here = place
        while here < end and here < place + 3 and data[here] & 0xC0 == 0x80:
            here += 1
        if _is_misread(data, here, end, signs):
            return True
    return False


@compiled
def _count_misread(texts: TextRows, signs: npt.NDArray[np.bool_], found: Numbers) -> None:
    """Add the misread signs of the texts that have many to `found`."""
    for row in range(len(texts.starts)):
        start, end = texts.starts[row], texts.ends[row]
        if not _is_suspect(texts.data, start, end, signs):
            continue
        misread = characters = 0
        for place in range(start, end):
            if texts.data[place] & 0xC0 != 0x80:
                characters += 1
                misread += _is_misread(texts.data, place, end, signs)
        if misread >= _LEAST_MISREAD and _ONE_IN * misread >= characters:
            found[row] += misread
