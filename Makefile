# Every target sets up .venv by itself, from requirements.lock, and only when that or pyproject.toml has changed.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed

# Extra parameters for `make compare`, e.g. make compare PARAMS="-p order 500 -p g 6"
PARAMS ?=
OUT ?= results/compare
# For Snakemake, e.g. make batch OPTIONS="--workflow-profile workflow/profiles/slurm"
OPTIONS ?=

.PHONY: compare batch figures reproduce docs bench test test-slurm test-browser lab explore cells lint hooks clean

compare: $(INSTALLED)
	$(BIN)/python -m meanfield run notebooks/compare.ipynb -o $(OUT) $(PARAMS)
	$(BIN)/python -m meanfield show $(OUT)/compare.nc

# All runs of an experiment that are not finished, e.g. make batch EXPERIMENT=experiments/validity_map.yml
ifneq ($(filter batch,$(MAKECMDGOALS)),)
ifndef EXPERIMENT
$(error name the experiment: make batch EXPERIMENT=experiments/NAME.yml)
endif
endif
batch: $(INSTALLED)
	$(BIN)/python -m meanfield batch $(EXPERIMENT) $(OPTIONS)

# Every tracked figure again, from the tracked datasets, without simulating; the same bytes
figures: $(INSTALLED)
	$(BIN)/python -m meanfield figures

# Every tracked dataset anew, or those of NAMES, e.g. make reproduce NAMES=compare; tells how it compares
NAMES ?=
reproduce: $(INSTALLED)
	$(BIN)/python -m meanfield reproduce $(NAMES)

# The site, without a network: docs/.made/site/index.html
docs: $(INSTALLED)
	$(BIN)/python docs/assemble.py docs/.made/pages
	$(BIN)/sphinx-build -q -W --keep-going -n -c docs docs/.made/pages docs/.made/site

bench: export OPENBLAS_NUM_THREADS = 1
bench: $(INSTALLED)
	$(BIN)/python benchmarks/peers.py
	$(BIN)/python benchmarks/batch_overhead.py
	$(BIN)/python benchmarks/simulators.py
	$(BIN)/python benchmarks/trains_cost.py

# Two processes on two cores: linear algebra on two threads in each of them would wait for itself
test: $(INSTALLED)
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n 2

# Batches on a real SLURM: installs Debian's and runs it while the tests last, so root is needed
test-slurm: $(INSTALLED)
	$(BIN)/python tests/slurm/install.py
	$(BIN)/python -m pytest tests/slurm

# The explorer's page in the distribution's Chromium: installs that where run as root on Debian
test-browser: $(INSTALLED)
	$(BIN)/python tests/browser/install.py
	$(BIN)/python -m pytest tests/browser

LAB := $(BIN)/jupyter lab --ServerApp.root_dir=. --allow-root \
    --FileContentsManager.pre_save_hook=meanfield.runs.lab.without_own_metadata

lab: $(INSTALLED)
	$(LAB) --LabApp.default_url=/lab/tree/notebooks

# The explorer as a page without code
explore: $(INSTALLED)
	$(LAB) --LabApp.default_url=/voila/render/notebooks/explore.ipynb

# The notebooks' parameters cells anew, after a change of a parameter model
cells: $(INSTALLED)
	$(BIN)/python -m meanfield cells

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

hooks: $(INSTALLED)
	$(BIN)/pre-commit install

clean:
	rm -rf .venv

# Every package is held to its version and its checksum, also what builds those that come as sources
LOCKED := $(BIN)/python -m pip install --quiet --require-hashes --no-build-isolation
$(INSTALLED): pyproject.toml requirements.lock requirements-build.lock
	$(PYTHON) -m venv --clear .venv
	$(LOCKED) --requirement requirements-build.lock
	$(LOCKED) --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@
