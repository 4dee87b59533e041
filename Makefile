# Everything a developer does is a target here; `make` alone lists them.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
UI     := src/qingdan/web/static/ui/index.html
NPM    := $(BIN)/python tools/node.py -C ui
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help run test test-fault lint fmt bench ui migrations openapi docs lock clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: $(READY) $(UI) ## Start the whole product with the demo data and print the address and logins
	$(BIN)/qingdan demo

test: $(READY) $(UI) ## Run every test (brings its own browser and PostgreSQL)
	$(NPM) run --silent check
	$(NPM) run --silent test
	QINGDAN_HOME="$(CURDIR)/.qingdan" QINGDAN_BROWSER="$$($(BIN)/python tools/chromium.py)" \
		$(BIN)/pytest -n $(WORKERS)

lint: $(READY) ui/node_modules/.ready ## Run the linters and type checkers; warnings are errors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(NPM) run --silent lint

fmt: $(READY) ui/node_modules/.ready ## Format the code
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .
	$(NPM) run --silent format

bench: $(READY) ## Measure against peers; prints a table and writes bench/results.json (BENCH=--all for the long parts)
	$(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes -r requirements-bench.txt
	$(BIN)/python -m bench $(BENCH)

ui: $(UI) ## Build the web pages

migrations: $(READY) ## Make migrations after a change of models or of the field catalogue
	$(BIN)/qingdan manage makemigrations

openapi: $(READY) ui/node_modules/.ready ## Write the API description and the typed client made from it
	$(BIN)/qingdan api-schema > ui/openapi.json
	$(NPM) run --silent api

docs: $(READY) ## Write the generated pages of docs/
	$(BIN)/python tools/docs.py

lock: $(READY) ## Pin the Python packages anew, with hashes and without any index
	$(BIN)/python tools/lock.py

clean: ## Remove what was built or installed here; the data directory stays
	rm -rf $(VENV) .browser ui/node_modules src/qingdan/web/static build dist

$(READY): requirements-dev.txt pyproject.toml tools/bootstrap.py
	$(PYTHON) tools/bootstrap.py $(VENV) requirements-dev.txt
	@touch $@

ui/node_modules/.ready: $(READY) ui/package-lock.json
	$(NPM) ci --silent
	@touch $@

$(UI): ui/node_modules/.ready $(shell find ui/src ui/index.html ui/vite.config.ts -type f 2>/dev/null)
	$(NPM) run --silent build
	@touch $@
