# Tipring. `make` alone lists what it can do.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python

.DEFAULT_GOAL := help
.PHONY: help setup run test lint type clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## */  make \1\t/' | expand -t 20

setup: $(VENV)/.ready  ## set everything up in .venv (asks apt for what is missing)

$(VENV)/.ready: setup.cfg pyproject.toml scripts/setup.sh
	@PYTHON=$(PYTHON) bash scripts/setup.sh $(VENV)
	@touch $@

run: setup  ## recorder and web page on a simulated line
	@$(PY) scripts/run_demo.py

lint: setup
	@$(VENV)/bin/ruff check .

type: setup
	@$(VENV)/bin/mypy

test: lint type  ## lint, types and every test
	@$(PY) -m pytest

clean:  ## remove the virtual environment and caches, never recordings
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
