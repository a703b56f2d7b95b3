"""The options of the commands in a terminal, each for an input of the same name."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, get_args

from broadcast.config.model import DEFAULT_PATH
from broadcast.runner.input_values import InvalidValue, Parser
from broadcast.runner.inputs import PARSERS, LogLevel, Strategy, spelled


def _add(parser: argparse.ArgumentParser, name: str, metavar: str, help_: str) -> None:
    """Add the option of an input with a value."""
    parser.add_argument(
        f"--{spelled(name)}", dest=name, metavar=metavar, help=help_, type=_typed(PARSERS.get(name, str))
    )


def _typed(parse: Parser) -> Parser:
    """The parser of an input with the errors of argparse."""

    def parsed(text: str) -> Any:
        try:
            return parse(text.strip())
        except InvalidValue as error:
            raise argparse.ArgumentTypeError(f"{error.reason}: {error.remedy}") from None

    return parsed


def _absolute(text: str) -> str:
    return str(Path(text).resolve()) if text else ""


def _of_files(parser: argparse.ArgumentParser) -> None:
    _add(parser, "config", "FILE", f"the sync config (default: {DEFAULT_PATH})")
    parser.add_argument(
        "--directory", dest="checkout", metavar="DIR", type=Path, help="the clone, or a directory in it (default: .)"
    )
    parser.add_argument("--source", metavar="OWNER/NAME", help="the source repository (default: the remote `origin`)")


def _of_disk(parser: argparse.ArgumentParser) -> None:
    help_ = "send files as they are on disk, with uncommitted changes"
    parser.add_argument("--allow-dirty", action="store_true", help=help_)


def _of_merged(parser: argparse.ArgumentParser) -> None:
    _of_disk(parser)
    _add(parser, "allow_ref", "PATTERN", "also send these branches besides the default branch; tags/v* means tags")


def _of_targets(parser: argparse.ArgumentParser) -> None:
    _add(
        parser, "only_targets", "NAMES", "only these targets: names or patterns, separated by commas; !pattern excludes"
    )
    _add(parser, "only_groups", "NAMES", "only targets of these groups, by id or name")
    _add(parser, "skip_groups", "NAMES", "without targets that only these groups have, by id or name")
    _add(parser, "only_waves", "NAMES", "only targets of these waves of the rollout")


def _of_remote(parser: argparse.ArgumentParser) -> None:
    _add(parser, "api_url", "URL", "the REST API of GitHub Enterprise Server")
    _add(parser, "cache_dir", "DIR", "keep directory listings between runs in this directory")
    parser.add_argument("--log-level", choices=get_args(LogLevel), help="how much to log (default: info)")


def _of_writing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--write-strategy", choices=get_args(Strategy), help="how to make commits (default: auto)")
    _add(parser, "expect_plan", "DIGEST", "write only if the plan has this digest")
    _add(parser, "max_pull_requests", "N", "open at most N new pull requests; later runs open the rest")
    parser.add_argument("--overwrite", action="store_true", help="discard commits that others pushed to our branches")


def _of_trying(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="show what would be done; write nothing")


def _of_looking(parser: argparse.ArgumentParser) -> None:
    _add(parser, "explain", "PATH", "show only what decides about this path")
    _add(parser, "compare_to", "REF", "show the effect of the change since this commit, such as HEAD^ or origin/main")
    parser.add_argument("--diff", action="store_true", help="show the diff of each file")


def _of_harvesting(parser: argparse.ArgumentParser) -> None:
    _add(parser, "path", "PATH", "only this file, by its path in the source or in the targets")
    parser.add_argument("--write", action="store_true", help="write these edits into the source's working tree")
    pull_help = "open a pull request on the source with these edits, or update it"
    parser.add_argument("--pull-request", action="store_true", help=pull_help)
    _add(
        parser,
        "new",
        "PATTERNS",
        "also files that the source lacks, in directories that it sends, by their paths there",
    )
    private = "also show edits from repositories that fewer people can read than the source"
    parser.add_argument("--harvest-private", action="store_true", help=private)


def _of_way_back(parser: argparse.ArgumentParser) -> None:
    _add(parser, "to", "COMMIT", "the commit to roll back to: an id, a tag or a branch, with ^ and ~")


def _of_advancing(parser: argparse.ArgumentParser) -> None:
    _add(parser, "advance", "NAMES", "let these waves of the rollout pass, whatever they still wait for")


def _of_dashboard(parser: argparse.ArgumentParser) -> None:
    help_ = "heed the boxes of the dashboard, an issue in the source; a sync of the whole fleet also updates it"
    parser.add_argument("--dashboard", action="store_true", help=help_)


def _of_resuming(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--resume", action="store_true", help="also propose again what was rolled back")


def _of_migrating(parser: argparse.ArgumentParser) -> None:
    _add(
        parser,
        "workflow",
        "FILE",
        "the workflow that ran the other tool, if it can't be found; FILE#2 is its second step",
    )


def _of_online(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--online", action="store_true", help="also check every target at GitHub; needs a token")


def _of_results(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--results-file", metavar="FILE", type=_absolute, help="write the results as JSON")
    parser.add_argument("--json", action="store_true", help="print the results as JSON; the log goes to stderr")


def _of_output(parser: argparse.ArgumentParser) -> None:
    _of_results(parser)
    parser.add_argument("--metrics-file", metavar="FILE", type=_absolute, help="write metrics as OpenMetrics text")


OPTIONS = {
    "files": _of_files, "disk": _of_disk, "merged": _of_merged, "targets": _of_targets, "remote": _of_remote,
    "writing": _of_writing, "looking": _of_looking, "trying": _of_trying, "harvesting": _of_harvesting,
    "back": _of_way_back, "resume": _of_resuming, "dashboard": _of_dashboard, "advance": _of_advancing,
    "online": _of_online, "migrating": _of_migrating, "results": _of_results, "output": _of_output,
}  # fmt: skip
