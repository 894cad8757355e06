# Each target first makes what it needs; `make demo` and `make test` start from a bare clone.

PYTHON ?= $(shell command -v python3 || command -v python || echo python3)
IN = .venv/bin/python -m
ARGS ?=

.PHONY: help environment demo demo-reset test prove lint format bench lock messages shots clean

help:
	@echo "make demo        the example region on http://localhost, nothing else needed"
	@echo "make demo-reset  begin the example anew, after asking"
	@echo "make test        all tests, browser included; ARGS=\"...\" goes to pytest"
	@echo "make prove       the same tests at full size, resumable; writes docs/proof.md"
	@echo "make lint        style, types, templates, migrations, catalogues, locks"
	@echo "make format      put style and templates right"
	@echo "make bench       speed with 20,000 clients"
	@echo "make messages    bring both catalogues up to the sources"
	@echo "make lock        resolve the dependencies again"
	@echo "make shots       the screenshots of the documentation"

environment:
	@$(PYTHON) tools/bootstrap.py

demo: environment
	@exec $(IN) tools.demo

demo-reset: environment
	@exec $(IN) tools.demo --reset

test: environment
	@exec $(IN) tools.test $(ARGS)

prove: environment
	@exec $(IN) tools.prove $(ARGS)

lint: environment
	@exec $(IN) tools.lint

format: environment
	@$(IN) ruff check --fix --quiet . || true
	@$(IN) ruff format --quiet .
	@$(IN) djlint --reformat --quiet templates || true

bench: environment
	@exec $(IN) bench $(ARGS)

lock: environment
	@exec $(IN) tools.lock

messages: environment
	@$(IN) tools.catalogues update
	@$(IN) tools.catalogues compile

shots: environment
	@exec $(IN) tools.shots $(ARGS)

clean:
	rm -rf .venv node_modules static/vendor staticfiles .mypy_cache .ruff_cache .pytest_cache
