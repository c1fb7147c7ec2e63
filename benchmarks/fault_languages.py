"""Answers in a language that nobody asked for: real answers of other rows, and a few passages in further languages.

>>> sorted(PASSAGES)
['de', 'es', 'fr', 'ja', 'ko', 'ru']
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

from fault_rows import Row
from fault_text import Edited
from fault_wordings import Wordings

_HAN = re.compile(r"[\u4e00-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]")
_NAMES_A_LANGUAGE = re.compile(
    r"translat|language|english|chinese|mandarin|french|german|spanish|japanese|korean|russian|italian|latin|portuguese"
    r"|hindi|arabic|翻译|译成|译为|语言|英文|英语|中文|汉语|法语|德语|日语|韩语|俄语|西班牙|外语|拼音|双语",
    re.IGNORECASE,
)


def answers_by_language(rows: Sequence[Row]) -> dict[str, list[str]]:
    """Prose answers of real rows, by the language that they are plainly in; none of glaive's, which often refuse."""
    found: dict[str, list[str]] = {"en": [], "zh": []}
    for row in rows:
        if "```" not in row.answer and not row.source.startswith("glaive") and _plainly(row.answer, row.language):
            found[row.language].append(row.answer)
    return found


def wrong_language(answers: dict[str, list[str]]) -> Callable[[Row, Random, Wordings], Edited | None]:
    """The answer of a row in the other language, or of about the same length in a further one."""

    def swapped(row: Row, random: Random, wordings: Wordings) -> Edited | None:
        if _NAMES_A_LANGUAGE.search(row.text) or not _plainly(row.prompt, row.language):
            return None
        if random.random() < 0.2:
            language = random.choice([*PASSAGES])
            return Edited(row.answered(random.choice(PASSAGES[language])), language)
        other = "en" if row.language == "zh" else "zh"
        return Edited(row.answered(random.choice(answers[other])), other)

    return swapped


def _plainly(text: str, language: str) -> bool:
    """Long enough, and nine of ten letters are of the language's script."""
    n_han, n_latin = len(_HAN.findall(text)), len(_LATIN.findall(text))
    ours = n_han if language == "zh" else n_latin
    return ours >= (15 if language == "zh" else 60) and ours >= 0.9 * (n_han + n_latin) and ours >= 0.6 * len(text)


PASSAGES = {
    "fr": (
        "Il vaut mieux commencer par les étapes les plus simples, puis vérifier chaque résultat avant de continuer.",
        "La plupart des spécialistes recommandent une alimentation variée, du repos et une activité régulière. Si les "
        "symptômes persistent, il faut prendre rendez-vous avec un médecin.",
    ),
    "de": (
        "Zuerst zählt man alle Beträge zusammen, danach zieht man die Ausgaben ab. Übrig bleibt der gesuchte Wert.",
        "Eine ausgewogene Ernährung und genügend Schlaf sind besonders wichtig. Wer unsicher ist, sollte einen "
        "Arzt fragen.",
    ),
    "es": (
        "Primero se suman todas las cantidades y después se restan los gastos; el resultado es lo que buscamos.",
        "Lo más importante es descansar bien, beber bastante agua y consultar al médico cuando el dolor no cede.",
    ),
    "ja": (
        "まず全体の数を数えてから、使った分を引いてください。残りが求める答えになります。",
        "十分な睡眠とバランスの取れた食事が大切です。症状が続く場合は、早めに医師に相談しましょう。",
    ),
    "ko": (
        "먼저 전체 금액을 더한 다음 사용한 금액을 빼면 됩니다. 남은 값이 우리가 찾는 답입니다.",
        "충분한 수면과 균형 잡힌 식사가 중요합니다. 증상이 계속되면 의사와 상담하는 것이 좋습니다.",
    ),
    "ru": (
        "Сначала нужно сложить все суммы, затем вычесть расходы. Оставшееся число и будет ответом на вопрос.",
        "Важно хорошо высыпаться и правильно питаться. Если симптомы не проходят, следует обратиться к врачу.",
    ),
}
