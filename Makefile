# Everything a person needs: demo, test, lint, bench, docs.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
# Tests wait for servers more than they compute.
WORKERS ?= $(shell echo $$((2 * $$(nproc))))
PIP := $(BIN)/python -m pip --disable-pip-version-check -q

.PHONY: demo test lint bench docs clients
.DELETE_ON_ERROR:

# The package alone; `-e` so that a checkout is what runs.
$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PIP) install -e .
	touch $@

# With what tests and checks need.
$(VENV)/.developed: pyproject.toml requirements-dev.txt | $(VENV)/.installed
	$(PIP) install -r requirements-dev.txt
	touch $@

# Official clients that tests try, apart from everything else.
.venv-clients/.installed: tests/clients/requirements.txt
	$(PYTHON) -m venv .venv-clients
	.venv-clients/bin/python -m pip --disable-pip-version-check -q install -r $<
	touch $@

clients: .venv-clients/.installed

demo: $(VENV)/.installed
	$(BIN)/motet setup
	$(BIN)/python examples/demo.py

test: $(VENV)/.installed $(VENV)/.developed
	$(BIN)/motet setup
	$(BIN)/pytest -n $(WORKERS) --dist worksteal

lint: $(VENV)/.installed $(VENV)/.developed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.installed $(VENV)/.developed
	$(BIN)/motet setup
	$(BIN)/python bench/run.py

docs: $(VENV)/.installed $(VENV)/.developed
	$(BIN)/python -m motet.spec.reference docs/declaration.md
	$(BIN)/pytest -n auto tests/docs
