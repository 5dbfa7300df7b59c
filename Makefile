# Everything here bootstraps `.venv` from Python 3.11 or newer by itself, and does nothing twice.

PYTHON ?= python3
# One more than there are cores: a test now and then waits for what it has started or killed.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
UV ?= $(shell command -v uv)
ARGS ?=

BIN := .venv/bin
READY := .venv/.ready
CODE := backend push alembic tests bench
COMPOSE := docker/compose.yaml
COMPILE := --quiet --universal --only-binary :all: --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

# Without bytecode every process we start, and the tests start many, compiles the whole product again.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help run test lint types bench lock clean

help: ## show this
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-6s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(READY) ## serve everything on this machine until Ctrl-C; ARGS="--port 8001"
	@$(BIN)/tongxing up $(ARGS)

test: lint types ## lint, types, then every test and its coverage; ARGS="-k people" for some of them
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal $(if $(ARGS),$(ARGS),-p tests.coverage)

lint: $(READY) ## style, directions of imports, Dockerfile and compose file
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/ruff format --check $(CODE)
	@$(BIN)/lint-imports
	@$(BIN)/hadolint --config docker/hadolint.yaml docker/Dockerfile
	@$(BIN)/yamllint --strict --config-file docker/yamllint.yaml docker
	@if docker compose version >/dev/null 2>&1; \
	then POSTGRES_PASSWORD=any docker compose --env-file docker/env.example --file $(COMPOSE) config --quiet; \
	else echo "docker compose is not here: $(COMPOSE) is only checked by the tests"; fi

types: $(READY) ## mypy, strict
	@$(BIN)/mypy

bench: $(READY) ## measure, beside the limits and the peers
	@for program in http imports search timers chain journey threads feed tickets ticket_lists ticket_clocks chat push; do $(BIN)/python -m bench.$$program $(ARGS) || exit 1; done

lock: ## pin what pyproject.toml asks for; ARGS=--upgrade for newer versions
	@test -n "$(UV)" || { echo "make lock needs uv: https://docs.astral.sh/uv/"; exit 1; }
	@$(UV) pip compile $(COMPILE) --output-file requirements.lock pyproject.toml $(ARGS)
	@$(UV) pip compile $(COMPILE) --extra dev --output-file requirements-dev.lock pyproject.toml $(ARGS)

clean: ## remove what was built here; the data in .tongxing stays
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find backend push alembic tests bench -name __pycache__ -type d -prune -exec rm -rf {} +

# Only wheels whose hashes are in the lock are installed; then the project itself, with the build tools of the lock.
INSTALL := --require-hashes --only-binary :all: --requirement requirements-dev.lock
EDITABLE := --no-deps --no-build-isolation --editable .

$(READY): $(BIN)/python requirements-dev.lock pyproject.toml
	@echo "Installing into .venv what requirements-dev.lock pins: about a minute, and only the first time."
ifneq ($(UV),)
	@$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python $(INSTALL)
	@$(UV) pip install --quiet --python $(BIN)/python $(EDITABLE)
else
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(INSTALL)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(EDITABLE)
endif
	@touch $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Tongxing needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	@echo "Making .venv with $$($(PYTHON) --version)."
ifneq ($(UV),)
	@$(UV) venv --quiet --clear --python "$$(command -v $(PYTHON))" .venv
else
	@$(PYTHON) -m venv --clear .venv
endif
