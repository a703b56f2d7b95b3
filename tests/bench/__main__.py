"""`make bench` measures every theme and writes docs/benchmarks.md and .json; named themes are printed alone."""

from __future__ import annotations

import argparse
import json
import sys
import time

from tests.bench.measure import machine
from tests.bench.page import JSON, PAGE, THEMES, page


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("themes", nargs="*", help=", ".join(THEMES))
    chosen = parser.parse_args().themes
    for name in chosen:
        print(THEMES[name].tell(THEMES[name].measure()))
    if not chosen:
        _write()
    return 0


def _write() -> None:
    began, found = time.perf_counter(), {"machine": machine(), "themes": {}}
    for name, theme in THEMES.items():
        started = time.perf_counter()
        print(f"{name} …", end="", flush=True)
        found["themes"][name] = theme.measure()
        print(f" {time.perf_counter() - started:.0f} s", flush=True)
    found["seconds"] = time.perf_counter() - began
    JSON.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(found), encoding="utf-8")
    print(f"{PAGE.name} and {JSON.name} are written, after {found['seconds']:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
