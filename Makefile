# What there is: `make help`. Everything is installed into .venv.

.DEFAULT_GOAL := help
.PHONY: help run test test-services check bench load cluster demo pictures messages
SHELL := /bin/bash
export PYTHONUNBUFFERED := 1
unexport PYTHONDONTWRITEBYTECODE  # a third of a start, and the tests start hundreds
export PATH := $(CURDIR)/.venv/bin:$(PATH)

help:  ## Show what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: .venv/run-installed  ## Start AdminAra: web server, job worker and metrics exporter
	@python manage.py prepare && exec honcho start

test: check  ## Run every check and every test
	@python -m pytest -n 3 --dist worksteal  # most tests wait for something: two cores carry three of them

test-services: .venv/test-installed  ## Run the tests again, on a PostgreSQL and a Redis instead of SQLite and memory
	@python -m tests.services -n 3 --dist worksteal tests/unit tests/integration

check: .venv/test-installed  ## Lint, format, types, migrations, Django's own checks
	@ruff check . && ruff format --check .
	@mypy .
	@python manage.py makemigrations --check --dry-run
	@ADMINARA_ENV=production SECRET_KEY=$$(python -c 'import secrets; print(secrets.token_urlsafe(60))') \
	  METRICS_TOKEN=check EMAIL_HOST=mail.example.org python manage.py check --deploy --fail-level WARNING

bench: .venv/test-installed  ## Measure what AdminAra costs beside others and write docs/benchmark.md
	@python -m tests.benchmark

load: .venv/test-installed  ## Raise customers until a bar breaks and write docs/load.md
	@python -m tests.load

cluster: .venv/test-installed  ## Kill each part of two hosts in turn, under load, and write docs/cluster.md
	@python -m tests.cluster

pictures: .venv/test-installed  ## Renew the documentation's screenshots
	@PICTURES=docs/pictures python -m pytest tests/browser/test_pictures.py

demo: .venv/run-installed  ## Fill the running server with a desk day
	@python manage.py demo_staff --count 6
	@python manage.py simulate --customers 200 --staff 6 --speed 60

messages: .venv/test-installed  ## Collect the texts for the translators and compile their translations (needs gettext)
	@python manage.py makemessages --locale tr --no-wrap --no-obsolete --no-location --ignore .venv --ignore .bench --ignore var --ignore tests
	@python manage.py compilemessages --locale tr --ignore .venv --ignore .bench

.venv/bin/python:
	@python=""; for candidate in $(or $(PYTHON),python3 python3.13 python3.12 python3.11); do \
	  if $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$candidate; break; fi; \
	done; \
	[ -n "$$python" ] || { echo "AdminAra needs Python 3.11 or newer: install it, or name it with PYTHON=..."; exit 1; }; \
	$$python -m venv .venv || { echo "The folder .venv cannot be made here."; exit 1; }

.venv/run-installed: requirements.txt .venv/bin/python
	@echo "Installing what AdminAra needs into .venv ..."
	@python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/test-installed: requirements-dev.txt .venv/run-installed
	@echo "Installing what the tests need into .venv ..."
	@python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
