# motcua: `make run` starts everything on this machine, `make test` checks everything. `make` alone lists all targets.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
PYTEST := $(BIN)/python -m pytest
# Two test workers, each with its own servers, fit on two cores and 4 GB.
WORKERS ?= 2
SOURCES := $(wildcard services shared tests)
LOCK_VENV := .venv-lock
UV_VERSION := 0.13.9
COMPILE := $(LOCK_VENV)/bin/uv pip compile --no-config --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-header --no-annotate --quiet

export PIP_NO_INPUT := 1
# Variables of the caller's shell must not select another environment.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install run test lint format chaos bench peak year screenshots compose-test kits lock clean servers

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(VENV)/.runtime ## install the command motcua, in .venv/bin

run: $(VENV)/.runtime ## start all services with sample data on this machine
	$(BIN)/motcua demo --serve

test: $(VENV)/.dev servers lint ## check everything: linters, then all tests
	$(PYTEST) -n $(WORKERS) --dist loadfile --no-loadscope-reorder

lint: $(VENV)/.dev ## check style, types and imports
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy $(SOURCES)
	$(BIN)/lint-imports

format: $(VENV)/.dev ## format the code
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

chaos: $(VENV)/.dev servers ## long random fault tests: kills, pauses, alarms, lost bindings and queues
	$(PYTEST) -m chaos -s

screenshots: $(VENV)/.dev ## renew the pictures of docs/pages.md
	SCREENSHOT_DIR=docs/pictures $(PYTEST) -m pictures

bench: $(VENV)/.dev ## measure speed on this machine
	@scripts/ensure-servers bench
	$(PYTEST) -m bench -s

peak: $(VENV)/.dev servers ## play a rush with kills and a burst far above what the machine can do, and audit it
	$(PYTEST) -m peak -s tests/peak

year: $(VENV)/.dev servers ## play a centre's year 2016 and other profiles through all services, and compare the numbers
	$(PYTEST) -m year -s tests/year

compose-test: $(VENV)/.dev ## build the image, run docker-compose.yml and test it (needs Docker)
	$(PYTEST) -m compose -s

kits: $(VENV)/.runtime ## build the SDKs of agencies in dist/: a wheel for pip and a tarball for npm
	$(BIN)/python -m shared.plugin_sdk.packages dist

lock: ## update both locks to the newest versions; see `git diff`
	test -x $(LOCK_VENV)/bin/uv || { scripts/make-venv $(LOCK_VENV) && $(LOCK_VENV)/bin/python -m pip --quiet install uv==$(UV_VERSION); }
	$(COMPILE) --upgrade requirements.in -o requirements.lock
	$(COMPILE) --upgrade requirements-dev.in -o requirements-dev.lock

clean: ## remove all generated files, but not the data in var/
	rm -rf $(VENV) $(LOCK_VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} +

servers:
	@scripts/ensure-servers

# The stamp files make each installation run once, and again only when a lock changed. The folder itself cannot be a prerequisite: its
# time changes with every change in it.
$(VENV)/.made:
	scripts/make-venv $(VENV)
	@touch $@

$(VENV)/.runtime: $(VENV)/.made requirements.lock pyproject.toml
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation --no-index --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@
