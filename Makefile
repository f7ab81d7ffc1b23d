# Two commands do everything: `make scan` reads what is new, `make test` proves it works.
# Nothing has to be installed before but Python 3.11 (or newer) and make.

PYTHON ?= python3
VENV := .venv/bin/python
# A folder of real filings to measure and test on, if there is one (docs/accuracy.md).
CORPUS ?= $(wildcard ../shared/corpus)
WORKERS ?= 4
export RETAILXAI_CORPUS := $(CORPUS)
BENCH_PIP := .venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes

.PHONY: help scan run check report test proofs test-long lint types accuracy eval bench-cost bench-resilience bench-durability chaos drill lab lint-deploy docker-secrets ci-deps lock clean runtime testing smoke-live

help:
	@echo "make scan       read what is new and show it (TICKER=BBY for one company)"
	@echo "make run        the daemon in the foreground; Ctrl-C stops it"
	@echo "make check      is everything set up? every problem with its fix"
	@echo "make report     this week's report, so far"
	@echo "make test       the suite (WORKERS=1: one test after the other)"
	@echo "make proofs     its slow proofs: kills, outages, backups, upgrades, a whole day; a quarter of an hour"
	@echo "make test-long  both, at full length: hours"
	@echo "make lint       style and types"
	@echo "make accuracy   score the local analyst on a folder of filings (CORPUS=folder)"
	@echo "make eval       score the prompt and the chain on recorded answers (ARGS=--live asks, for money)"
	@echo "make bench-cost  what Claude costs against asking naively (CORPUS=folder)"
	@echo "make chaos      pull every plug on a scratch database (MINUTES=30 for the long form)"
	@echo "make lint-deploy  hadolint, the schema of Compose, promtool"
	@echo "make docker-secrets  a password and a URL for compose.yaml, under secrets/"
	@echo "make drill      upgrade the release before this one under load, kill the upgrade, lose nothing"
	@echo "make lab        install on a real systemd and a real Docker, ill-treat both (root; minutes)"
	@echo "make smoke-live asks each configured provider one real, cheap question (NAMES=groq for one)"
	@echo "make bench-resilience  our policies against other libraries (SHORT=1: under 90 s)"
	@echo "make bench-durability  throughput, idle cost, starts (SHORT=1: about 90 s)"
	@echo "make ci-deps    system packages that only some tests need (root)"
	@echo "make lock       pin the requirements again"
	@echo "make clean      remove .venv and caches; never ./data"

runtime:
	@$(PYTHON) deploy/environment.py runtime

testing: runtime
	@$(PYTHON) deploy/environment.py test

scan: runtime
	@$(VENV) main.py scan $(TICKER)

run: runtime
	@exec $(VENV) main.py

check: runtime
	@$(VENV) main.py check

report: runtime
	@$(VENV) main.py run weekly_summary --week now
	@$(VENV) main.py report --week now

# A file at a time for each worker, the slow ones first: they wait for processes most of the time.
SIDE_BY_SIDE = $(VENV) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

test: testing
	@$(SIDE_BY_SIDE) -m "not proof" $(ARGS)

# CI runs them after the suite; docs/testing.md.
proofs: testing
	@$(SIDE_BY_SIDE) -m proof $(ARGS)

# Everything at full length; docs/testing.md.
test-long: testing
	@RETAILXAI_TEST_LONG=1 $(VENV) -m pytest --timeout 3600 $(ARGS)

lint: testing
	@$(VENV) -m ruff check .
	@$(VENV) -m ruff format --check .
	@$(MAKE) --no-print-directory types

# Tools of their own environment, which neither the product nor the suite needs. promtool is in
# Debian's package of Prometheus, of which nothing else is wanted; where there is no apt-get it is
# told that the rules were not looked at, and in CI that is a failure.
LINT := .venv-lint/bin
LINT_PIP := $(LINT)/python -m pip install --quiet --disable-pip-version-check --require-hashes
.venv-lint/installed: requirements-lint.txt
	@echo "making .venv-lint (once)" >&2
	@$(PYTHON) -m venv --clear .venv-lint && echo "*" > .venv-lint/.gitignore
	@$(LINT_PIP) --requirement requirements-lint.txt
	@touch $@

.venv-lint/bin/promtool: .venv-lint/installed
	@command -v apt-get >/dev/null || exit 0; mkdir -p .venv-lint/apt && cd .venv-lint/apt && \
	  { apt-get download -q prometheus || { apt-get update -q && apt-get download -q prometheus; }; } && \
	  dpkg-deb -x prometheus_*.deb . && mv usr/bin/promtool ../bin/ && touch ../bin/promtool && cd .. && rm -rf apt

