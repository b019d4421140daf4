# Thin on purpose: each target is one command that can also be typed.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup demo test bench soak constraints

setup: .venv/.ready  ## everything the other targets need, in .venv; leaves the command at .venv/bin/monitor

demo: setup  ## the main job with a real Airflow, in five minutes, then on until Ctrl-C (DEMO_EXIT=1: it ends); SEED=n for another nation
	$(BIN)/monitor demo --airflow --output build/demo $(if $(SEED),--seed $(SEED))

test: setup  ## all that CI checks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest --numprocesses=auto --dist=loadfile

bench: setup  ## figures with their goals into build/bench.json; ONLY=name for one, SEEDS=1,2 and TRAIN_SEEDS=3 for those of detection
	$(BIN)/monitor bench $(if $(ONLY),--only $(ONLY)) $(if $(SEEDS),--seeds $(SEEDS)) $(if $(TRAIN_SEEDS),--train-seeds $(TRAIN_SEEDS))

soak: setup  ## the laws and crash tests, at length
	HYPOTHESIS_PROFILE=soak $(BIN)/pytest -m soak

.venv/.ready: pyproject.toml deploy/constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo 'Python 3.11 or newer is needed; name yours: make setup PYTHON=python3.12' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	    { echo 'This Python cannot make virtual environments; on Debian and Ubuntu: apt-get install python3-venv' >&2; exit 1; }
	$(BIN)/python -c 'import pip' 2>/dev/null || $(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint deploy/constraints.txt uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --constraint deploy/constraints.txt --editable '.[dev]'
	@touch $@

constraints: setup  ## after a change of dependencies: the newest versions that work together, on any platform
	$(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --upgrade --quiet \
	    --no-header --no-annotate --no-emit-index-url --output-file deploy/constraints.txt
