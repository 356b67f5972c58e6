# make run    install, index corpus/, serve on http://127.0.0.1:8000 (PORT=9000 make run)
# make test   install, run the tests
# make soak   install, run what takes long (BODO_SOAK_MUTATIONS=500 make soak for less)
# make bench  install, measure speed (ONLY=part,part INDEX=folder CORPUS=… OPENSEARCH=folder; docs/benchmarks.md)
.POSIX:
.PHONY: help run install dev test soak bench lint format lock clean

PYTHON = $$(for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
CORPUS ?= ../shared/data/korea-kr
OPENSEARCH ?= .venv/opensearch
ONLY ?=
INDEX ?=
BIN = .venv/bin
PIP = $(BIN)/python -m pip --disable-pip-version-check install --quiet

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

run: install
	@# Status 1: a file was refused. It has been named; the rest is searchable.
	@$(BIN)/bodo reindex || [ $$? -eq 1 ]
	@$(BIN)/bodo serve

install: .venv/installed

dev: .venv/installed-dev

test: dev
	$(BIN)/python -m pytest -n auto

soak: dev
	$(BIN)/python -m pytest -m soak -s

bench: dev
	$(PIP) tantivy==0.25.1
	$(BIN)/python -m tests.benchmarks.run --corpus "$(CORPUS)" --only "$(ONLY)" --index "$(INDEX)" \
		--opensearch "$(OPENSEARCH)"

lint: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --cache-dir .venv/import-linter

format: dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Choose the newest versions that pyproject.toml allows, for every Python and system at once.
lock: dev
	$(BIN)/uv pip compile --quiet --universal --upgrade --generate-hashes --no-header --no-annotate \
		--no-emit-index-url requirements/build.in -o requirements/build.lock
	$(BIN)/uv pip compile --quiet --universal --upgrade --generate-hashes --no-header --no-annotate \
		--no-emit-index-url pyproject.toml -o requirements/run.lock
	$(BIN)/uv pip compile --quiet --universal --upgrade --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --group dev -c requirements/run.lock pyproject.toml -o requirements/dev.lock

clean:
	rm -rf .venv

.venv/installed: requirements/build.lock requirements/run.lock pyproject.toml
	@python="$(PYTHON)"; if [ -z "$$python" ]; then \
		echo "Python 3.11 이상이 필요합니다 (Python 3.11 or later is needed)." >&2; exit 1; fi; \
	echo "설치합니다 (.venv, 1분쯤)…"; $$python -m venv .venv
	@$(PIP) --require-hashes -r requirements/build.lock
	@$(PIP) --require-hashes --no-build-isolation -r requirements/run.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/installed-dev: .venv/installed requirements/dev.lock
	@$(PIP) --require-hashes --no-build-isolation -r requirements/dev.lock
	@touch $@
