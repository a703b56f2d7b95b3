# `make demo` shows the main job; `make test` passes the tests. Both set up .venv by themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test bench-calls simulate storm lint docs lock clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(READY): requirements/test.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Broadcast needs Python 3.11 or newer; try make PYTHON=python3.13")'
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/test.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY) ## Run the real action against a local GitHub on real repositories
	$(BIN)/python -m tests.demo

test: $(READY) ## Run every test, in parallel
	$(BIN)/python -m pytest -n auto --dist worksteal

bench-calls: $(READY) ## Print what the main jobs cost in API calls, beside other tools
	$(BIN)/python -m tests.bench_calls

simulate: $(READY) ## Play 5,000 targets in a matrix of ten shards
	$(BIN)/python -m tests.sharded

storm: $(READY) ## Run on fleets in foul weather, and check that nothing is doubled or lost
	$(BIN)/python -m tests.storms

lint: $(READY) ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(READY) ## Write what the types say into docs/: the config's schema and the table of its keys
	$(BIN)/python -m tests.reference

lock: ## Write the hashed lock files anew from pyproject.toml
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --quiet -o requirements/runtime.lock
	printf 'flit_core>=3.12,<4\n' | uv pip compile - --universal --python-version 3.11 --generate-hashes --no-header --quiet --no-annotate -o requirements/build.lock
	uv pip compile pyproject.toml requirements/build.lock --group test --group lint --universal --python-version 3.11 --generate-hashes --no-header --quiet -o requirements/test.lock

clean: ## Remove the environment and everything generated
	rm -rf $(VENV) .cache demo-output
