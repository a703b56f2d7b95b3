"""What the maintainers run, beside the Makefile."""
