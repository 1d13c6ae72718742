# Tipring. `make` alone lists what it can do.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
SETUP := setup.cfg pyproject.toml scripts/setup.sh scripts/debian.sh

.DEFAULT_GOAL := help
.PHONY: help setup run test lint type bench hw test-kernel install uninstall clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## */  make \1\t/' | expand -t 20

setup: $(VENV)/.ready  ## set everything up in .venv (asks apt for what is missing)

$(VENV)/.ready: $(SETUP)
	@PYTHON=$(PYTHON) bash scripts/setup.sh $(VENV) run
	@touch $@

$(VENV)/.ready-test: $(SETUP)
	@PYTHON=$(PYTHON) bash scripts/setup.sh $(VENV) test
	@touch $@ $(VENV)/.ready

run: setup  ## recorder and web page on a simulated line
	@exec $(PY) scripts/run_demo.py

lint: $(VENV)/.ready-test
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check -q .

type: $(VENV)/.ready-test
	@$(VENV)/bin/mypy

test: lint type  ## lint, types and every test
	@$(PY) -m pytest

bench: $(VENV)/.ready-test  ## every figure measured, peers beside it (AREA=name for one area)
	@$(PY) -m scripts.bench $(AREA)

hw: $(VENV)/.ready-test  ## the HAT: build and check everything, 500 simulated boards (installs KiCad)
	@$(PY) -m hardware

test-kernel: $(VENV)/.ready-test  ## the recorder on a real kernel: real GPIO chip, real ALSA card
	@bash scripts/kernel/run.sh

install:  ## as root, on the Pi: program, configuration, services
	@PYTHON=$(PYTHON) bash scripts/install/install.sh

uninstall:  ## as root: remove the program, leave the recordings
	@bash scripts/install/uninstall.sh

clean:  ## remove the virtual environment and caches, never recordings
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
