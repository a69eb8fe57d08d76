# Everything from a clean clone, with nothing but Python 3.11 or newer.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
USE := $(VENV)/.use
DEV := $(VENV)/.dev

# The texts and the test suites are not part of the project; they are used where they lie beside the checkout.
export DIPLOGRAPH_TEXTS ?= $(abspath $(wildcard ../shared/articles))
export DIPLOGRAPH_SUITES ?= $(abspath $(wildcard ../shared/suites))

.PHONY: graph test lint format bench serve clean

graph: $(USE) ## the knowledge graph, verified, reasoned and validated: build/graph
	$(BIN)/diplograph build

test: $(DEV) ## the tests; PYTEST_ARGS for more
	$(BIN)/python -m pytest -n 2 --dist loadfile $(PYTEST_ARGS)

lint: $(DEV) ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(DEV) ## the style that lint asks for
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(DEV) ## our build beside the plain pipeline, on the same files
	$(BIN)/python benchmarks/pipeline.py

serve: $(USE) ## SPARQL endpoint, API and explorer on this machine
	$(BIN)/diplograph serve

clean: ## removes builds and the environment
	rm -rf build $(VENV)

$(USE): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=…")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q -c constraints.txt --upgrade pip
	$(BIN)/python -m pip install -q -c constraints.txt -e .
	@touch $@

$(DEV): $(USE)
	$(BIN)/python -m pip install -q -c constraints.txt --group dev
	@touch $@
