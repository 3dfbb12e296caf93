# `make run` and `make test` do all the set-up; the rest is for those who work on the project.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes
DEBUG ?= 1
export DEBUG

.PHONY: run test check browser clients faults schema lock audit benchmarks help

run: $(VENV)/.site  ## Set up, load demo data and serve the site on http://127.0.0.1:8000
	$(BIN)/python manage.py migrate --verbosity 0
	$(BIN)/python manage.py demo $(ARGS)

test: $(VENV)/.test  ## Set up and run the test suite (kills: make faults, browser: make browser); ARGS="-k name" for a part
	$(BIN)/python -m pytest --numprocesses 2 -m "not faults and not browser and not distribution" $(ARGS)

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
	$(PIP) -r requirements-e2e.lock
	npm install --silent --no-package-lock --prefix tests/e2e
	REQUIRE_BROWSER=1 $(BIN)/python -m pytest tests/e2e -m browser --numprocesses 2 $(ARGS)

clients: $(VENV)/.test .venv-clients/.made  ## Clients made for Plausible, and one generated from the schema, as they come
	$(PIP) -r requirements-e2e.lock
	npm install --silent --no-package-lock --ignore-scripts --prefix tests/clients
	REQUIRE_BROWSER=1 REQUIRE_CLIENTS=1 $(BIN)/python -m pytest tests/clients -m clients $(ARGS)

faults: $(VENV)/.test  ## The long fault campaign: kills, outages, full disks
	FAULTS_LONG=1 REQUIRE_SERVERS=1 $(BIN)/python -m pytest tests/faults -m faults -s $(ARGS)

schema: .venv-schema/.made  ## Ask the API whatever its schema allows and forbids
	REQUIRE_SCHEMATHESIS=1 .venv-schema/bin/python -m pytest tests/contract -m contract --numprocesses 2 $(ARGS)

lock:  ## Write the lock files anew after a change of requirements*.txt
	.ci/lock

audit:  ## Known vulnerabilities in what the lock files name
	.ci/audit

benchmarks: $(VENV)/.test  ## Costs of recording beside other packages, as ratios
	$(BIN)/python -m benchmarks $(ARGS)

help:  ## This list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.site: requirements.lock | $(VENV)/bin/python
	$(PIP) -r requirements.lock
	@touch $@

$(VENV)/.test: requirements-test.lock | $(VENV)/bin/python
	$(PIP) -r requirements-test.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock | $(VENV)/bin/python
	$(PIP) -r requirements-dev.lock
	@touch $@

.venv-clients/.made: requirements-clients.lock
	[ -x .venv-clients/bin/python ] || $(PYTHON) -m venv .venv-clients
	.venv-clients/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-clients.lock
	@touch $@

.venv-schema/.made: requirements-schema.lock
	[ -x .venv-schema/bin/python ] || $(PYTHON) -m venv .venv-schema
	.venv-schema/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-schema.lock
	@touch $@
