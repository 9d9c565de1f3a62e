# Two commands: `make demo` and `make test`. Both do all the set-up; neither needs to be root.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CONSOLE := src/fairdial/web/static/index.html

.PHONY: demo test console clips docs bench soak models lock clean

demo: $(READY)
	@[ -f $(CONSOLE) ] || { command -v npm >/dev/null && $(MAKE) --no-print-directory console; } || \
	    echo "without Node 20 and npm the demo ends without its console; apt-get install nodejs npm 未安装 Node 20,演示不含控制台"
	@$(BIN)/fairdial demo

test: $(READY) models tools
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/pytest -n 2 --dist loadscope --no-loadscope-reorder

# Strangers' requests made from the contract, for a quarter of an hour.
.PHONY: fuzz-api
fuzz-api: $(READY)
	@FUZZ_SECONDS=900 $(BIN)/pytest tests/web/test_fuzz.py -s

# What tests need beyond Python packages: installed when root, named in one sentence when not.
.PHONY: tools
tools: $(READY)
	@scripts/tools

models: $(READY)
	@$(BIN)/fairdial models fetch --for run

# The console in the browser, built into the package; the API is served without it, too. Needs Node 20 and npm.
console:
	@command -v npm >/dev/null || { echo "the console needs Node 20 and npm: apt-get install nodejs npm 构建控制台需要 Node 20"; exit 1; }
	@cd console && npm ci --no-audit --no-fund --loglevel=error && npm run build && npm run size

# Write the generated pages anew; a test fails when they are stale.
docs: $(READY)
	@$(BIN)/fairdial rules page > docs/rules.md
	@$(BIN)/fairdial decide --schema > docs/case.schema.json
	@$(BIN)/fairdial script schema > docs/script.schema.json
	@$(BIN)/python scripts/draw_conversation.py > docs/conversation.md
	@$(BIN)/python -m fairdial.web.contract > docs/openapi.json

# Figures beside peers; writes docs/benchmarks.md: make bench, or make bench ONLY="live api"
bench: $(READY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/bench.txt
	@$(BIN)/python -m bench $(ONLY)

# Calls one after another on the practice network: does memory, descriptors or lateness grow? make soak CALLS=50 MINUTES=60
CALLS ?= 50
MINUTES ?= 60
soak: $(READY) models
	@$(BIN)/python -m bench.soak $(CALLS) $(MINUTES)

# Render every clip of the examples that is missing, or of one folder: make clips CLIPS=my-script (needs npm for the voices).
CLIPS ?= $(wildcard examples/*)
clips: $(READY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/render.txt
	@$(BIN)/fairdial models fetch --for render
	@for folder in $(CLIPS); do $(BIN)/fairdial script render $$folder || exit 1; done

$(READY): requirements/run.txt requirements/test.txt pyproject.toml
	@echo "setting up .venv (once) 准备环境(仅一次)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] < (3, 11))' || \
	    { echo "fairdial needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/test.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

# Resolve the locks anew; the hashes are checked on every installation.
lock:
	@scripts/lock

clean:
	rm -rf $(VENV) demo-report
