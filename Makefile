# demo and test set everything up on a fresh machine: they create .venv and install the project into it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready

.PHONY: demo test rtl iverilog lint bench format clean

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check torch==2.13.0
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	# fpy2 asks for one release of gmpy2 (2.3.1) and works with later ones; what else it needs is in dev.
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps 'fpy2>=0.3'
	touch $(READY)

demo: $(READY)
	$(BIN)/refmath check torch jax ml_dtypes numpy --budget quick --exit-zero

test: $(READY) iverilog
	$(BIN)/pytest -n 2 --dist worksteal

# Two arithmetic units in SystemVerilog, right and with a planted defect, under a test bench and under cocotb.
rtl: $(READY) iverilog
	$(BIN)/python examples/rtl/run.py

iverilog:
	@command -v iverilog >/dev/null || { apt-get update -qq && apt-get install -y -qq iverilog >/dev/null; } || \
		echo "iverilog is not here and cannot be installed: the tests that simulate hardware are skipped"

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY)
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
