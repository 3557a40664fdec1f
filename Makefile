# What a person types here. The work is done in tools/; each target is one line of it.

.DEFAULT_GOAL := help
.PHONY: help setup run test format bench soak clean

help:
	@echo 'make run     set up and start `cognate dev` on the bundled example'
	@echo 'make setup   make .venv/ with .venv/bin/cognate from the lock file'
	@echo 'make test    set up what the checks need and run them all'
	@echo 'make format  bring the code into form'
	@echo 'make soak    the tests that run for a long time'
	@echo 'make bench   the published figures, measured here'
	@echo 'make docs    write the generated pages of the reference again'
	@echo 'make clean   remove what set-up and checks made (never .cognate/, your data)'

setup:
	@tools/setup.sh run

run: setup
	@.venv/bin/cognate dev

test:
	@tools/setup.sh dev
	@.venv/bin/python tools/prepare_checks.py
	@.venv/bin/python tools/run_checks.py

format:
	@tools/setup.sh dev
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

soak:
	@tools/setup.sh dev
	@.venv/bin/python tools/prepare_checks.py
	@.venv/bin/pytest -m soak -o faulthandler_timeout=0

bench:
	@tools/setup.sh bench
	@.venv/bin/python bench/run.py

ifneq ($(wildcard tools/generate_docs.py),)
.PHONY: docs
docs:
	@tools/setup.sh dev
	@.venv/bin/python tools/generate_docs.py
endif

clean:
	rm -rf .venv .tools build dist test-results tests/clients/node_modules
	rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
