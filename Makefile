# La Bonne Alternance: `make run` and `make test` are all that a newcomer needs.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3.11
VENV := .venv
PY := $(VENV)/bin/python

PORT ?= 8000
STATE ?= .lba
DATA ?=
ENGINE ?=
WORKERS ?=

PROTOC := $(PY) -m grpc_tools.protoc -I . \
	--plugin=protoc-gen-mypy=$(VENV)/bin/protoc-gen-mypy \
	--plugin=protoc-gen-mypy_grpc=$(VENV)/bin/protoc-gen-mypy_grpc

.PHONY: help run wire import test check format protos schema fuzz bench lock clean

help: ## List the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

# The virtual environment holds what its stamp says: run-time packages, and development ones on top.
$(VENV)/.run: requirements.lock
	@echo "Installing the pinned packages in $(VENV)..."
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	@echo "Installing the pinned development packages in $(VENV)..."
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

# What the real search engine needs, when it is asked for.
$(VENV)/.engine: requirements-engine.lock $(VENV)/.run
	@echo "Installing the pinned packages of the search engine in $(VENV)..."
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-engine.lock
	@touch $@

INSTALLED := $(VENV)/.run $(if $(filter elasticsearch,$(ENGINE)),$(VENV)/.engine)

run: $(INSTALLED) wire ## Start everything (PORT=8000 STATE=.lba DATA=folder of real data ENGINE=elasticsearch WORKERS=1)
	@exec $(if $(WORKERS),env GATEWAY_WORKERS="$(WORKERS)") $(PY) -m deploy.local --port "$(PORT)" --state "$(STATE)" --data "$(DATA)" --engine "$(ENGINE)"

import: $(INSTALLED) ## Load the data and stop (STATE=.lba DATA=folder of real data ENGINE=elasticsearch)
	@exec $(PY) -m deploy.local --import-only --state "$(STATE)" --data "$(DATA)" --engine "$(ENGINE)"

# Optional: without a compiler it says so, and the gateway runs in Python alone.
wire: $(VENV)/.run ## Build the compiled part of the gateway
	@$(PY) -m gateway.execution.wire.build || echo "wire: not built, the gateway runs without it"

test: $(VENV)/.dev wire ## Run every test, on real parts (ARGS="-k name")
	@$(PY) -m pytest $(ARGS)

check: $(VENV)/.dev ## Lint, types, architecture
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

format: $(VENV)/.dev ## Format and fix what can be fixed alone
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

protos: $(VENV)/.dev ## Generate the code of protos/*.proto again
	$(PROTOC) --python_out=. --mypy_out=quiet:. --grpc_python_out=. --mypy_grpc_out=quiet:. protos/*.proto

schema: $(VENV)/.dev ## Export gateway/schema.graphql again
	$(PY) -m gateway.export > gateway/schema.graphql

fuzz: $(VENV)/.dev wire ## Compare query plans with graphql-core on 50,000 queries (CASES=)
	@FUZZ_CASES=$(or $(CASES),50000) $(PY) -m pytest --timeout 7200 tests/gateway/execution

bench: $(VENV)/.dev ## Measure the main query (see bench/README.md)
	$(PY) -m bench.search

lock: $(VENV)/.dev ## Resolve the packages of pyproject.toml again
	$(PY) -m pip install --quiet uv
	$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		pyproject.toml --extra local -o requirements.lock
	$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		pyproject.toml --extra local --extra engine -c requirements.lock -o requirements-engine.lock
	$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		pyproject.toml --extra local --extra engine --extra train --extra dev -c requirements-engine.lock -o requirements-dev.lock

clean: ## Remove the environment and the state
	rm -rf $(VENV) $(STATE)
