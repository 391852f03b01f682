# make run                                  serve the index in index_data; the first time, of the sample blog
# make run ARCHIVE="export.xml mirror/"     index these archives, then serve them (a path with spaces: ARCHIVE="'my blog.xml'")
# make test                                 the whole test suite
# make check                                linting, formatting, types
# make bench                                Backfile beside other engines, on 11,000 and 110,000 made-up documents
# make bench SIZE=small                     on 11,000 only; SIZE=large: on 1,100,000 too; DOCS=5000: on so many

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SAMPLE := examples/sample-blog.xml
# Without an archive, an index that is there is served as it is: it may be the user's own.
ARCHIVE ?= $(if $(wildcard index_data/CURRENT),,$(SAMPLE))
# HOST=... and PORT=... beat backfile.toml and BACKFILE_HOST, BACKFILE_PORT.
ADDRESS = $(if $(HOST),--host $(HOST)) $(if $(PORT),--port $(PORT))
INSTALLED := $(VENV)/.installed

.PHONY: run test check bench screenshots messages lock clean

run: $(INSTALLED)
	@$(BIN)/backfile serve --check $(ADDRESS)
	$(if $(strip $(ARCHIVE)),@$(BIN)/backfile index --if-changed $(ARCHIVE))
	@exec $(BIN)/backfile serve $(ADDRESS)

test: $(INSTALLED)
	$(BIN)/python -m pytest $(ARGS)

check: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# tantivy is only for the comparison, and so not in the lock file; where it cannot be installed the comparison goes without.
bench: $(INSTALLED)
	-@$(BIN)/python -c 'import tantivy' 2>/dev/null || \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation -e '.[bench]'
	@$(BIN)/python -m benchmarks $(if $(SIZE),--size $(SIZE)) $(if $(DOCS),--documents $(DOCS)) $(ARGS)

# Pictures of every page into docs/screenshots, of which the README shows three. Needs Chromium.
screenshots: $(INSTALLED)
	$(BIN)/python -m benchmarks.screenshots $(ARGS)

# Brings the translations up to date with the texts in the source; what is new has an empty msgstr.
messages: $(INSTALLED)
	$(BIN)/pybabel -q extract -F webapp/translations/babel.cfg -k gettext_noop -k ngettext_noop:1,2 \
		--no-location --sort-output --project Backfile -o webapp/translations/messages.pot webapp
	@for po in webapp/translations/*.po; do $(BIN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date \
		-i webapp/translations/messages.pot -l $$(basename $$po .po) -o $$po; done
	@rm webapp/translations/messages.pot

# Installs once per lock file: the stamp is as old as what was installed.
$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Backfile needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12 $(MAKECMDGOALS)" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# Needs uv. One file for all supported Pythons and systems.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--extra dev pyproject.toml --output-file requirements.lock

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
