"""Other configs of the source with our id: they would write to the same branch and the same pull request."""

from __future__ import annotations

from broadcast.config.model import Config
from broadcast.config.parse import parse
from broadcast.errors import ConfigError, Failure
from broadcast.source.checkout import Checkout


class Rivals:
    """Tests whether a path that a pull request names is another config with our id."""

    def __init__(self, checkout: Checkout, config: Config, source: str) -> None:
        self._checkout, self._config, self._source = checkout, config, source
        self._known: dict[str, bool] = {config.file: False}

    def __call__(self, path: str) -> bool:
        """Whether `path` is a config with our id, and not ours."""
        if path not in self._known:
            self._known[path] = self._has_our_id(path)
        return self._known[path]

    def _has_our_id(self, path: str) -> bool:
        """False for a file that is no config: it sends nothing, and a pull request's text can name any path."""
        try:
            is_there = self._checkout.exists(path) == "file"
            text = self._checkout.read(path).decode() if is_there else ""
            return bool(text) and parse(text, path, self._source).id == self._config.id
        except (ConfigError, Failure, ValueError):
            return False
