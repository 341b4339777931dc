# Each target sets up what it needs. `make` prints this list.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

# Byte code is kept whatever the caller's environment says: compiling takes longer than most commands here.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo tools test check style types layers drift compiled format docs docs-site bench screens crash fuzz huge score lock clean

help: ## print the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /|/' | awk -F'|' '{printf "make %-9s %s\n", $$1, $$2}'

$(VENV)/.run: requirements/run.txt pyproject.toml package-lock.json hatch_build.py
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q src
	touch $@

# Without compiling every module of every package, which takes as long as the rest; Python compiles those it imports.
INSTALL = $(BIN)/python -m pip install --quiet --no-compile --require-hashes

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt
	$(INSTALL) -r requirements/dev.txt
	touch $@

$(VENV)/.docs: $(VENV)/.run requirements/docs.txt
	$(INSTALL) -r requirements/docs.txt
	touch $@

demo: $(VENV)/.run ## run the main job on embedded defaults (ARGS=--once ends by itself)
	$(BIN)/bucketlift demo $(ARGS)

test: $(VENV)/.dev tools ## run the tests (ARGS="-k word" chooses)
	$(BIN)/python -m pytest -n auto --dist loadscope --no-loadscope-reorder $(ARGS)

# Encrypted files are tested with a real gpg, SFTP with a real sshd, and the page in a real browser; where there is
# none, and none can be had, these tests are skipped and say why.
tools: | $(VENV)/.dev
	@$(call fetch,gpg,gnupg)
	@$(call fetch,chromium,chromium)
	@$(call fetch,mariadbd,mariadb-server-core)
	@$(call fetch,sshd,openssh-server)

fetch = command -v $(1) >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	&& { apt-get install -qq -y $(2) || { apt-get update -qq && apt-get install -qq -y $(2); }; }; } >/dev/null 2>&1 || true

check: style types layers drift ## format, lint, types, layers, docs drift (make -j2 check runs them side by side)

style: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/.dev
	$(BIN)/mypy

layers: $(VENV)/.dev
	$(BIN)/lint-imports

drift: $(VENV)/.dev
	$(BIN)/python -m tools.docs --check

# The byte code of the tests and of what they import. Otherwise each process of `make test` compiles it for itself.
compiled: $(VENV)/.dev
	@$(BIN)/python -m pytest --collect-only -qq > /dev/null || true

format: $(VENV)/.dev ## format the code and mend what lint can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/.dev ## write the generated pages of docs/ anew
	$(BIN)/python -m tools.docs

docs-site: $(VENV)/.docs ## build the documentation site into site/
	$(BIN)/zensical build --clean --strict

bench: $(VENV)/.dev ## measure beside peers; minutes (ARGS="duckdb --size full"; ARGS=--help)
	$(BIN)/python -m benchmarks $(ARGS)

screens: $(VENV)/.dev tools ## take the manual's pictures of the page anew (ARGS="runs run" chooses)
	PYTHONPATH=tests $(BIN)/python -m pages.screens $(ARGS)

crash: $(VENV)/.dev ## kill at every crash point, and again during recovery (long)
	BUCKETLIFT_CRASH=full $(BIN)/python -m pytest -n 2 --timeout=3000 tests/crash $(ARGS)

fuzz: $(VENV)/.dev ## try all examples of Hypothesis, N=100000 random tables, and guided bytes for MINUTES=1
	BUCKETLIFT_EXAMPLES=full $(BIN)/python -m pytest -n auto --timeout=3000 -m hypothesis $(ARGS)
	PYTHONPATH=tests $(BIN)/python -m pollution.round_trip $(N)
	PYTHONPATH=tests $(BIN)/python -m pollution.fuzz $(MINUTES)

N ?= 100000
MINUTES ?= 1

huge: $(VENV)/.dev ## read a file of GB=4 (minutes, and twice as much disk)
	BUCKETLIFT_HUGE=$(GB) $(BIN)/python -m pytest --timeout=3000 tests/pollution/test_huge_file.py $(ARGS)

GB ?= 4

score: $(VENV)/.dev ## tell what readers make of polluted files (EVERY=1 takes all)
	PYTHONPATH=tests $(BIN)/python -m pollution.score $(EVERY)

EVERY ?= 10

lock: $(VENV)/.dev ## lock the dependencies anew, with hashes and without index addresses
	$(BIN)/uv pip compile pyproject.toml --extra demo --group build $(LOCK) -o requirements/run.txt
	$(BIN)/uv pip compile pyproject.toml --extra demo --group dev -c requirements/run.txt $(LOCK) -o requirements/dev.txt
	$(BIN)/uv pip compile --group docs -c requirements/dev.txt $(LOCK) -o requirements/docs.txt

LOCK := --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-annotate --no-header

clean: ## remove what make made
	rm -rf $(VENV) node_modules src/bucketlift/web/static/vendor site .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis
