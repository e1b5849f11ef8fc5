# Needs Python 3.11 or newer; make test needs Node 20 and npm as well. Everything goes into the checkout.
#
#   make demo [CHAPTER=path] [OUT=dir]   translate a chapter (the sample chapter, into out/)
#   make test                            every test, those in workerd included
#   make simulate [SEEDS=n] [FIRST=n]    the orchestrator and its translators in n simulated storms (300, from seed 0)
#   make bench [CHAPTER=path] [ONLY=part] chapter: seconds a page, memory; costs: at Cloudflare; polls: in workerd;
#                                        translate: wall time of a chapter with a model of 3 s a call
#   make lint                            ruff and mypy
#   make clean                           removes what these commands made
#
# A recipe that fails ends GNU make with exit code 2, whatever the recipe's own was; ./demo ends with 0, 3 or 1.

# The tests of the optional engines need torch. Where pip would take a build with gigabytes of CUDA, point
# PIP_EXTRA_INDEX_URL at PyTorch's index of CPU builds.

PYTHON ?= $(shell command -v python3.11 || command -v python3 || command -v python)
CHAPTER ?=
ONLY ?=
TORCH ?= torch==2.13.0
OUT ?= out
SEEDS ?= 300
FIRST ?= 0
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test simulate bench lint clean setup setup-engines setup-node
.DELETE_ON_ERROR:

demo: setup
	@./demo "$(or $(CHAPTER),sample/chapter)" "$(OUT)"

test: setup setup-engines setup-node
	$(BIN)/python -m pytest

simulate: setup
	@PYTHONPATH=.:orchestrator:containers $(BIN)/python -m tests.simulation --seeds $(SEEDS) --first $(FIRST)

bench: setup
	@PYTHONPATH=.:orchestrator:containers $(BIN)/python -m tools.bench $(if $(ONLY),--only $(ONLY)) $(if $(CHAPTER),"$(CHAPTER)")

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean:
	rm -rf $(VENV) node_modules out build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Each stamp is newer than what it was made from: with nothing changed, setup does nothing.
setup: $(VENV)/.installed
setup-engines: $(VENV)/.engines
setup-node: node_modules/.installed

$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/bin/pip
	@echo "Installing the Python packages of requirements.lock into $(VENV) ..."
	@$(PIP) -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

# torch is in no lock, since its builds differ; what else the engines need is.
$(VENV)/.engines: requirements-engines.lock | $(VENV)/.installed
	@echo "Installing torch and the packages of requirements-engines.lock into $(VENV) ..."
	@$(PIP) --no-deps -r requirements-engines.lock
	@$(PIP) $(TORCH)
	@touch $@

$(VENV)/bin/pip:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed (PYTHON=...)")'
	@"$(PYTHON)" -m venv $(VENV)

node_modules/.installed: package-lock.json
	@echo "Installing the npm packages of package-lock.json into node_modules ..."
	@npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@
