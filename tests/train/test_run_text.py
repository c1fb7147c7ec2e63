"""What a finished run says in a terminal."""

from __future__ import annotations

from tunesmith.train.run_text import told


def test_a_validation_loss_says_of_how_many_rows_it_is() -> None:
    span = {"first": 2.0, "last": 1.0, "least": 1.0, "least_step": 5}
    losses = {"train": span, "validation domain": span | {"n_rows": 1204}, "validation general": span | {"n_rows": 1}}
    result = {"outcome": "finished", "step": 5, "max_steps": 5, "losses": losses, "model_folder": "m"}
    assert told(result).splitlines()[1:4] == [
        "loss, train: 2.0000 → 1.0000",
        "loss, validation domain (1,204 rows): 2.0000 → 1.0000",
        "loss, validation general (1 row): 2.0000 → 1.0000",
    ]
