# make bench | test | check | setup; each installs what it needs, once.
PYTHON ?= python3
VENV := .venv
# Four, on two cores or more: most of the long tests wait for processes, and at most three of those are under way
# (tests/conftest.py). Not more on any machine: some tests start a dozen processes.
TEST_PROCESSES ?= 4
# Tests start hundreds of processes, each of which would compile the modules anew.
unexport PYTHONDONTWRITEBYTECODE
BIN := $(VENV)/bin

.PHONY: help setup dev bench example example-decision board docs site pictures test coverage test-lowest test-newest check lint lint-deployment chaos chaos-crashes kill-matrix release-check format lock clean

help:
	@echo "make bench   run the plan 'quick' and print its tables (about a minute)"
	@echo "make test    run the tests"
	@echo "make coverage  run the tests, and print how much of each room they execute: [TESTS=tests/harness/plan]"
	@echo "make test-lowest, make test-newest"
	@echo "             run the tests of Celery contenders and own jobs with the lowest, or newest, versions allowed"
	@echo "make check   check format, lint, types, import contracts and size limits"
	@echo "make chaos   kill, stop and interrupt parts of runs for ten minutes: [SEED=N] [CASES=N] [MINUTES=N] [ONLY=CASE]"
	@echo "make chaos-crashes  interrupt runs of the plan crashes, and see what is left: [SEED=N] [RUNS=N]"
	@echo "make kill-matrix  kill parts of a fleet, and hold the run after that against a clean one: [SEED=N] [CASES=N]"
	@echo "make release-check  install the wheel into a fresh environment and use it there: [TAG=v1.0.0]"
	@echo "             [PYTHONS=\"python3.11 python3.14\"] [LOCKED=1], with the versions of constraints.txt"
	@echo "make example repeat the run that the README shows, and update it there"
	@echo "make example-decision run the decision that the README shows, and keep it (its picture: make pictures)"
	@echo "make board   run the plan 'quick' and write its document for the board (boards/)"
	@echo "make docs    generate docs/workloads.md, docs/results.md and others, and render the examples of the docs again"
	@echo "make pictures take the pictures of the docs from the examples that are kept"
	@echo "make site    build the site of docs/ in build/site"
	@echo "make setup   create $(VENV) with $(BIN)/workbench; make dev: with all that tests and checks need"
	@echo "make format  format the code, and mend what the linter can mend"
	@echo "make lock    write the constraints anew (needs uv)"
	@echo "make clean   remove $(VENV)"

setup: $(VENV)/.installed
dev: $(VENV)/.installed-dev

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or later is needed; '$(PYTHON)' is $$($(PYTHON) --version 2>&1)." \
	       "Choose another one: make PYTHON=python3.13 $(MAKECMDGOALS)"; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  v=$$($(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
	  echo "This Python has no ensurepip, so a virtual environment cannot be created." \
	       "Install its package, on Debian and Ubuntu: apt-get install python$$v-venv"; exit 2; }
	$(PYTHON) -m venv $(VENV)

# The constraints name every package, so that none is looked for; `pip check` says afterwards whether one is missing, or of
# the wrong version.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps
CHECK = said=$$($(BIN)/python -m pip check --disable-pip-version-check 2>&1) || { echo "$$said"; exit 1; }

$(VENV)/.installed: constraints.txt pyproject.toml | $(BIN)/python
	$(INSTALL) --require-hashes -r constraints.txt
	$(INSTALL) --no-build-isolation -e .
	@$(if $(BESIDE),,$(CHECK))
	@touch $@

# What only development needs, beside what the workbench needs: two installations at a time, of packages that are not the
# same, take half as long on two cores. Neither sees all of the other, so that only both together are checked.
$(VENV)/.installed-dev: constraints-dev.txt constraints.txt pyproject.toml | $(BIN)/python
	@awk 'NR == FNR { if (/^[^ #]/ && !/win32/) { split($$1, of, "=="); have[of[1]] } next } \
	  /^[^ #]/ { split($$1, of, "=="); keep = !(of[1] in have) } keep' constraints.txt constraints-dev.txt > $(VENV)/only-dev.txt
	@$(INSTALL) --no-compile --require-hashes -r $(VENV)/only-dev.txt & only_dev=$$!; \
	$(MAKE) --no-print-directory BESIDE=1 $(VENV)/.installed; both=$$?; wait $$only_dev && exit $$both
	@$(CHECK)
	@touch $@

