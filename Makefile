# What can be done here; `make help` lists it.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PREFIX ?= /usr/local
DESTDIR ?=
# Further flags for `swift build`, for example --static-swift-stdlib.
SWIFT_FLAGS ?=
# Seconds that `make fuzz` runs, shared among its targets.
FUZZ_SECONDS ?= 3600
# Flags for `acsd serve`, for example ARGS="--cwmp-port 17547".
ARGS ?=

PROGRAMS := acsd acsctl cpesim
SOURCES := Package.swift Fuzz Migrations Sources Tests
# Found when a recipe needs it, so that `make help` works without.
SWIFT = swift=$$(Tools/swift); "$$swift"

.PHONY: help
help: ## Lists what can be done
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

.PHONY: prerequisites
prerequisites:
	@Tools/prerequisites
	@Tools/swift > /dev/null

.PHONY: build
build: prerequisites ## Builds acsd, acsctl and cpesim into .build/release
	@$(SWIFT) build -c release $(SWIFT_FLAGS)

.PHONY: run
run: build ## Installs what is missing, builds, and starts acsd with its own database in .fairlead
	@exec .build/release/acsd serve $(ARGS)

.PHONY: test
test: prerequisites ## Installs what is missing, builds, and runs all tests
	@Tools/prerequisites tests
	@$(SWIFT) build --build-tests $(SWIFT_FLAGS)
	@# The tests of Postgres block the threads that they run on; the others would wait for theirs. Those of XMPP need
	@# descriptors with low numbers, of which the others leave none. Those from end to end are peers whose time counts.
	@ulimit -S -n "$$(ulimit -H -n)"; \
	for tests in '--filter ^(PostgresTests|XMPPTests)\.' \
	  '--filter ^EndToEndTests\.HostileInput' \
	  '--filter ^EndToEndTests\.(IdleConnections|FleetLife|DeviceOperations)' \
	  '--filter ^EndToEndTests\.(?!HostileInput|IdleConnections|FleetLife|DeviceOperations)' \
	  '--skip ^(PostgresTests|XMPPTests|EndToEndTests)\.'; do \
	  $(SWIFT) test --skip-build $${tests%% *} "$${tests#* }" $(SWIFT_FLAGS) || exit; \
	done

.PHONY: lint
lint: ## Checks the form of all Swift files
	@$(SWIFT) format lint --strict --parallel --recursive $(SOURCES)

.PHONY: format
format: ## Puts all Swift files into form
	@$(SWIFT) format --in-place --parallel --recursive $(SOURCES)

.PHONY: documents
documents: prerequisites ## Writes the references of settings and metrics from their tables
	@export FAIRLEAD_WRITE_DOCUMENTS=1; $(SWIFT) test --filter 'DocumentsTests|ServerMetricsTests'

.PHONY: fuzz
fuzz: prerequisites ## Feeds damaged messages to the parsers for FUZZ_SECONDS (3600)
	@Tools/fuzz $$(( $(FUZZ_SECONDS) / 7 ))

.PHONY: bench
bench: build ## Measures sessions and what one costs; CHECK=1 fails above the targets
	@Benchmarks/run

.PHONY: install
install: build ## Copies the programs to PREFIX/bin (/usr/local by default)
	@install -d "$(DESTDIR)$(PREFIX)/bin"
	@cd .build/release && install -m 755 $(PROGRAMS) "$(DESTDIR)$(PREFIX)/bin"
	@echo "installed $(PROGRAMS) in $(DESTDIR)$(PREFIX)/bin"

.PHONY: clean
clean: ## Removes what was built, not the data in .fairlead
	@rm -rf .build
