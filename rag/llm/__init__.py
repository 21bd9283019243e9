"""Language models: those on this machine, and servers."""
