"""Statements of docs/github.md, put to a GitHub: the hub in `make test`, a real one in `make live`."""
