# Two commands: `make demo` and `make test`. Each target sets up what it needs; `make` alone lists them.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
DATA   ?= ../shared/data
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: docs help demo test test-long test-slow lint lab dashboards bench lock clean

help:  ## list what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | column -t -s "$$(printf '\t')"

# --no-deps: the lock is complete, and leaves out what bertopic declares but we do not need (torch, CUDA).
$(BIN)/.run: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3,11) <= sys.version_info < (3,15) else "Python 3.11 to 3.14 is needed: make PYTHON=python3.12 …")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "venv is missing: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(BIN)/.dev: requirements-dev.lock $(BIN)/.run
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

demo: $(BIN)/.run  ## simulate an incident and walk it from raw exports to a cited report; says what to type next
	$(BIN)/crisis demo

test: $(BIN)/.dev  ## lint, types and the fast tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder --data=$(DATA)

test-long: $(BIN)/.dev  ## the tests of two seconds or more, most of them journeys across rooms; CI runs them
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder --data=$(DATA) -m "long and not slow"

test-slow: $(BIN)/.dev  ## the slow, browser and real-data tests
	$(BIN)/python -m pytest --data=$(DATA) -m "slow or property"

lab: $(BIN)/.run  ## JupyterLab on the notebooks: your data, else the demonstration
	$(BIN)/crisis lab

dashboards: $(BIN)/.run  ## dashboards: your data, else the demonstration
	$(BIN)/crisis dashboards

bench: $(BIN)/.dev  ## every benchmark, one JSON line each, into bench-out/
	$(BIN)/python -m benchmarks --data=$(DATA)

docs: $(BIN)/.dev  ## the docs site, its tutorial executed, without a warning: docs/_build/html
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build/html

lock:  ## make both lock files anew (needs uv)
	uv lock --quiet
	(echo "# Every run-time dependency, pinned with hashes; made by: make lock"; uv export -q --frozen --no-dev --group build --no-emit-project --no-header --no-annotate) > requirements.lock
	(echo "# Every run-time, development, documentation and benchmark dependency, pinned with hashes; made by: make lock"; uv export -q --frozen --group build --group dev --group docs --group bench --no-emit-project --no-header --no-annotate) > requirements-dev.lock

clean:  ## remove the environment and caches; lake and reports stay
	rm -rf docs/_build $(VENV) .mypy_cache .ruff_cache .pytest_cache build dist
