"""From the config and the checkout to what every target should hold; GitHub isn't asked yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from broadcast import config as configs
from broadcast import diagnose, shards, targets
from broadcast.api.credentials import Needs
from broadcast.checkout import Checkout
from broadcast.config import Config
from broadcast.errors import UsageError
from broadcast.inputs import Inputs
from broadcast.plan import Rules
from broadcast.pullrequest import trailer
from broadcast.snapshot import Builder, Snapshot
from broadcast.targets import Target

if TYPE_CHECKING:
    from broadcast.run import Run


@dataclass(frozen=True)
class Prepared:
    """What is known before GitHub is asked."""

    config: Config
    checkout: Checkout
    everything: tuple[Target, ...]  # that the config names, whatever this run was told to work on
    snapshots: dict[Target, Snapshot]
    nothing: Snapshot  # what a target should hold that the config names no longer
    rules: Rules


def prepare(run: Run, root: Path) -> Prepared:
    """Read the config and the checkout. Raises ConfigError, UsageError."""
    inputs = run.inputs
    with run.phase("config"):
        config = configs.parse(_read(root, inputs.config), inputs.config, run.context.source)
        everything, warnings = targets.resolve(config, run.context.source)
        chosen = targets.chosen(_in_shard(inputs, everything), inputs.only_targets)
        run.warnings += warnings
        run.targets, run.matrix = len(chosen), shards.matrix(len(everything))
    with run.phase("snapshot"):
        checkout = Checkout.open(root)
        builder = Builder(config, checkout, frozenset({inputs.config, run.context.workflow}))
        builder.check_sources()
        snapshots = {target: builder.snapshot(target.mappings, target.removals) for target in chosen}
        run.warnings += builder.warnings
        run.files = sum(len(snapshot.files) for snapshot in snapshots.values())
        run.excluded = sum(snapshot.excluded for snapshot in snapshots.values())
    return Prepared(config, checkout, everything, snapshots, builder.snapshot((), ()), _rules(config, run))


def _rules(config: Config, run: Run) -> Rules:
    inputs = run.inputs
    return Rules(
        trailer=trailer(config.id, run.context.source),
        max_deletions=config.max_deletions,
        overwrite=inputs.overwrite,
        rebase=inputs.rebase,
        repropose=config.on_decline == "repropose",
        ignored_authors=config.ignored_authors,
    )


def _in_shard(inputs: Inputs, everything: Sequence[Target]) -> Sequence[Target]:
    if inputs.shard is None:
        return everything
    number, count = inputs.shard
    owners = [target.owner for target in everything]
    return [one for one in everything if shards.shard_of(one.owner, one.name, owners, count) == number]


def needs(run: Run, wanted: Prepared) -> Needs:
    """The permissions that a GitHub App needs for this run."""
    paths = (path for snapshot in wanted.snapshots.values() for path in (*snapshot.files, *snapshot.removals))
    teams = any(target.settings.pr_team_reviewers for target in wanted.snapshots)
    return diagnose.needs(paths, writes=run.inputs.writes, teams=teams and run.inputs.writes)


def _read(root: Path, config: str) -> str:
    path = root / config
    if not path.resolve().is_relative_to(root.resolve()):
        raise UsageError(f"the config {config} lies outside of the repository", "give a path inside it")
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        remedy = f"create {config} (the README shows four lines that do), or set the input `config`"
        if not (root / ".git").exists():
            remedy += "; is there an actions/checkout step before this one?"
        raise UsageError(f"there is no config at {config}", remedy) from None
    except UnicodeDecodeError:
        raise UsageError(f"{config} isn't UTF-8 text", "save it as UTF-8") from None
    except OSError as error:
        raise UsageError(f"{config} can't be read: {error.strerror}", "check the file") from None
