# Everything a person or CI does with this project, one command each. `make demo` is the first one to try.

PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11 python,$(shell $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(name))))
VENV ?= .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
# Where torch comes from. Empty: PyPI, whose Linux build carries CUDA (2.7 GB); without a GPU say
# make demo TORCH_INDEX=https://download.pytorch.org/whl/cpu
TORCH_INDEX ?=
TORCH := $(shell sed -n 's/^\(torch==.*\)/\1/p' constraints.txt)
HOST ?= 127.0.0.1
PORT ?= 8000
# How long `make train` trains the language model.
MINUTES ?= 60
# Test processes side by side.
WORKERS ?= 2
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

# Data of `make benchmark-forecasting`: a folder of M5 and a file in the layout of Online Retail II.
M5 ?= m5
RETAIL ?= online_retail_II.parquet

.PHONY: demo serve test test-slow fuzz check format train benchmark-forecasting clean help

help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

demo: $(STAMPS)/product ## install, make the demonstration shop where the home is empty, serve it
	$(BIN)/parstock demo --host $(HOST) --port $(PORT)

serve: $(STAMPS)/product ## serve the shop in ./parstock-home
	$(BIN)/parstock serve --host $(HOST) --port $(PORT)

test: $(STAMPS)/dev ## the fast tests
	$(PYTEST) -m "not slow and not gpu"

test-slow: $(STAMPS)/dev ## the tests that take minutes
	$(PYTEST) -m "slow and not gpu" --timeout 1800

fuzz: $(STAMPS)/dev ## 10,000 odd histories through every fast forecaster
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/properties/test_forecast_fuzz.py -m slow --timeout 3600

check: $(STAMPS)/dev ## style, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMPS)/dev ## put the code into the house's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

train: $(STAMPS)/product ## train the embedded language model anew, into runs/embedded
	$(BIN)/python -m finetune.pretrain --out runs/embedded --minutes $(MINUTES)

benchmark-forecasting: $(STAMPS)/dev ## our forecasts beside statsforecast and LightGBM: make benchmark-forecasting M5=DIR RETAIL=FILE
	$(BIN)/python -m pip install --quiet --editable ".[bench]" --constraint constraints.txt
	$(BIN)/python benchmarks/forecasts.py --m5 $(M5) --retail $(RETAIL) --out runs/benchmark-forecasting

clean: ## remove what was built; the virtual environment and ./parstock-home stay
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -path ./$(VENV) -prune -o -name __pycache__ -type d -exec rm -rf {} +

$(STAMPS)/venv:
	@test -n "$(PYTHON)" || { echo "make: no Python 3.11 or newer found; name one with PYTHON=..." >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	@mkdir -p $(@D) && touch $@

# torch first and alone, so that its build is chosen here and never by a dependency of something else
$(STAMPS)/torch: $(STAMPS)/venv constraints.txt
	$(BIN)/python -m pip install $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) "$(TORCH)"
	@touch $@

$(STAMPS)/product: $(STAMPS)/torch pyproject.toml
	$(BIN)/python -m pip install --quiet --editable . --constraint constraints.txt
	@touch $@

$(STAMPS)/dev: $(STAMPS)/torch pyproject.toml
	$(BIN)/python -m pip install --quiet --editable ".[dev]" --constraint constraints.txt
	@touch $@ $(STAMPS)/product
