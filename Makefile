# The two commands to know: `make chat` tries clippings on the sample articles, `make test` checks it in minutes.
# `make test-all` also runs what takes longer, most of it in a real browser.
# Everything happens in .venv; the demo's index is its own (.demo), apart from anyone's articles.

PYTHON ?= python3.11
CLIPPINGS := .venv/bin/clippings --index .demo
SAMPLES := index/sample_articles

# llama.cpp without its multimodal part and TLS: nothing here uses them, and they take a third of the compile.
export CMAKE_ARGS ?= -DLLAVA_BUILD=OFF -DLLAMA_OPENSSL=OFF

.PHONY: chat ask eval test test-all clean

chat: .venv/installed
	$(CLIPPINGS) chat $(SAMPLES)

ask: .venv/installed
	@test -n "$(Q)" || { echo 'Say what to ask: make ask Q="How many people died in the Arle flood?"'; exit 2; }
	@$(CLIPPINGS) index update --quiet $(SAMPLES)
	@$(CLIPPINGS) ask "$(subst ",\",$(Q))"

eval: .venv/installed
	@$(CLIPPINGS) index update --quiet $(SAMPLES)
	@$(CLIPPINGS) eval $(SAMPLES)/questions.jsonl
	@$(CLIPPINGS) eval $(SAMPLES)/dialogues.jsonl

test: .venv/installed-dev
	scripts/check -n 2 --dist loadfile --no-loadscope-reorder -m "not slow"

test-all: test
	.venv/bin/python -m pytest -m slow

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/installed: .venv/bin/python pyproject.toml constraints.txt
	.venv/bin/python -m pip install --progress-bar on -c constraints.txt -e '.[embedded]'
	touch $@

.venv/installed-dev: .venv/installed
	.venv/bin/python -m pip install -q -c constraints.txt -e '.[embedded,plot,dev]'
	touch $@

clean:
	rm -rf .venv .demo
