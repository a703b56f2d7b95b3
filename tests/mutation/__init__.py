"""Mutation testing, only by `make mutants`: draw small mistakes, and list those that the unit tests don't notice."""
