# `make run` and `make test` do all the set-up; the rest is for those who work on the project.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
DEBUG ?= 1
export DEBUG

.PHONY: run test check browser faults benchmarks help

run: $(VENV)/.site  ## Set up, load demo data and serve the site on http://127.0.0.1:8000
	$(BIN)/python manage.py migrate --verbosity 0
	$(BIN)/python manage.py demo $(ARGS)

test: $(VENV)/.test  ## Set up and run the test suite (kills: make faults, browser: make browser); ARGS="-k name" for a part
	$(BIN)/python -m pytest --numprocesses 2 -m "not faults and not browser" $(ARGS)

check: $(VENV)/.dev  ## Style, types, layers, migrations, schema
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy visitors portfolio api config
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py spectacular --validate --fail-on-warn --file /dev/null
	DEBUG=0 SECRET_KEY=$$($(BIN)/python -c "import secrets; print(secrets.token_urlsafe(50))") \
	ALLOWED_HOSTS=example.com $(BIN)/python manage.py check --deploy --fail-level WARNING

browser: $(VENV)/.test  ## The tests in Debian's Chromium
	$(PIP) -r requirements-e2e.txt
	npm install --silent --no-package-lock --prefix tests/e2e
	REQUIRE_BROWSER=1 $(BIN)/python -m pytest tests/e2e -m browser --numprocesses 2 $(ARGS)

faults: $(VENV)/.test  ## The long fault campaign: kills, outages, full disks
	FAULTS_LONG=1 REQUIRE_SERVERS=1 $(BIN)/python -m pytest tests/faults -m faults -s $(ARGS)

benchmarks: $(VENV)/.test  ## Costs of recording beside other packages, as ratios
	$(BIN)/python -m benchmarks $(ARGS)

help:  ## This list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.site: requirements.txt | $(VENV)/bin/python
	$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.test: requirements-test.txt requirements.txt | $(VENV)/bin/python
	$(PIP) -r requirements-test.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt requirements-test.txt requirements.txt | $(VENV)/bin/python
	$(PIP) -r requirements-dev.txt
	@touch $@
