# Everything runs in .venv, made on first use with any CPython >= 3.11:  make demo PYTHON=python3.12
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

SUPPLY := $(VENV)/supply

.PHONY: demo demo-train app models test check mypy pyright bench lock licences audit clean
.DEFAULT_GOAL := demo

## demo: install the base, curate the bundled sample and compare its two sets of answers
demo: $(VENV)/.base
	$(BIN)/tunesmith demo --out runs/demo

## demo-train: make a tiny model, fine-tune it twice, and see what each forgot; on any CPU, offline
demo-train: $(VENV)/.models
	$(BIN)/python -m tunesmith.cli_train_demo --out runs/demo-train

## app: everything in the browser, on this machine alone
app: $(VENV)/.app
	$(BIN)/tunesmith app

## models: what asking a local model needs, for evaluate predict and retention
models: $(VENV)/.models

## test: install what the tests need and run them all, on all cores; a file's tests stay together and share fixtures
test: $(VENV)/.dev
	HF_HUB_OFFLINE=1 $(BIN)/python -m pytest --numprocesses auto --dist loadfile --durations 30 --durations-min 5

## check: style and types; the two type checkers run beside each other, a core each
check: $(VENV)/.dev .typing/tunesmith
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(MAKE) --jobs=2 mypy pyright

mypy: $(VENV)/.dev .typing/tunesmith
	$(BIN)/mypy -p tunesmith.curate -p tunesmith.evaluate -p tunesmith.train -p tunesmith.ui -m tunesmith.app -m tunesmith.cli -m tunesmith.cli_app -m tunesmith.cli_curate -m tunesmith.cli_evaluate -m tunesmith.cli_evaluate_compare -m tunesmith.cli_evaluate_judge -m tunesmith.cli_evaluate_predict -m tunesmith.cli_evaluate_retention -m tunesmith.cli_evaluate_score -m tunesmith.cli_index -m tunesmith.cli_review -m tunesmith.cli_review_create -m tunesmith.cli_review_data -m tunesmith.cli_review_state -m tunesmith.cli_run -m tunesmith.cli_score -m tunesmith.cli_shared -m tunesmith.cli_train -m tunesmith.cli_train_advise -m tunesmith.cli_train_demo -m tunesmith.cli_train_estimate -m tunesmith.cli_train_model -m tunesmith.cli_train_preflight -m tunesmith.cli_train_stages -m tunesmith.cli_train_sweep -m tunesmith.cli_train_worker -m tunesmith.cli_verify -m tunesmith.errors -m tunesmith.terminal

# Node's own limit of memory is so low that pyright forgets what it found out, and finds it out again: twice the time.
pyright: $(VENV)/.dev .typing/tunesmith
	NODE_OPTIONS=--max-old-space-size=8192 $(BIN)/pyright --pythonpath $(BIN)/python

## bench: the figures in docs/benchmarks/
bench: $(VENV)/.dev
	$(BIN)/python benchmarks/ingest.py --markdown docs/benchmarks/ingest.md
	$(BIN)/python benchmarks/verify.py --markdown docs/benchmarks/verify.md
	$(BIN)/python benchmarks/ray_engine.py --markdown docs/benchmarks/ray_engine.md
	$(BIN)/python benchmarks/near_duplicates.py --markdown docs/benchmarks/near_duplicates.md
	$(BIN)/python benchmarks/signals.py --markdown docs/benchmarks/signals.md
	$(BIN)/python benchmarks/faults.py --markdown docs/benchmarks/faults.md
	$(BIN)/python benchmarks/rouge.py --markdown docs/benchmarks/rouge.md
	$(BIN)/python benchmarks/evaluation_statistics.py --markdown docs/benchmarks/evaluation_statistics.md
	$(BIN)/python benchmarks/review_statistics.py --markdown docs/benchmarks/review_statistics.md
	$(BIN)/python benchmarks/review_load.py --markdown docs/benchmarks/review_load.md
	$(BIN)/python benchmarks/kill_anywhere.py --markdown docs/benchmarks/kill_anywhere.md
	$(BIN)/python benchmarks/judge_length.py --markdown docs/benchmarks/judge_length.md
	$(BIN)/python benchmarks/app.py --markdown docs/benchmarks/app.md
	$(BIN)/python benchmarks/preflight.py --markdown docs/benchmarks/preflight.md
	$(BIN)/python benchmarks/memory_estimate.py --markdown docs/benchmarks/memory_estimate.md
	$(BIN)/python benchmarks/train_overhead.py --markdown docs/benchmarks/train_overhead.md
	$(BIN)/python benchmarks/llamafactory_fates.py --markdown docs/benchmarks/llamafactory_fates.md
	$(BIN)/python benchmarks/fuzz.py --markdown docs/benchmarks/fuzz.md

## lock: requirements.lock anew, after a change of pyproject.toml or constraints.txt
lock: $(SUPPLY)/.ready
	$(SUPPLY)/bin/python -m supply.lock

## licences: docs/licences.md anew; fails where a dependency's licence is unknown or forbids something
licences: $(VENV)/.dev
	$(BIN)/python -m supply.licences --markdown docs/licences.md

## audit: known weaknesses of the pinned versions; AUDIT=--if-answered where no advisory service can be reached
audit: $(SUPPLY)/.ready
	$(SUPPLY)/bin/python -m supply.audit $(AUDIT)

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Tunesmith needs Python 3.11 or newer; try: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.base: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP) --editable .
	touch $@

$(VENV)/.app: $(VENV)/.base
	$(PIP) --editable ".[app]"
	touch $@

# torch by itself first: another package that asks for it may take a build with gigabytes of CUDA.
$(VENV)/.models: $(VENV)/.base
	$(PIP) torch
	$(PIP) --editable ".[train,retention]"
	touch $@

$(VENV)/.dev: $(VENV)/.base
	$(PIP) torch
	$(PIP) --editable ".[dev]"
	touch $@

# An environment of their own: what these tools need is no dependency of ours.
$(SUPPLY)/.ready: supply/tools.txt
	$(PYTHON) -m venv $(SUPPLY)
	$(SUPPLY)/bin/python -m pip install --quiet --disable-pip-version-check --requirement supply/tools.txt
	touch $@

.typing/tunesmith:
	mkdir -p .typing
	ln -sfn .. .typing/tunesmith

clean:
	rm -rf $(VENV) .typing build dist *.egg-info