lint-deploy: .venv-lint/installed .venv-lint/bin/promtool
	@$(LINT)/hadolint Dockerfile deploy/lab/postgres/Dockerfile
	@$(LINT)/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml
	@if [ -x $(LINT)/promtool ]; then \
	  $(LINT)/promtool check config --syntax-only deploy/prometheus/prometheus.yml && \
	  $(LINT)/promtool check rules deploy/prometheus/alerts.yml && \
	  $(LINT)/promtool test rules deploy/prometheus/alerts-test.yml; \
	else \
	  echo "NOT CHECKED: the alert rules, there is no promtool here (Debian's package prometheus)" >&2; \
	  [ "$(CI)" != true ]; \
	fi

# The folder is shut for others. The files in it can be read by whom the engine shows them to.
docker-secrets:
	@mkdir -p -m 0700 secrets && umask 0333 && \
	  { [ -e secrets/postgres_password ] || \
	    $(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(32))' > secrets/postgres_password; } && \
	  { [ -e secrets/DATABASE_URL ] || \
	    printf 'postgresql://retailxai:%s@postgres:5432/retailxai\n' "$$(cat secrets/postgres_password)" \
	      > secrets/DATABASE_URL; }
	@echo "secrets/postgres_password and secrets/DATABASE_URL are there"

types: testing
	@$(VENV) -m mypy .

accuracy: runtime
	@test -n "$(CORPUS)" || { echo "error: no folder to score on" >&2; \
	  echo "  fix: make accuracy CORPUS=folder (docs/accuracy.md tells its shape)" >&2; exit 2; }
	@$(VENV) -m benchmarks.accuracy "$(CORPUS)"

# Exit 1 if a threshold is missed; docs/evaluation.md.
eval: runtime
	@$(VENV) -m benchmarks.evaluation $(ARGS)

# Exit 1 if more is paid than the goal allows; docs/cost.md. ARGS="--cache-hits 0.3"
bench-cost: runtime
	@test -n "$(CORPUS)" || { echo "error: no folder of releases to measure on" >&2; \
	  echo "  fix: make bench-cost CORPUS=folder (docs/accuracy.md tells its shape)" >&2; exit 2; }
	@$(VENV) -m benchmarks.cost "$(CORPUS)" $(ARGS)

# Its own environment: what is only measured against is never where the product runs. If a
# library cannot be had, the rest is measured and the table says so.
.venv-bench/installed: requirements.txt requirements-bench.txt
	@echo "making .venv-bench (once)" >&2
	@$(PYTHON) -m venv --clear .venv-bench && echo "*" > .venv-bench/.gitignore
	@$(BENCH_PIP) --requirement requirements.txt
	@if $(BENCH_PIP) --requirement requirements-bench.txt; then touch $@; fi

bench-resilience: .venv-bench/installed
	@.venv-bench/bin/python -m benchmarks.resilience $(if $(SHORT),--short) $(ARGS)

# Leaves this machine and costs about a cent for each paid analyst; never a part of `make test`.
smoke-live: runtime
	@$(VENV) -m bootstrap.smoke $(NAMES)

# Proves the promises of durability on a database of its own; docs/chaos.md.
chaos: runtime
	@$(VENV) main.py chaos $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED)) $(ARGS)

# An upgrade from the release before, out of git's history, killed half-way; docs/deployment.md.
drill: runtime
	@$(VENV) -m deploy.drill $(ARGS)

# Needs root, systemd-nspawn and debootstrap, and Docker; ARGS="--lab systemd" for one; docs/lab.md.
lab: runtime
	@$(VENV) -m deploy.lab $(ARGS)

bench-durability: runtime
	@$(VENV) -m benchmarks.durability $(if $(SHORT),--short) $(ARGS)

ci-deps:
	@command -v chromium >/dev/null && command -v systemd-analyze >/dev/null \
	  && PATH="$$PATH:/usr/sbin" command -v pgbouncer >/dev/null && ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || { \
	  apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y \
	  --no-install-recommends chromium systemd postgresql pgbouncer; }

lock: testing
	@$(VENV) -m pip install --quiet uv
	@$(VENV) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-header requirements.in -o requirements.txt
	@$(VENV) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-header requirements-test.in -o requirements-test.txt
	@$(VENV) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-header requirements-bench.in -o requirements-bench.txt
	@$(VENV) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-header requirements-lint.in -o requirements-lint.txt

clean:
	rm -rf .venv .venv-bench .venv-lint .mypy_cache .pytest_cache .ruff_cache .hypothesis
