# Two commands matter: `make run` and `make test`. Both set up what they need, and are quick the second time.
SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

VENV := .venv
BIN := $(VENV)/bin
# The first interpreter that is in range. A shim that exists but does not run is passed over.
PYTHON := $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && { command -v $$p; break; }; done)
# Byte code makes the second start quick; an environment that forbids it means its own files, not ours.
unexport PYTHONDONTWRITEBYTECODE

STATIC := core/tali/static
WIDGET := $(shell find widget core/tali/brand -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)
ADMIN := $(shell find admin_ui core/tali/brand -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)
TESTS ?= tests
AREA ?=

.PHONY: help run test lint bench verify setup build chromium clean lock

help: ## Show this
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: setup build ## Start TALI on this machine: database, queue, web, workers, sample host page
	@exec $(BIN)/tali up

test: setup build lint chromium ## Set up and pass every test
	npm test --silent
	$(BIN)/pytest -q -n 2 --dist loadgroup -m "not slow" $(TESTS)

verify: setup build lint chromium ## Everything in `make test`, and the long suites
	npm test --silent
	$(BIN)/pytest -q -n 2 --dist loadgroup $(TESTS)

lint: setup node_modules/.installed ## Check style, types, imports, secrets
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	npm run --silent check
	npx --no-install biome check --error-on-warnings
	git ls-files -z | xargs -0 $(BIN)/detect-secrets-hook --exclude-files '(package-lock.json|requirements.lock|toolchain.lock|tasks/library/.*)$$'
	$(BIN)/tali settings | diff - .env.example

bench: setup build ## Measure; AREA=core for one area. Writes benchmarks/out/
	$(BIN)/python -m benchmarks $(AREA)

setup: $(VENV)/.installed

build: $(STATIC)/embed/.built $(STATIC)/admin/.built $(STATIC)/docs/.built ## Build the front ends

chromium: setup
	@$(BIN)/python -m tests.browser.chromium

lock: setup ## Write requirements.lock anew from setup.cfg
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile setup.cfg --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --quiet --upgrade --output-file requirements.lock

clean: ## Remove what was built and installed here (not your data)
	rm -rf $(VENV) node_modules $(STATIC)/embed $(STATIC)/admin $(STATIC)/docs build *.egg-info

$(VENV)/.installed: requirements.lock setup.cfg setup.py pyproject.toml
	@test -n "$(PYTHON)" || { echo "TALI needs Python 3.11, 3.12 or 3.13 with its venv module. Install one and run make again." >&2; exit 1; }
	@test -x $(BIN)/python || { echo "Creating the Python environment"; $(PYTHON) -m venv $(VENV); }
	@echo "Installing Python packages"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@$(BIN)/python -m compileall -q core plugins migrations || true
	@touch $@

node_modules/.installed: package.json package-lock.json $(wildcard widget/*/package.json) admin_ui/package.json
	@node -e 'const [a,b]=process.versions.node.split(".").map(Number);process.exit(a>20||(a===20&&b>=19)?0:1)' 2>/dev/null \
		|| { echo "TALI needs Node.js 20.19 or later. Install it and run make again." >&2; exit 1; }
	@echo "Installing npm packages"
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(STATIC)/embed/.built: node_modules/.installed $(WIDGET)
	@echo "Building the widget"
	@npm run --silent build -w widget/sdk -w widget/app
	@touch $@

$(STATIC)/admin/.built: node_modules/.installed $(ADMIN)
	@echo "Building the admin app"
	@npm run --silent build -w admin_ui
	@touch $@

$(STATIC)/docs/.built: node_modules/.installed core/tali/api_docs/index.html core/tali/api_docs/start.js
	@mkdir -p $(STATIC)/docs
	@cp core/tali/api_docs/index.html core/tali/api_docs/start.js \
		node_modules/swagger-ui-dist/swagger-ui.css node_modules/swagger-ui-dist/swagger-ui-bundle.js $(STATIC)/docs/
	@touch $@
