# La Bonne Alternance: `make run` and `make test` are all that a newcomer needs.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?=
PYTHONS := $(or $(PYTHON),python3.11 python3.12 python3.13 python3.14 python3)
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

# One worker for each core; tests/support/suites.py says which files are for the same one. ARGS is for a few
# tests, which one process runs sooner.
PYTEST := $(PY) -m pytest $(if $(ARGS),$(ARGS),-n logical --maxprocesses 4)

# buf comes from npm: see .ci/run.
BUF := PATH="node_modules/.bin:$$PATH" buf

.PHONY: help run wire import test test-fast check format protos schema released fuzz bench lock clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'
	@echo "  PYTHON=path  the Python of the environment; without it the first from 3.11 up of:"
	@echo "               python3.11 python3.12 python3.13 python3.14 python3"

# pip takes a package that was half installed for a whole one, so an environment that was cut short is
# made again, and so is one whose Python is gone.
DAMAGED := $(shell test ! -e $(VENV) || { test ! -e $(VENV)/.installing && $(PY) -c ''; } 2> /dev/null || echo yes)

define new_environment
	@$(if $(DAMAGED),echo "$(VENV) was cut short or its Python is gone: it is made again.")
	@$(if $(DAMAGED),rm -rf $(VENV))
	@test -x $(PY) || for python in $(PYTHONS); do \
		"$$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2> /dev/null || continue; \
		mkdir -p $(VENV) && touch $(VENV)/.installing && exec "$$python" -m venv $(VENV); \
	done; test -x $(PY) || { \
		echo "There is no Python from 3.11 up, with its venv module, named $(PYTHONS)." >&2; \
		echo "Install one, or say where it is: make PYTHON=path ..." >&2; \
		exit 1; \
	}
endef

define install
	@touch $(VENV)/.installing
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@rm $(VENV)/.installing
	@touch $@
endef

# The virtual environment holds what its stamps say: run-time packages, and others on top.
$(VENV)/.run: requirements.lock $(if $(DAMAGED),again)
	$(new_environment)
	@echo "Installing the pinned packages in $(VENV)..."
	$(install)

.PHONY: again
again:

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	@echo "Installing the pinned development packages in $(VENV)..."
	$(install)

# What the real search engine needs, when it is asked for.
$(VENV)/.engine: requirements-engine.lock $(VENV)/.run
	@echo "Installing the pinned packages of the search engine in $(VENV)..."
	$(install)

INSTALLED := $(VENV)/.run $(if $(filter elasticsearch,$(ENGINE)),$(VENV)/.engine)

run: $(INSTALLED) wire ## Start everything (PORT=8000 STATE=.lba DATA=folder of real data ENGINE=elasticsearch WORKERS=1)
	@exec $(if $(WORKERS),env GATEWAY_WORKERS="$(WORKERS)") $(PY) -m deploy.local --port "$(PORT)" --state "$(STATE)" --data "$(DATA)" --engine "$(ENGINE)"

import: $(INSTALLED) ## Load the data and stop (STATE=.lba DATA=folder of real data ENGINE=elasticsearch)
	@exec $(PY) -m deploy.local --import-only --state "$(STATE)" --data "$(DATA)" --engine "$(ENGINE)"

# Optional: without a compiler it says so, and the gateway runs in Python alone.
wire: $(VENV)/.run ## Build the compiled part of the gateway
	@$(PY) -m gateway.execution.wire.build || echo "wire: not built, the gateway runs without it"

test: $(VENV)/.dev wire ## Run every test, on real parts (ARGS="-k name")
	@$(PYTEST)

test-fast: $(VENV)/.dev wire ## Run the tests that start no server and take no time, within a minute (ARGS=)
	@$(PYTEST) -m "not server and not slow"

check: $(VENV)/.dev ## Lint, types, architecture
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

format: $(VENV)/.dev ## Format and fix what can be fixed alone
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

protos: $(VENV)/.dev ## Generate the code of protos/*.proto again
	@out=$$(mktemp -d) && trap 'rm -rf "$$out"' EXIT && \
		$(PROTOC) --python_out="$$out" --mypy_out=quiet:"$$out" \
			--grpc_python_out="$$out" --mypy_grpc_out=quiet:"$$out" protos/*.proto && \
		rm -f protos/*_pb2*.py protos/*_pb2*.pyi && mv "$$out"/protos/* protos/

schema: $(VENV)/.dev ## Export gateway/schema.graphql again
	@new=$$(mktemp) && trap 'rm -f "$$new"' EXIT && \
		$(PY) -m gateway.export > "$$new" && cp "$$new" gateway/schema.graphql

released: schema protos ## Take the schema and the contracts as they are now for released
	@$(BUF) --version > /dev/null 2>&1 || { echo "buf is needed: npm install --no-save @bufbuild/buf" >&2; exit 1; }
	@$(BUF) build -o protos/released.binpb
	@cp gateway/schema.graphql tests/gateway/released.graphql

fuzz: $(VENV)/.dev wire ## Compare plans with graphql-core on 50,000 queries (CASES=), and send 10,000 requests
	@FUZZ_CASES=$(or $(CASES),50000) $(PY) -m pytest --timeout 7200 tests/gateway/execution
	@FUZZ_REQUESTS=$(or $(REQUESTS),10000) $(PY) -m pytest --timeout 7200 tests/e2e/test_fuzz.py

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
