"""Bare git repositories: objects, trees, refs, branch updates and history."""
