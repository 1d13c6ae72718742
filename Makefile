# Tipring. `make` alone lists what it can do.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
SETUP := setup.cfg pyproject.toml scripts/setup.sh scripts/debian.sh

.DEFAULT_GOAL := help
.PHONY: help setup run lint type test bench soak tamper fuzz hw test-kernel power-cuts \
  kill-rounds fault-sweep long-run install uninstall clean

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

test: lint type  ## lint, types and every test, then those on a real kernel
	@$(PY) -m pytest
	@bash scripts/kernel/run.sh

bench: $(VENV)/.ready-test  ## every figure measured, peers beside it (AREA=name for one area)
	@$(PY) -m scripts.bench $(AREA)

soak: $(VENV)/.ready-test  ## one long call through real ALSA, sample by sample (MINUTES=60)
	@$(PY) -m scripts.soak --minutes $(or $(MINUTES),60)

tamper: $(VENV)/.ready-test  ## changes to bundles and logs, all to be found (MUTATIONS=100000 for the long form)
	@$(PY) -m scripts.tamper --mutations $(or $(MUTATIONS),2000) --jobs $(or $(JOBS),1)

fuzz: $(VENV)/.ready-test  ## mutated input at what a line can reach (SECONDS=60, TARGET=name)
	@$(PY) -m pip install -q --disable-pip-version-check -e '.[fuzz]'
	@$(PY) -m scripts.fuzz --seconds $(or $(SECONDS),60) $(TARGET)

hw: $(VENV)/.ready-test  ## the HAT: build and check everything, 500 simulated boards (installs KiCad)
	@$(PY) -m hardware

test-kernel: $(VENV)/.ready-test  ## the recorder on a real kernel: real GPIO chip, real ALSA card
	@bash scripts/kernel/run.sh

power-cuts: $(VENV)/.ready-test  ## as root: CUTS=10000 power cuts of the working recorder, LIES=300 of a lying medium
	@$(PY) -m scripts.durability.power_cuts $(or $(CUTS),10000)
	@$(PY) -m scripts.durability.power_cuts $(or $(LIES),300) --lying

kill-rounds: $(VENV)/.ready-test  ## ROUNDS=2000 times kill -9 of the working recorder
	@$(PY) -m scripts.durability.kill_rounds $(or $(ROUNDS),2000)

fault-sweep: $(VENV)/.ready-test  ## EIO, ENOSPC, short write and slow sync at each system call of a call
	@$(PY) -m scripts.durability.fault_sweep

long-run: $(VENV)/.ready-test  ## CALLS=1000000 calls on the virtual clock: memory, files, start, list
	@$(PY) -m scripts.durability.long_run $(or $(CALLS),1000000)

install:  ## as root, on the Pi: program, configuration, services (HAT=yes: config.txt too)
	@PYTHON=$(PYTHON) HAT=$(HAT) bash scripts/install/install.sh

uninstall:  ## as root: remove the program, leave the recordings
	@bash scripts/install/uninstall.sh

clean:  ## remove the virtual environment and caches, never recordings
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
