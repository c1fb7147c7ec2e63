"""The second half of `tunesmith demo`: the bundled answers of two imagined models, compared.

>>> compare_sample(Path("runs/demo/comparison"), Path("runs/demo"), "en")  # doctest: +SKIP
PosixPath('runs/demo/comparison/report.html')
"""

from __future__ import annotations

from pathlib import Path

from tunesmith.evaluate.compare import compare_files
from tunesmith.evaluate.report_words import Language

_DATA = Path(__file__).resolve().parent.parent / "data"


def compare_sample(out: Path, run: Path | None, language: Language) -> Path:
    """Compare `data/predictions_before.jsonl` with `data/predictions_after.jsonl`; gives back the report's path.

    :param out: the folder to write, over an earlier demo's if need be.
    :param run: the folder of the run that made the training set, for what the later model learned by heart.
    :raises OutputError: `out` holds something that is no comparison.
    """
    compare_files(
        [_DATA / "predictions_before.jsonl", _DATA / "predictions_after.jsonl"],
        out,
        names=["before", "after"],
        references=_DATA / "evaluation.jsonl",
        data_after=run,
        language=language,
        replace=True,
    )
    return out / "report.html"
