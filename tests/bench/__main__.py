"""`make bench`: measure every theme, or those that are named, and write docs/benchmarks.json and docs/benchmarks.md."""

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
    chosen = parser.parse_args().themes or list(THEMES)
    began, found = time.perf_counter(), {"machine": machine(), "themes": {}}
    if JSON.exists() and set(chosen) < set(THEMES):
        found["themes"] = json.loads(JSON.read_text(encoding="utf-8"))["themes"]
    for name in chosen:
        print(f"{name} …", flush=True)
        found["themes"][name] = THEMES[name].measure()
    found["seconds"] = time.perf_counter() - began
    JSON.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(found), encoding="utf-8")
    print(f"{PAGE.name} and {JSON.name} are written, after {found['seconds']:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
