# setup, run, test: what a newcomer needs. Everything lands in .venv/ and var/.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check install --prefer-binary
TEXTS := $(shell find portal records retention search storage -path '*/LC_MESSAGES/django.po')

.PHONY: setup run test system-packages system-packages-for-tests

setup: system-packages $(VENV)/.installed $(TEXTS:.po=.mo)

run: setup
	@exec $(BIN)/python manage.py serve --demo

test: setup system-packages-for-tests $(VENV)/.installed-for-tests
	@exec $(BIN)/python -m tests.run

# Fonts for watermarks and for the demo's scans; a browser and PostgreSQL for the tests.
system-packages:
	@.ci/packages fonts-noto-cjk=/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc

system-packages-for-tests:
	@.ci/packages chromium=/usr/bin/chromium 'postgresql=/usr/lib/postgresql/*/bin/initdb'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Muniment needs Python 3.11 or newer; name one: make PYTHON=python3.11")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt | $(BIN)/python
	@echo "Installing what the portal runs on"
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.installed-for-tests: requirements-test.txt requirements.txt | $(BIN)/python
	@echo "Installing what the tests need"
	@$(PIP) -r requirements-test.txt
	@touch $@

%.mo: %.po | $(VENV)/.installed
	@$(BIN)/pybabel --quiet compile --input-file=$< --output-file=$@ --locale=$(notdir $(patsubst %/LC_MESSAGES/,%,$(dir $<)))
