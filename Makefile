# `make demo` shows the main job; `make test` passes the tests. Both set up .venv by themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
LINTERS := $(VENV)/.linters
MUTATORS := $(VENV)/.mutators

.DEFAULT_GOAL := help
.PHONY: help demo test mutants fuzz bench bench-calls simulate storm live lint docs pictures dist lock clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(READY): requirements/test.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Broadcast needs Python 3.11 or newer; try make PYTHON=python3.13")'
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/test.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(LINTERS): requirements/lint.lock $(READY)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/lint.lock
	@touch $@

$(MUTATORS): requirements/mutants.lock $(READY)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/mutants.lock
	@touch $@

demo: $(READY) ## Run the real action against a local GitHub on real repositories
	$(BIN)/python -m tests.demo

test: $(READY) ## Run every test, in parallel
	$(BIN)/python -m pytest -n auto --dist worksteal

mutants: $(MUTATORS) ## Draw 300 small mistakes in the code, and list those that the unit tests don't notice; DRAWN=60 is quick
	$(BIN)/python -m tests.mutation $(if $(DRAWN),--drawn $(DRAWN))

fuzz: $(READY) ## Try many configs and many mangled answers of the API, and very many files
	FUZZ_EXAMPLES=2000 $(BIN)/python -m pytest -n auto tests/hardening tests/unit/config/test_fuzz.py tests/integration/test_user_actions.py tests/integration/test_shared_actions.py

bench: $(READY) ## Measure time and memory, and write docs/benchmarks.md
	$(BIN)/python -m tests.bench

bench-calls: $(READY) ## Print what the main jobs cost in API calls, beside other tools
	$(BIN)/python -m tests.bench.calls

simulate: $(READY) ## Play 5,000 targets in a matrix of ten shards
	$(BIN)/python -m tests.sharded

storm: $(READY) ## Run on fleets in foul weather, and check that nothing is doubled or lost
	$(BIN)/python -m tests.storms

live: $(READY) ## Try docs/github.md on a real GitHub; ONLY="absent-file main-job" tries a part
	$(BIN)/python -m tests.live $(ONLY)

# Silent unless something is wrong: what the tool said is shown only then.
check = @said=$$($(BIN)/$(1) 2>&1) || { echo "$(firstword $(1)):"; echo "$$said"; exit 1; }

lint: $(LINTERS) ## Check style, types, layers, dependencies, workflows, schemas, scripts
	$(call check,ruff check .)
	$(call check,ruff format --check .)
	$(call check,mypy)
	$(call check,lint-imports)
	$(call check,deptry .)
	$(call check,zizmor --offline --persona pedantic --no-progress . examples/workflows/test.yml)
	$(call check,check-jsonschema --builtin-schema vendor.github-actions action.yml native/action.yml)
	$(call check,check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml examples/workflows/*.yml)
	$(call check,check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml examples/dependabot.yml)
	$(call check,check-jsonschema --builtin-schema vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml)
	$(call check,check-jsonschema --builtin-schema vendor.github-issue-forms $(filter-out %/config.yml,$(wildcard .github/ISSUE_TEMPLATE/*.yml)))
	$(call check,check-jsonschema --check-metaschema docs/*schema.json)
	$(call check,check-jsonschema --schemafile docs/schema.json .github/broadcast.yml)
	$(call check,hadolint Dockerfile)
	$(call check,shellcheck .ci/run)
	$(call check,python -m tools.steps)

docs: $(READY) ## Write what the types say into docs/: the config's schema and the table of its keys
	$(BIN)/python -m tests.reference

pictures: $(READY) ## Play what people see on the hub, and draw it into docs/*.png; needs Chromium
	$(BIN)/python -m tests.pictures

dist: $(READY) ## Build the wheel and the sdist; one commit always makes the same bytes
	rm -rf dist && mkdir dist
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/python -m tools.distributions dist

compile = $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet $(UPGRADE)

lock: $(LINTERS) ## Write the hashed lock files from pyproject.toml; UPGRADE=--upgrade takes newer versions
	$(compile) pyproject.toml -o requirements/runtime.lock
	printf 'flit_core>=3.12,<4\n' | $(compile) --no-annotate - -o requirements/build.lock
	$(compile) pyproject.toml requirements/build.lock --group test -o requirements/test.lock
	$(compile) --group lint --constraint requirements/test.lock -o requirements/lint.lock
	$(compile) --group mutants --constraint requirements/test.lock -o requirements/mutants.lock

clean: ## Remove the environment and everything generated
	rm -rf $(VENV) .cache .grimp_cache .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache demo-output dist
