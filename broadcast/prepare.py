"""From the config and the checkout to what every target should hold; only selectors need GitHub's answer between."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from broadcast import config as configs
from broadcast import diagnose, nofollow, shards, targets
from broadcast.api.credentials import Permissions
from broadcast.assembly import Builder
from broadcast.checkout import Checkout
from broadcast.config import Config
from broadcast.context import refuse_unmerged
from broadcast.errors import Failure, UsageError
from broadcast.gitobject import REGULAR
from broadcast.inputs import Inputs
from broadcast.paths import is_git_directory
from broadcast.plan import Rules
from broadcast.progress import Tell, silence
from broadcast.pullrequest import trailer
from broadcast.rendering import Renderer
from broadcast.rivals import Rivals
from broadcast.selectors import Selector
from broadcast.snapshot import Snapshot
from broadcast.targets import Found, Target

if TYPE_CHECKING:
    from broadcast.run import Run

MAX_CONFIG = 4 * 1024 * 1024  # bytes


class Source(Struct, frozen=True):
    """What is sent and to whom, before GitHub is asked."""

    config: Config
    checkout: Checkout
    builder: Builder
    renderer: Renderer
    rules: Rules


class Prepared(Struct, frozen=True):
    """Every target and what it should hold."""

    source: Source
    everything: tuple[Target, ...]  # that the config names, whatever this run was told to work on
    snapshots: dict[Target, Snapshot]
    unfound: dict[Target, Failure]  # selectors that nobody could answer
    nothing: Snapshot  # what a target should hold that the config names no longer

    @property
    def config(self) -> Config:
        """What the file says."""
        return self.source.config


def read(run: Run, root: Path, tell: Tell = silence) -> Source:
    """Read the config and the checkout. Raises ConfigError, UsageError."""
    with run.phase("config"):
        text = _read(root, run.inputs.config)
    return source_of(run, text, lambda: Checkout.open(root), tell)


def source_of(run: Run, text: str, checkout_of: Callable[[], Checkout], tell: Tell = silence) -> Source:
    """What a config says of a checkout. Raises ConfigError, UsageError."""
    inputs, context = run.inputs, run.context
    with run.phase("config"):
        config = configs.parse(text, inputs.config, context.source)
        if inputs.writes:
            refuse_unmerged(context, inputs.allow_ref, config.branches)
        config, warnings = targets.on_branch(config, context.branch, context.default_branch)
        run.warnings += warnings
    with run.phase("snapshot"):
        checkout = checkout_of()
        builder = Builder(config, checkout, frozenset({inputs.config, context.workflow}), tell)
        builder.check_sources()
        for spec in config.targets:
            if spec.enabled:
                builder.snapshot(spec.mappings, spec.removals)
    rules = _rules(config, run, Rivals(checkout, config, context.source))
    return Source(config, checkout, builder, Renderer(checkout, context.source), rules)


def prepare(run: Run, source: Source, found: Found, unanswered: Mapping[Selector, Failure]) -> Prepared:
    """The targets, with what the selectors found, and their snapshots. Raises ConfigError, UsageError."""
    inputs, config, builder = run.inputs, source.config, source.builder
    with run.phase("config"):
        everything, warnings = targets.resolve(config, run.context.source, found, unanswered)
        run.warnings += warnings
        chosen = targets.chosen(_in_shard(inputs, everything), inputs.only_targets)
        chosen = targets.in_groups(chosen, config, inputs.only_groups, inputs.skip_groups)
        unfound = {targets.standing_for(config, selector): failure for selector, failure in unanswered.items()}
        run.targets, run.matrix = len(chosen), shards.matrix(len(everything))
    with run.phase("snapshot"):
        snapshots = {target: builder.snapshot(target.mappings, target.removals) for target in chosen}
        run.warnings += (*builder.warnings, *builder.checkout.differences())
        if not inputs.writes:
            run.warnings += builder.unused_patterns()
        run.files = sum(len(snapshot.files) for snapshot in snapshots.values())
        run.excluded = sum(snapshot.excluded for snapshot in snapshots.values())
    return Prepared(source, everything, snapshots, unfound, builder.snapshot((), ()))


def _rules(config: Config, run: Run, is_rival: Rivals) -> Rules:
    inputs = run.inputs
    return Rules(
        trailer=trailer(config.id, run.context.source),
        max_deletions=config.max_deletions,
        overwrite=inputs.overwrite,
        rebase=inputs.rebase,
        repropose=config.on_decline == "repropose",
        cancel=inputs.command == "cancel",
        ignored_authors=config.ignored_authors,
        is_rival=is_rival,
    )


def _in_shard(inputs: Inputs, everything: Sequence[Target]) -> Sequence[Target]:
    if inputs.shard is None:
        return everything
    number, count = inputs.shard
    owners = [target.owner for target in everything]
    return [one for one in everything if shards.shard_of(one.owner, one.name, owners, count) == number]


def permissions(run: Run, source: Source) -> Permissions:
    """What a GitHub App's tokens need for this run."""
    specs = [spec for spec in source.config.targets if spec.enabled]
    snapshots = [source.builder.snapshot(spec.mappings, spec.removals) for spec in specs]
    paths = (path for snapshot in snapshots for path in (*snapshot.files, *snapshot.removals))
    return diagnose.permissions(paths, checks=run.inputs.diagnoses, writes=run.inputs.writes)


def _read(root: Path, config: str) -> str:
    path = (root / config).resolve()
    if not path.is_relative_to(root.resolve()):
        raise UsageError(f"the config {config} lies outside of the repository", "give a path inside it")
    if any(is_git_directory(part) for part in path.relative_to(root.resolve()).parts):
        raise UsageError(f"the config {config} lies in git's own directory, where credentials are", "move it out")
    try:
        if path.stat().st_size > MAX_CONFIG:
            raise UsageError(f"the config {config} is over {MAX_CONFIG // 1024**2} MiB", "split it, or use selectors")
        return nofollow.read(bytes(path), REGULAR).decode()
    except FileNotFoundError:
        remedy = f"create {config} (the README shows four lines that do), or set the input `config`"
        if not (root / ".git").exists():
            remedy += "; is there an actions/checkout step before this one?"
        raise UsageError(f"there is no config at {config}", remedy) from None
    except UnicodeDecodeError:
        raise UsageError(f"{config} isn't UTF-8 text", "save it as UTF-8") from None
    except OSError as error:
        raise UsageError(f"{config} can't be read: {error.strerror}", "check the file") from None
