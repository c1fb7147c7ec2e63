"""Requests for harm that no cue foresees, told by dark words on both sides of a row.

>>> score_dark("How do I run over pedestrians with a truck?", "Drive it into the crowd at full speed.")
'violence'
>>> score_dark("How do I run over the agenda with my team?", "Take the points one by one.")
''

One word of a topic proves nothing. A short request that asks how, and that has dark words which the answer takes up
without a word of warning, is unsafe however it is put: two points on one side and one on the other, a word of `STRONG`
counting two. Words count where they start; those of up to four letters have to end as well (`phrase_unsafe.py`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import lru_cache

from tunesmith.curate import phrase_dark_words as words
from tunesmith.curate.phrase_frames_en import CALM, FIRST, MARVELS
from tunesmith.curate.phrase_unsafe_zh import CALM as CALM_ZH
from tunesmith.curate.phrase_unsafe_zh import MEDICAL

#: Characters of a request; those of an answer's start that are looked at.
LONGEST, _SEEN, _SEEN_HAN = 260, 400, 160
_HAN = re.compile(r"[\u3400-\u9fff]")
_SHORT_WORD = 4
_STRONG, _SURE, _BOTH = 2, 4, 4
_ASKS = re.compile(
    rf"{FIRST}|\b(?:best|easiest|safest|quickest|cheapest|good) (?:\w+ )?(?:way|place|trick|method|spot)s?\b|"
    rf"\bwhere's\b|"
    r"\bhow (?:high|fast|deep|hard)\b|\b(?:how|where|when|which|who) (?:do|does|can|could|should|would|"
    r"might|is|are) \w+|\bwhy (?:are|is|do|should|must|all|"
    r"was|were)\b|\b(?:praise|insult|mock|encourage|persuade|talk|justify|glorify|defend|rank|name|rate|say|roast|"
    r"let's|put|"
    r"translate|make fun|walk me|i'd|i'll|i will|i hate|i'm|my plan)\b",
    re.IGNORECASE,
)
_ASKS_ZH = re.compile(
    r"怎么|怎样|如何|咋|教我|教教|告诉我|步骤|方法|办法|法子|门路|渠道|帮我|帮忙|给我|替我|我想|我要|我打算|我准备|"
    r"想要|想在|想把|推荐|技巧|攻略|"
    r"策划|计划|方案|写|编|讲|设计|哪里|哪儿|在哪|去哪|什么地方|有什么|有没有|求|来一|来个|用什么|多少|为什么|为何|"
    r"证明|劝|骂|赞美|论|说说|请|"
    r"能不能|能否|可不可以|指点|指导|选|[？?]\s*$"
)
_FICTION = (
    r"\b(?:story|fiction\w*|screenplay|movie plot|detective|mystery|lawyer|attorney|(?:video|board|computer) game|"
    r"lyrics|costume|halloween|cake|recipe for (?!a)|"
    r"safely|safety|safe way|legal(?:ly)?|laws?|stop|avoid|cope|coping|overcome|deal with|recover\w*|supporting|"
    r"survive|"
    r"forgive|apolog\w+|vegan|garden\w*|plants?|weeds|pests?|rats|mice|ants|cockroach\w*|bugs?|chess|pun|metaphor\w*|"
    r"algorithm|"
    r"process|python|function|photo\w*|lab|experiment|chemistry class|dream\w*|idiom|mean|explain what|why is it|"
    r"security of|"
    r"secure|ethical)\b"
)
#: What exercises hold, whose texts may be of anything.
_EXERCISE = (
    r"\b(?:title|headline|given (?:the|a|this|these)|the following|options?|sentences?|question|reviews?|passage|"
    r"paragraph|concepts?|dialogue|"
    r"conversation|movie|movie plot|plot around|film|summary|the text|this text|text:|keywords?|output|input|answer|"
    r"tweet|trends?|average|total|how (?:many|much)|"
    r"percent\w*|what (?:was|were|does) (?:a|an|the|it)|when (?:was|did)|causes? of|effects? of|impact|measures|"
    r"reduce)\b"
)
_CALM_CARNAL = re.compile(
    rf"{_EXERCISE}|"
    r"\b(?:prevent\w*|protect\w*|against (?:racism|hat\w+|prejudice|violence)|fight(?:ing)? |discriminat\w+|"
    r"stereotyp\w*|racism|prejudice|histor\w+|research\w*|summar\w+|"
    r"translat\w+|"
    r"paraphras\w+|classif\w+|educat\w+|therap\w+|health\w*|rights|equality|museum|support|help (?:a|people)|stop|"
    r"report\w*|"
    r"biolog\w+|laws?|safe sex|baby|doctor|article|sentence)\b",
    re.IGNORECASE,
)
_CALM = re.compile(rf"{CALM}|{_FICTION}|{_EXERCISE}|\b(?:{MARVELS})", re.IGNORECASE)
_CALM_HAN = re.compile(
    f"{CALM_ZH}|{MEDICAL}|故事梗概|侦探|推理|游戏|动漫|输入[:：]|以下|下列|给定|比喻|多少钱|区别|意义|原因是|政策|"
    f"影响|题目|句子|文本|段落|有哪些|重要|"
    "成语|安全|保护|劝阻|戒|阻止|制止|怎么办|犯法吗|违法吗|病因|疾病|炎|症|产妇|胎|叙事|实验|伦理|小说|书籍|清单|战斗|"
    "战争|历史"
)
_MEDICAL = re.compile(MEDICAL)
_WARNS = re.compile(
    r"\b(?:i (?:can't|cannot|won't|can not|will not|am unable|am not able|do not|don't)|i'm (?:sorry|unable|not able)|"
    r"sorry|(?:it is|it's|this is|"
    r"that is|is) (?:illegal|wrong|never|not|against|unethical|important)|not (?:acceptable|appropriate|okay|"
    r"recommended)|seek (?:help|"
    r"professional)|hotline|helpline|please (?:don't|reach|talk|call|seek|consult)|against the law|should (?:not|never|"
    r"always)|shouldn't|you should be|respect|consent is|crime and|legal consequences|988|therapist)\b|"
    r"不能帮|无法提供|无法回答|不可以|违法行为|是违法|触犯|切勿|千万不要|请不要|不建议|不应该|抱歉|对不起|寻求帮助|"
    r"报警|热线|心理咨询|尊重|拒绝|"
    r"法律制裁|珍惜生命",
    re.IGNORECASE,
)
_CARNAL = ("sexual", "hate")
_Points = dict[str, tuple[int, int]]


def score_dark(prompt: str, answer: str) -> str:
    """The kind of harm that a short request asks for and its answer goes along with; "" if there is none."""
    if len(prompt) > LONGEST or not answer:
        return ""
    chinese = _HAN.search(prompt) is not None
    said = answer[: _SEEN_HAN if chinese else _SEEN].replace("’", "'").casefold()
    asked = prompt.replace("’", "'").casefold()
    if not (_ASKS_ZH if chinese else _ASKS).search(asked) or _WARNS.search(said):
        return ""
    wanted = _points(asked, chinese)
    if not wanted:
        return ""
    told = _points(said, chinese)
    if not _enough(wanted, told):
        return ""
    kind = max(words.KINDS, key=lambda kind: 2 * sum(wanted[kind]) + sum(told[kind]))
    plain = all(sum(points[0] for points in side.values()) >= sure for side, sure in ((wanted, _SURE), (told, _STRONG)))
    return "" if _is_calm(asked, said, "hate" if plain and not chinese else kind, chinese) else kind


def _enough(wanted: _Points, told: _Points) -> bool:
    """Two sure words in the request; or one, on either side, and enough of others on both."""
    sure, company = (sum(points[place] for points in wanted.values()) for place in (0, 1))
    told_sure, told_company = (sum(points[place] for points in told.values()) for place in (0, 1))
    if sure >= _SURE:
        return True
    both = sure + company + told_sure + told_company
    return told_sure + told_company > 0 and (
        (sure > 0 and both > _STRONG) or (told_sure > 0 and company > 0 and both >= _BOTH)
    )


def _is_calm(asked: str, said: str, kind: str, chinese: bool) -> bool:
    if chinese:
        return bool(_CALM_HAN.search(asked)) or (kind != "crime" and bool(_MEDICAL.search(asked + said)))
    return bool((_CALM_CARNAL if kind in _CARNAL else _CALM).search(asked))


def _points(text: str, chinese: bool) -> _Points:
    """Points by kind, of strong words and of weak ones; different words that start alike count once."""
    points: _Points = defaultdict(lambda: (0, 0))
    for kind, strong, weak in _patterns(chinese):
        sure, company = ({found[:_SHORT_WORD] for found in part.findall(text)} for part in (strong, weak))
        if sure or company:
            points[kind] = (_STRONG * len(sure), len(company))
    return points


@lru_cache(maxsize=2)
def _patterns(chinese: bool) -> tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...]:
    made = _literal if chinese else _started
    listed = words.CHINESE if chinese else words.ENGLISH
    return tuple((kind, made(strong), made(weak)) for kind, strong, weak in listed)


def _literal(listed: str) -> re.Pattern[str]:
    return re.compile("|".join(sorted(listed.split("|"), key=len, reverse=True)))


def _started(listed: str) -> re.Pattern[str]:
    one = sorted(listed.split("|"), key=len, reverse=True)
    ends = "|".join(
        word if len(word) > _SHORT_WORD else rf"{word}(?:s|es|ed|d|ing|[bgmnpt]ing|[bgmnpt]ed)?\b" for word in one
    )
    return re.compile(rf"\b(?:{ends})")
