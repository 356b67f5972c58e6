.POSIX:
.PHONY: help run install dev test soak bench lint format openapi opensearch opensearch-stop lock clean

PYTHON = $$(for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
# The releases that `make bench` measures with: a folder or a file of `bodo reindex --corpus`.
CORPUS ?=
# Where OpenSearch is, or is to be, and the port of the one for development and tests.
OPENSEARCH ?= .venv/opensearch
OPENSEARCH_PORT ?= 9210
ONLY ?=
INDEX ?=
# Percent of lines and branches that the tests must reach: what they reached (97 both), less one.
COVERAGE_FLOORS = indexer=96 web=96
CLUSTER = indexer/engines/opensearch
CLUSTER_FLOOR = 93
BIN = .venv/bin
PIP = $(BIN)/python -m pip --disable-pip-version-check install --quiet

help:  ## tell what there is to make
	@awk -F ':.*##  *' '/^[a-z-]+:.*## / { printf "make %-15s %s\n", $$1, $$2 }' Makefile

run: install  ## install, index corpus/, serve it on http://127.0.0.1:8000 and watch it (PORT=9000 make run)
	@# Status 1: a file was refused. It has been named; the rest is searchable.
	@$(BIN)/bodo reindex || [ $$? -eq 1 ]
	@$(BIN)/bodo serve --watch

install: .venv/installed  ## install into .venv

dev: .venv/installed-dev  ## install, with the tools of developers

test: dev  ## run the tests, and tell the modules that they reach least
	$(BIN)/python -m pytest -n auto --cov --cov-report=
	@# A process that a test kills leaves half a file.
	@$(BIN)/coverage combine --quiet --append 2>/dev/null; rm -f .coverage.*
	@$(BIN)/coverage report --sort=cover --skip-covered >.venv/coverage.txt; sed 12q .venv/coverage.txt
	@# The engine over a cluster is reached where there is an OpenSearch, and has a floor of its own.
	@for floor in $(COVERAGE_FLOORS); do package=$${floor%=*}; printf "$$package (at least $${floor#*=} %%): "; \
		$(BIN)/coverage report --include="$$package/*" --omit="$(CLUSTER)/*" --format=total \
		--fail-under=$${floor#*=} || exit 1; done
	@[ -z "$$BODO_TEST_OPENSEARCH_URL" ] || { printf "$(CLUSTER) (at least $(CLUSTER_FLOOR) %%): "; \
		$(BIN)/coverage report --include="$(CLUSTER)/*" --format=total --fail-under=$(CLUSTER_FLOOR); }

soak: dev  ## run the tests that take minutes or hours (BODO_SOAK_MUTATIONS=500, BODO_SOAK_CASES=1000 for less)
	$(BIN)/python -m pytest -m soak -s

bench: dev  ## measure speed, while nothing else runs (CORPUS=folder, ONLY=part,part, INDEX=, OPENSEARCH=: docs/benchmarks.md)
	@[ -n "$(CORPUS)" ] || { echo "make bench CORPUS=보도자료 폴더 (say where the releases are)" >&2; exit 2; }
	$(PIP) tantivy==0.25.1
	$(BIN)/python -m tests.benchmarks.run --corpus "$(CORPUS)" --only "$(ONLY)" --index "$(INDEX)" \
		--opensearch "$(OPENSEARCH)"

lint: dev  ## check style, types and layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --cache-dir .venv/import-linter

format: dev  ## mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

openapi: dev  ## write docs/openapi.json and the tables of docs/api.md from the models of the endpoint
	$(BIN)/python -m web.describe

opensearch: dev  ## start an OpenSearch for development and tests (OPENSEARCH_PORT=9210, OPENSEARCH=folder)
	@$(BIN)/python -m tests.support.opensearch_server "$(OPENSEARCH)" --port $(OPENSEARCH_PORT) --background
	@echo "시험: BODO_TEST_OPENSEARCH_URL=http://127.0.0.1:$(OPENSEARCH_PORT) make test"
	@echo "색인: BODO_ENGINE=opensearch BODO_OPENSEARCH_URL=http://127.0.0.1:$(OPENSEARCH_PORT) bodo reindex"

opensearch-stop: dev  ## stop it
	@$(BIN)/python -m tests.support.opensearch_server "$(OPENSEARCH)" --port $(OPENSEARCH_PORT) --stop

# Choose the newest versions that pyproject.toml allows, for every Python and system at once.
lock: dev  ## choose the newest versions of what is depended on
	$(BIN)/uv pip compile --quiet --universal --upgrade --generate-hashes --no-header --no-annotate \
		--no-emit-index-url requirements/build.in -o requirements/build.lock
	$(BIN)/uv pip compile --quiet --universal --upgrade --generate-hashes --no-header --no-annotate \
		--no-emit-index-url pyproject.toml -o requirements/run.lock
	$(BIN)/uv pip compile --quiet --universal --upgrade --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --group dev -c requirements/run.lock pyproject.toml -o requirements/dev.lock

clean:  ## remove .venv
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
