"""The rules for one target, where people ask for something there."""

from __future__ import annotations

import pytest

from broadcast.plan.plan import Rules

RULES = Rules("trailer", rebuilds=frozenset({"acme/api"}), reproposes=frozenset({"acme/api", "acme/web"}))


@pytest.mark.parametrize(
    ("label", "rebuild", "repropose"),
    [("acme/api", True, True), ("acme/web", False, True), ("acme/api@v2", False, False), ("acme/ios", False, False)],
)
def test_rules_hold_for_the_targets_that_they_name(label, rebuild, repropose):
    found = RULES.of(label)
    assert (found.rebuild, found.repropose) == (rebuild, repropose)


def test_what_holds_for_all_holds_for_each():
    assert Rules("trailer", repropose=True).of("acme/api").repropose
