# What .ci/run calls, and what one calls by hand. `make wheel` and `make test` work in environments of their own.
SHELL := /usr/bin/env
.SHELLFLAGS := bash -euo pipefail -c
SCRATCH ?= build/make
PYTHON ?= python3
export OMP_NUM_THREADS ?= 1

.PHONY: wheel test lint format slow docs clean

# The wheel as a user installs it, and a first audit with nothing else around.
wheel:
	mkdir -p "$(SCRATCH)" && cd "$(SCRATCH)" && rm -rf build dist wheel && $(PYTHON) -m venv build && $(PYTHON) -m venv wheel
	"$(SCRATCH)/build/bin/pip" install -c constraints.txt build
	"$(SCRATCH)/build/bin/python" -m build --outdir "$(SCRATCH)/dist"
	"$(SCRATCH)/wheel/bin/pip" install -c constraints.txt "$(SCRATCH)"/dist/*.whl
	cd "$(SCRATCH)" && PATH="$$PWD/wheel/bin:$$PATH" && \
	python -c 'import numpy; normal = numpy.random.default_rng(0).normal; [numpy.save(f"{name}.npy", normal(shift, 1, (500, 2))) for shift, name in enumerate(("real", "fake"))]' && \
	ganprobe --version && \
	ganprobe js fake.npy real.npy --budget fast -q -o audit.json && \
	(ganprobe check audit.json --max-js .05 || [[ $$? == 1 ]]) && \
	ganprobe report audit.json -o audit.html

# As the README says to run them, lint and types among them.
test:
	mkdir -p "$(SCRATCH)" && rm -rf "$(SCRATCH)/tests" && $(PYTHON) -m venv "$(SCRATCH)/tests"
	source "$(SCRATCH)/tests/bin/activate" && pip install -c constraints.txt -e ".[test]" && pytest

# Below: in the environment that is active.
lint:
	ruff check . && ruff format --check . && mypy

format:
	ruff check --fix . && ruff format .

slow:
	pytest -m slow

docs:
	$(PYTHON) -m sphinx -W docs build/docs

clean:
	rm -rf build dist
