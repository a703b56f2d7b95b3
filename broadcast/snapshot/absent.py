"""Leave out mappings that find nothing in the source, with a warning: go-broadcast, whose config it is, skips them."""

from __future__ import annotations

from msgspec.structs import replace

from broadcast.config.mappings import Mapping
from broadcast.config.model import Config, sources_of
from broadcast.snapshot.filters import Filter
from broadcast.snapshot.snapshot import relative
from broadcast.source.checkout import Checkout


def without_absent(config: Config, checkout: Checkout) -> tuple[Config, tuple[str, ...]]:
    """The config without mappings that send nothing, and a warning of each."""
    absent = {mapping: why for mapping in config.sources if (why := _why(mapping, checkout))}
    specs = tuple(
        replace(spec, mappings=tuple(one for one in spec.mappings if one not in absent)) for spec in config.targets
    )
    warnings = tuple(f"{config.file}:{one.place.line}: {why}: it is skipped" for one, why in absent.items())
    return replace(config, targets=specs, sources=sources_of(specs)), tuple(dict.fromkeys(warnings))


def _why(mapping: Mapping, checkout: Checkout) -> str:
    """Why a mapping sends nothing; empty if it sends something."""
    kind = "directory" if mapping.src == "." else checkout.exists(mapping.src)
    if kind is None:
        return f"there is no {'directory' if mapping.directory else 'file'} {mapping.src}"
    if kind == "file":
        return f"{mapping.src} is a file, not a directory" if mapping.directory else ""
    return "" if _sends_any(mapping, checkout) else f"every file under {mapping.src} is excluded"


def _sends_any(mapping: Mapping, checkout: Checkout) -> bool:
    left_out = Filter(mapping.exclude, mapping.include_only, hidden=mapping.hidden)
    found: list[str] = []

    def look(path: str) -> bool:
        if not found and not left_out.match(relative(path, mapping.src)):
            found.append(path)
        return False

    checkout.list(mapping.src, wanted=look)
    return bool(found)
