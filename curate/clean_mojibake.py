"""Mojibake: text that was decoded with the wrong character set, and is decoded again with the right one.

UTF-8 read as Latin-1 or Windows-1252 is ftfy's trade. GBK read as Latin-1 and UTF-8 read as GBK are undone here, line
by line, and only where every byte is there and the result reads as Chinese. Where bytes are lost (U+FFFD)
nothing changes.

>>> mojibake("youâ€™re")
'you’re'
>>> mojibake("鎷嗙嚎锛屾媶绾匡紝")
'拆线，拆线，'
>>> mojibake("È¥ÏÃÃÅÍæÈýÌì×¡ÄÄ¸öÇø")
'去厦门玩三天住哪个区'

A line of UTF-8 read as GBK that has none of the five marks below (no ， 。 的 在, no curly quotes) is not seen.
"""

from __future__ import annotations

import re

from tunesmith.curate.protected import outside, settled

#: The first characters that GBK makes of ，。的在 and of curly quotes and dashes. Hardly a text uses them as words.
_UTF8_AS_GBK = ("锛", "銆", "鐨", "鍦", "鈥")
#: A first byte of UTF-8 and a later one, as Latin-1 or Windows-1252 shows them.
_UTF8_AS_LATIN = re.compile(
    "[\u00c2-\u00f4][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013\u2014"
    "\u2018-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122]"
)
#: A run of bytes that GB2312 could use; six of its characters are twelve of these.
_GBK_AS_LATIN = re.compile("[\u00a1-\u00fe]{12}")
_COMMON = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种"
    "事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第"
    "公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合"
    "回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总"
    "何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听"
)
_MOST_RARE_SHARE = 0.05  # characters of GBK that GB2312 lacks, as names of illnesses have
_LEAST_COMMON_SHARE = 0.2  # of Chinese prose .5 and more are in the list; of letters read as GB2312 by chance few


def _mojibake(text: str) -> str:
    if not _is_marked(text):
        return text
    return outside(text, lambda piece: "\n".join(map(_line, piece.split("\n"))))


mojibake = settled(_mojibake)


def _is_marked(text: str) -> bool:
    """A cheap look: letters U+00C0 to U+00FF (their UTF-8 begins with C3), or a mark of UTF-8 read as GBK."""
    if text.isascii():
        return False
    if any(mark in text for mark in _UTF8_AS_GBK):
        return True
    if b"\xc3" not in text.encode("utf-8", "surrogatepass"):
        return False
    return bool(_UTF8_AS_LATIN.search(text) or _GBK_AS_LATIN.search(text))


def _line(line: str) -> str:
    if any(mark in line for mark in _UTF8_AS_GBK):
        return _from_gbk(line)
    if _GBK_AS_LATIN.search(line) and (chinese := _to_gbk(line)):
        return chinese
    return _from_latin(line) if _UTF8_AS_LATIN.search(line) else line


def _from_gbk(line: str) -> str:
    """UTF-8 read as GBK. The bytes of other text are hardly ever UTF-8 by chance; `€` is byte 80 to Windows."""
    try:
        repaired = b"\x80".join(part.encode("gb18030") for part in line.split("€")).decode("utf-8")
    except UnicodeError:
        return line
    return repaired if repaired.isprintable() or repaired.replace("\t", "").isprintable() else line


def _to_gbk(line: str) -> str | None:
    """GBK read as Latin-1: whole pairs of bytes, nearly all of GB2312, and enough of the commonest characters."""
    try:
        chinese = line.encode("latin-1").decode("gbk")
    except UnicodeError:
        return None
    n_rare = sum(character > "\x7f" and not _is_common_set(character) for character in chinese)
    if n_rare > _MOST_RARE_SHARE * len(chinese):
        return None
    han = [character for character in chinese if "\u4e00" <= character <= "\u9fff"]
    common = sum(character in _COMMON for character in han)
    return chinese if len(han) >= 6 and common >= _LEAST_COMMON_SHARE * len(han) else None


def _is_common_set(character: str) -> bool:
    try:
        return bool(character.encode("gb2312"))
    except UnicodeError:
        return False


def _from_latin(line: str) -> str:
    """UTF-8 read as Latin-1 or Windows-1252, by ftfy, without its repairs that guess at lost bytes."""
    import ftfy

    config = ftfy.TextFixerConfig(
        replace_lossy_sequences=False, unescape_html=False, fix_c1_controls=False, explain=False
    )
    return str(ftfy.fix_encoding(line, config))
