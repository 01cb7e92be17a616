# make demo   install into .venv, then grade a right and a wrong solution
# make test   everything that must hold: ruff, mypy, pytest
# make redteam  of that only the attacks, tests/redteam/
# make bench  what the grader costs, as figures
# make soak   whether anything is left after 5,000 gradings (an hour)
# make clean  remove what the others made
#
# PYTHON chooses the interpreter (CPython 3.11 or newer); VENV the place of the environment.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
WRONG := solutions/pipe/wrong/keeps-write-end

.PHONY: demo test redteam bench soak cpython clean

# The wrong one must end with 1, not full marks, and nothing worse.
demo: $(VENV)/.installed
	@echo '$$ grade pipe solutions/pipe/python'
	@$(BIN)/grade pipe solutions/pipe/python
	@echo
	@echo '$$ grade pipe $(WRONG)'
	@$(BIN)/grade pipe $(WRONG); test $$? -eq 1

test: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n 2 --dist worksteal

redteam: $(VENV)/.installed-test
	$(BIN)/pytest -n 2 --dist worksteal tests/redteam

bench: $(VENV)/.installed
	@for file in $(filter-out bench/soak.py bench/cpython.py,$(wildcard bench/*.py)); do echo "== $$file"; $(BIN)/python $$file || exit 1; done

soak: $(VENV)/.installed
	@$(BIN)/python bench/soak.py

cpython: $(VENV)/.installed
	@$(BIN)/python bench/cpython.py

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("$(PYTHON) is too old: make PYTHON=python3.11 (or newer)")'
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

# The two stamps record which pyproject.toml the environment was made from.
$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(PIP) --editable .
	@touch $@

$(VENV)/.installed-test: pyproject.toml | $(BIN)/python
	$(PIP) --editable '.[test,dev]'
	@touch $@ $(VENV)/.installed
