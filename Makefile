# Every target says what it does; `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help setup demo demo-reset test test-long bench bench-large lint lock docs clean
PORT ?= 8800
PY := .venv/bin/python
export PYTHON

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | awk -F'\t' '{ printf "make %-11s %s\n", $$1, $$2 }'

setup: ## Make .venv in the checkout with the pinned dependencies and this project
	@./scripts/setup.sh

demo: setup ## Start an emulated org and Orgwarden, connect, collect, show progress (PORT=8800)
	@$(PY) -m scripts.demo --port $(PORT)

demo-reset: ## Forget the demo: its org, its records and its events
	@echo "demo-reset: removing ./demo"
	@rm -rf demo

test: setup ## Prepare all that the tests need and run them all
	@$(PY) -m scripts.run_tests

test-long: setup ## Run the larger counts and write docs/assurance/RESULTS.md
	@$(PY) -m scripts.run_tests --long

bench: setup ## Measure, and write docs/benchmarks.md (a quarter of an hour)
	@$(PY) -m benchmarks.run

bench-large: setup ## Measure the large ones: 5 GiB in one file, 50 million rows (see docs/benchmarks.md)
	@$(PY) -m benchmarks.run --large

lint: setup ## Check style, types and layers
	@$(PY) -m scripts.run_tests --lint

lock: ## Compile requirements/*.in into pinned files with hashes (needs uv)
	@./scripts/lock.sh

docs: setup ## Write the generated pages of docs/ anew
	@$(PY) -m scripts.render_docs

clean: ## Remove the environment and all caches (the demo stays; see demo-reset)
	@echo "clean: removing .venv and caches"
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	@find src tests scripts benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
