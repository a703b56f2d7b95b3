"""The same commands for a terminal: options become the inputs that the action reads."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import get_args

from broadcast import action
from broadcast.config import DEFAULT_PATH
from broadcast.inputs import Command

_TOKENS = ("BROADCAST_TOKEN", "GH_TOKEN", "GITHUB_TOKEN")
_ORIGIN = re.compile(r'\[remote "origin"\][^\[]*?\burl\s*=\s*\S+?[/:]([\w.-]+/[\w.-]+?)(?:\.git)?/?\s', re.DOTALL)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command in the checkout around the current directory; returns the exit code."""
    options = _parser().parse_args(arguments)
    os.environ.update(_environment(options, os.environ))
    return action.main()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="broadcast",
        description="Keep files of this repository in step with others, one pull request per target.",
        epilog=f"The token comes from {', '.join(_TOKENS)}. Exit codes: 0 well, 1 a target failed, 2 usage, 3 drift.",
    )
    parser.add_argument(
        "command", choices=get_args(Command), help="plan writes nothing; schema prints the config's JSON Schema"
    )
    parser.add_argument("--config", default=DEFAULT_PATH, help="the sync config (default: %(default)s)")
    parser.add_argument("--only-targets", default="", metavar="NAMES", help="names or patterns, separated by commas")
    parser.add_argument("--only-groups", default="", metavar="NAMES", help="ids or names of groups")
    parser.add_argument("--skip-groups", default="", metavar="NAMES", help="ids or names of groups")
    parser.add_argument("--online", action="store_true", help="with validate: also ask GitHub about every target")
    parser.add_argument("--explain", default="", metavar="PATH", help="with plan: say what decides about this path")
    parser.add_argument("--source", default="", metavar="OWNER/NAME", help="default: where the remote `origin` points")
    parser.add_argument("--api-url", default="", metavar="URL", help="for GitHub Enterprise Server")
    parser.add_argument("--directory", type=Path, default=Path(), help="the checkout (default: here)")
    parser.add_argument("--results-file", default="", metavar="FILE", help="write the results as JSON")
    parser.add_argument("--cache-dir", default="", metavar="DIR", help="keep directory listings between runs here")
    parser.add_argument("--write-strategy", default="auto", choices=("auto", "graphql", "rest"))
    return parser


def _environment(options: argparse.Namespace, environment: Mapping[str, str]) -> dict[str, str]:
    inputs = (
        "command", "config", "only_targets", "only_groups", "skip_groups", "explain", "api_url", "results_file",
        "cache_dir", "write_strategy",
    )  # fmt: skip
    token = next((environment[name] for name in _TOKENS if environment.get(name)), "")
    source = options.source or environment.get("GITHUB_REPOSITORY") or _origin(options.directory)
    return {
        **{f"INPUT_{name.upper()}": str(getattr(options, name)) for name in inputs},
        "INPUT_ONLINE": str(options.online).lower(),
        "INPUT_TOKEN": token,
        "GITHUB_REPOSITORY": source,
        "GITHUB_WORKSPACE": str(options.directory.resolve()),
    }


def _origin(directory: Path) -> str:
    try:
        config = (directory / ".git" / "config").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    match = _ORIGIN.search(config)
    return match[1] if match else ""