bench: setup
	$(BIN)/workbench run quick

# The run that the README shows: about four minutes, on a quiet machine; writes docs/example/ and the README's section.
example: dev
	rm -rf build/example
	$(BIN)/workbench run quick --rounds 5 --boots 3 --duration 2s -o build/example
	$(BIN)/python docs/show_examples.py quick=build/example

# The decision whose picture README and docs/decide.md show: about three minutes, on a quiet machine.
example-decision: dev
	rm -rf build/decide
	$(BIN)/workbench decide http_date --rate 40/s --yes -o build/decide/http
	$(BIN)/python docs/show_examples.py http=build/decide/http

# An entry of boards/ from this machine: about four minutes, on a quiet one.
board: setup
	rm -rf build/board
	$(BIN)/workbench run quick --rounds 5 --boots 3 --duration 2s -o build/board
	$(BIN)/workbench submit build/board -o boards

docs: dev
	$(BIN)/python docs/show_workloads.py
	$(BIN)/python docs/show_results.py
	$(BIN)/python docs/show_plans.py
	$(BIN)/python docs/show_words.py
	$(BIN)/python docs/show_deviations.py
	$(BIN)/python docs/show_rules.py
	$(BIN)/python docs/show_questions.py
	$(BIN)/python docs/show_examples.py

site: dev
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build

# The pictures of the docs, from the pages of the kept examples; needs Chromium.
pictures: dev
	$(BIN)/python docs/show_pictures.py

test: dev
	$(BIN)/python -m pytest -n $(TEST_PROCESSES)

# Slower than `make test`: each process writes down what it executes.
coverage: dev
	rm -rf build/coverage
	$(BIN)/python -m coverage run -m pytest -q -n $(TEST_PROCESSES) $(TESTS)
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage json --quiet -o build/coverage/coverage.json
	$(BIN)/python -m docs.show_coverage build/coverage/coverage.json

# In environments of their own (build/lowest, build/newest), made at the first time.
test-lowest test-newest: $(BIN)/python
	TEST_PROCESSES=$(TEST_PROCESSES) $(BIN)/python tests/lowest.py $(if $(filter test-newest,$@),--newest)

check: lint
	$(BIN)/python -m pytest -q tests/test_limits.py

# All checks but the size limits, which are tests.
lint: dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) --no-print-directory lint-deployment

# Workflows, the action, forms and manifests, against their schemas; workflows also for what makes them unsafe.
lint-deployment: dev
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema custom.github-workflows-require-timeout .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions action.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-issue-forms .github/ISSUE_TEMPLATE/[!c]*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/zizmor --offline --quiet --config .github/zizmor.yml .github action.yml
	$(BIN)/kubernetes-validate --strict deploy/kubernetes/*/[!k]*.yaml

# Faults drawn from a seed, injected into runs of the command line from outside (docs/method.md).
chaos: dev
	$(BIN)/python -m chaos $(if $(SEED),--seed $(SEED)) $(if $(CASES),--cases $(CASES)) \
	  $(if $(MINUTES),--minutes $(MINUTES)) $(if $(ONLY),--only $(ONLY))

# The plan `crashes`, interrupted at moments drawn from a seed: nothing of it may be left.
chaos-crashes: dev
	$(BIN)/python -m chaos.crashes $(if $(SEED),--seed $(SEED)) $(if $(RUNS),--runs $(RUNS))

# Sessions, workers, drivers and brokers killed before, in and after a trial (docs/method.md).
kill-matrix: dev
	$(BIN)/python -m chaos.fleet $(if $(SEED),--seed $(SEED)) $(if $(CASES),--cases $(CASES))

# What a stranger gets from the wheel, and whether it may be released: [TAG=v1.0.0] [PYTHONS=…] [LOCKED=1].
release-check: dev
	$(BIN)/python -m release.check $(if $(TAG),--tag '$(TAG)') $(foreach python,$(PYTHONS),--python $(python)) \
	  $(if $(LOCKED),--locked)

format: dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Needs uv on PATH; writes names, versions and hashes, no hosts.
lock:
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  pyproject.toml --group build -o constraints.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  pyproject.toml --group build --group dev -c constraints.txt -o constraints-dev.txt

clean:
	rm -rf $(VENV)
