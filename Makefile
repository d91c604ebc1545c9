# `make demo` and `make test` need Python 3.11 or later, make and a package index; all else goes into .venv.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PEERS ?= .venv-peers

OLDEST := 3.11
TOO_OLD := flyball needs Python $(OLDEST) or later, and $(PYTHON) is not: try `make PYTHON=/path/to/a/newer/python3`

.DEFAULT_GOAL := help
.PHONY: help demo test test-long lint format bench bench-scaling bench-peers venv clean

help:
	@echo 'make demo       decide over thirteen years of daily prices, explain the first blocked day, and hold a weight'
	@echo 'make test       run the test suite'
	@echo 'make test-long  run the tests that take minutes'
	@echo 'make lint       ruff and mypy'
	@echo 'make format     let ruff rewrite layout and import order'
	@echo 'make bench      time the live decision, packs with state, and policies against code written by hand'
	@echo 'make bench-scaling  how load time, decision time and memory grow with the pack'
	@echo 'make bench-peers    Flyball beside nine other engines; WRITE=README.md puts the tables there'
	@echo 'make clean      remove what was built'

demo: $(STAMP)
	@$(BIN)/python examples/market_history/demo.py
	@echo
	@$(BIN)/python examples/market_history/continuous.py

test: $(STAMP)
	$(BIN)/python -m pytest -n 2 --dist worksteal

test-long: $(STAMP)
	$(BIN)/python -m pytest -m long -n 2 --dist worksteal $(if $(SEED),--seed $(SEED))

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	MYPYPATH=$(VENV)/src $(BIN)/mypy -p flyball

format: $(STAMP)
	$(BIN)/ruff check --fix --select I .
	$(BIN)/ruff format .

bench: $(STAMP)
	$(BIN)/python benchmarks/live.py
	$(BIN)/python benchmarks/proposals.py
	$(BIN)/python benchmarks/desk.py
	$(BIN)/python benchmarks/orchestrator.py
	$(BIN)/python benchmarks/continuous.py

bench-scaling: $(STAMP)
	$(BIN)/python benchmarks/scaling.py

bench-peers: $(PEERS)/.installed
	$(PEERS)/bin/python benchmarks/peers.py $(if $(WRITE),--write $(WRITE))

# Apart from $(VENV), since the engines bring dependencies of their own.
$(PEERS)/.installed: benchmarks/requirements-peers.txt pyproject.toml
	@$(PYTHON) -m venv $(PEERS)
	@$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --editable .
	@grep -v '^#' benchmarks/requirements-peers.txt | while read -r each; do \
		$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check "$$each" \
			|| echo "$$each does not install here; the table says so"; done
	@touch $@

venv: $(STAMP)

# The stamp comes last, so an installation that was cut short is done again.
$(STAMP): pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo 'flyball needs Python $(OLDEST) or later: no $(PYTHON) here' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo '$(TOO_OLD)' >&2; exit 1; }
	@echo 'building $(VENV)'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,examples]'
	@mkdir -p $(VENV)/src && ln -sfn '$(CURDIR)' $(VENV)/src/flyball
	@touch $@

clean:
	rm -rf $(VENV) $(PEERS) build dist flyball.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
