"""One preflight from names to files: rows and template are opened, looked at, predicted for, and written.

>>> asked = Asked(data=("runs/medical",), model="Qwen/Qwen3-0.6B", encoding=Encoding(2048))  # doctest: +SKIP
>>> run_preflight(asked).problems  # doctest: +SKIP
('dropped',)
"""

from __future__ import annotations

from tunesmith.curate.progress import Progress
from tunesmith.errors import InputError
from tunesmith.train import preflight_output as output
from tunesmith.train.preflight_asked import Asked, Done
from tunesmith.train.types import Stage

#: Stages whose rows are tokenised by TRL, not here.
PREFERENCES: tuple[Stage, ...] = ("dpo", "kto", "orpo", "simpo", "reward", "grpo")


def run_preflight(asked: Asked, *, progress: Progress | None = None) -> Done:
    """Look at everything, and write it where a folder was asked for.

    :raises InputError: for names, rows and settings that cannot be used.
    :raises OutputError: for a folder that cannot be written.
    """
    if asked.encoding.max_length < 1:
        what = f"expected at least 1 token, saw {asked.encoding.max_length:,}"
        raise InputError(what, where="--max-length", remedy="a common choice is 2048")
    from tunesmith.train.sets import read_sets
    from tunesmith.train.template import open_template

    template = open_template(
        asked.model,
        template=asked.template,
        trust_remote_code=asked.trust_remote_code,
        chat=asked.stage != "pretrain",
    )
    sets = read_sets(asked.data, validation=asked.validation)
    mark = output.mark_of(sets, template.hash, asked.encoding, asked.stage)
    if asked.out is not None:
        output.take_folder(asked.out, mark, replace=asked.replace)
    if asked.stage in PREFERENCES:
        from tunesmith.train.preflight_pairs import look_at_pairs as look
    else:
        from tunesmith.train.preflight_sft import look_at_examples as look
    done, page = look(asked, sets, template, progress or Progress())
    if asked.out is not None:
        output.write_figures(asked.out, mark, done.figures)
        output.write_shown(asked.out, done.rows)
        output.write_page(asked.out, page())
    return done
