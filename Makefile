# `make demo` and `make test` work on a fresh machine with Python 3.11 to 3.13; everything else rests on `make setup`.
PYTHON ?= python3
BIN    := .venv/bin
DEMO   ?= demo
DEMO_TRAIN ?= demo-train

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-train images test check format schemas docs lock bench clean

help:  ## What there is to make
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: .venv/.done  ## A virtual environment beside the checkout, with tracekit in it

.venv/.done: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else "tracekit needs Python 3.11 to 3.13: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

demo: setup  ## A small data set from the recordings that ship with the project
	$(BIN)/tracekit build recipes/demo.yaml --out $(DEMO)
	$(BIN)/tracekit shards verify $(DEMO)
	@echo "Look at $(DEMO)/report.html (pictures), $(DEMO)/README.md (the card), $(DEMO)/shards/ (what trainers read)."

demo-train: setup .venv/.train  ## A tiny model, trained on one CPU until it knows four clips by heart
	$(BIN)/tracekit build recipes/demo.yaml --set source.paths=recipes/demo_casts/correction.cast \
	    --set split.validation_fraction=0 --out $(DEMO_TRAIN)/data
	$(BIN)/tracekit train recipes/train/tiny.yaml --set data.shards=$(DEMO_TRAIN)/data \
	    --set data.latent_cache=$(DEMO_TRAIN)/latents --out $(DEMO_TRAIN)/run
	$(BIN)/python recipes/train/held_loss_fell.py $(DEMO_TRAIN)/run 10

# Torch's wheel for CPUs, where pip finds one; the other asks for CUDA's libraries.
.venv/.train: .venv/.done requirements-train.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -r requirements-train.lock
	$(BIN)/python -c "import torch" 2>/dev/null || \
	    $(BIN)/pip install --quiet --disable-pip-version-check "$$(grep ^torch== requirements-train.lock)"
	@touch $@

images: setup  ## The images of sandboxes, made with Docker: tapes run in them
	$(BIN)/python -m tracekit.sandbox.make_images

test: setup  ## All tests; those whose component is missing are skipped with the reason
	$(BIN)/python -m pytest -n 2 --dist loadgroup $(ARGS)

check: setup  ## Lint, formatting, types, schemas
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m tracekit.build.schemas --check
	$(BIN)/python -m tracekit.cli.reference --check

format: setup  ## Put formatting and import order right
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

schemas: setup  ## Write schemas/ from the models
	$(BIN)/python -m tracekit.build.schemas

docs: setup  ## Renew the parts of docs/ that say what the code says
	$(BIN)/python -m tracekit.cli.reference

# evdev comes as source only and needs a compiler; pynput asks for it, and does without it under X.
lock: setup  ## Renew requirements.lock and, with what training needs besides, requirements-train.lock
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --extra docker --extra ghostty --extra fonts --extra s3 \
	    --extra desktop --extra agent --extra captions --extra filters --extra select --extra evaluate \
	    --group dev --no-header --no-annotate --no-emit-index-url --quiet --upgrade \
	    --no-emit-package evdev -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --extra train --group train-tests -c requirements.lock \
	    --no-header --no-annotate --no-emit-index-url --quiet --upgrade | \
	    grep -vE '^(nvidia|cuda|triton)' | grep -vxFf requirements.lock > requirements-train.lock

bench: setup  ## Print every figure of the README
	$(BIN)/python benchmarks/run.py

clean:  ## Remove what was made
	rm -rf .venv $(DEMO) $(DEMO_TRAIN) dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
