"""What the product costs in time and memory, measured: `make bench` runs every theme and writes docs/benchmarks.md.

A theme is a module with `measure() -> dict`, which measures, and `tell(found) -> str`, which makes a chapter of it.
"""
