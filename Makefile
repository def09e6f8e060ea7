# Everything is done by tools/dev.py; `make test ARGS="--quick"` hands options over.
.DEFAULT_GOAL := help
.PHONY: help setup serve test lint bench clean python

DEV = python3 tools/dev.py

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10
	@echo 'more commands: python3 tools/dev.py --help'

# The only thing that the tool cannot get by itself.
python:
	@command -v python3 >/dev/null || { \
	    echo 'python3 is missing: installing it with apt-get'; \
	    SUDO=; [ "$$(id -u)" = 0 ] || SUDO=sudo; \
	    $$SUDO apt-get -q update && \
	    $$SUDO env DEBIAN_FRONTEND=noninteractive \
	        apt-get -q install -y --no-install-recommends python3 python3-venv; }

setup: python ## get Odoo, its addons and the tools
	@$(DEV) setup $(ARGS)

serve: python ## run Odoo with demo data
	@$(DEV) serve $(ARGS)

test: python ## all checks and tests
	@$(DEV) test $(ARGS)

lint: python ## checks that need no database
	@$(DEV) lint $(ARGS)

bench: python ## benchmarks
	@$(DEV) bench $(ARGS)

clean: python ## remove the build folder
	@$(DEV) clean $(ARGS)
