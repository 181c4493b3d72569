# Everything one does with a checkout. `make help` lists it.
.DEFAULT_GOAL := help
.PHONY: help run test check bench fuzz docs pictures format translations

BIN := .venv/bin

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## Build, start everything, print the address; PORT and HEED_HOME choose where
	@tools/setup app frontend translations
	@exec $(BIN)/heed up

test: ## Set up all that the tests need and run them; PYTEST_ARGS is handed on
	@tools/setup dev frontend translations browser
	@exec $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

check: ## Format, lint, types, import floors, templates, migrations
	@tools/setup dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/djlint app --lint --quiet
	@home=$$(mktemp -d) && trap 'rm -rf "$$home"' EXIT && HEED_HOME=$$home $(BIN)/heed db check

bench: ## Run the benchmarks, each with its ratio; NAME=ingest runs one
	@tools/setup dev frontend translations
	@exec $(BIN)/python -m bench $(NAME)

fuzz: ## Five minutes of requests made from the API's own document; none may surprise
	@tools/setup dev frontend translations
	@HEED_FUZZ_SECONDS=$${HEED_FUZZ_SECONDS:-300} HEED_FUZZ_SEED=$${HEED_FUZZ_SEED:-$$(date +%s)} \
		$(BIN)/python -m pytest tests/api/fuzz

docs: ## Build the documentation as a site into docs/site/
	@tools/setup dev
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/site
	@echo "docs/site/index.html"

pictures: ## Make the pictures of the README anew, of the demo tenant
	@tools/setup dev frontend translations browser
	@HEED_PICTURES=1 $(BIN)/python -m pytest tests/demo/test_pictures.py

format: ## Put code and templates into the form that `make check` asks for
	@tools/setup dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

translations: ## Collect the texts of the pages into the message catalogues
	@tools/setup dev
	$(BIN)/pybabel extract -F babel.cfg -k _l -k lazy_gettext --no-location --no-wrap --sort-output --omit-header -o app/web/translations/messages.pot .
	$(BIN)/pybabel update -i app/web/translations/messages.pot -d app/web/translations --no-fuzzy-matching --no-wrap --ignore-obsolete --ignore-pot-creation-date
	@tools/setup translations
