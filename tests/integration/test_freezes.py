"""A frozen run reads and reports, and writes nothing; `enabled: false` sends nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.integration.test_people import later, outcome, writes

CONFIG = "version: 1\ntargets: [acme/api]\nfiles: [LICENSE]\n"
SPAN = "freeze: [{from: 2026-12-20, to: 2027-01-04, zone: Europe/Berlin, reason: holidays}]\n"


def at(swift, moment: str) -> None:
    """Set the clock to a moment in UTC."""
    swift.hub.clock.advance(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp() - swift.hub.clock())


def prepared(swift, text: str = CONFIG + SPAN):
    at(swift, "2026-12-01T00:00")
    swift.write({"LICENSE": "MIT\n"}, text)
    return swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})


@pytest.mark.parametrize(
    ("moment", "is_frozen"),
    [
        ("2026-12-19T22:50", False),
        ("2026-12-19T23:10", True),
        ("2027-01-04T22:50", True),
        ("2027-01-04T23:10", False),
    ],
)
def test_nothing_is_written_from_the_first_day_to_the_end_of_the_last(swift, moment, is_frozen):
    prepared(swift)
    at(swift, moment)
    ran = later(swift)
    assert ran.code == 0
    assert bool(writes(swift)) is not is_frozen
    told = "Frozen until the end of 2027-01-04 (Europe/Berlin): holidays. Nothing was written"
    assert (told in ran.summary) is is_frozen
    assert outcome(ran) == "created"


def test_a_frozen_run_closes_nothing(swift):
    api = prepared(swift)
    later(swift)
    api.commit({"LICENSE": b"MIT\n"})
    at(swift, "2026-12-24T00:00")
    later(swift)
    assert (writes(swift), api.pulls[0].state) == ([], "OPEN")


def test_the_input_freezes_any_run(swift):
    prepared(swift, CONFIG)
    ran = later(swift, freeze="true")
    assert (ran.code, writes(swift), ran.results["frozen"]) == (0, [], "by the input freeze")
    assert "Frozen by the input freeze. Nothing was written" in ran.summary


def test_a_frozen_run_with_failures_succeeds(swift):
    prepared(swift, CONFIG.replace("acme/api", "acme/api, acme/gone") + SPAN)
    at(swift, "2026-12-24T00:00")
    ran = later(swift)
    assert (ran.code, ran.outcomes["acme/gone"]) == (0, "failed")


def test_a_config_that_is_not_enabled_sends_and_closes_nothing(swift):
    api = prepared(swift, CONFIG)
    later(swift)
    swift.write({"LICENSE": "other\n"}, CONFIG + "enabled: false\n")
    ran = later(swift)
    assert (ran.code, writes(swift), api.pulls[0].state) == (0, [], "OPEN")
    assert "enabled: false" in ran.summary


def test_a_target_that_is_not_enabled_is_left_alone_and_others_are_not(swift):
    api = prepared(swift, CONFIG)
    later(swift)
    web = swift.hub.repository("acme/web", files={"README.md": b"theirs\n"})
    swift.write({"LICENSE": "other\n"}, CONFIG.replace("acme/api", "{repo: acme/api, enabled: false}, acme/web"))
    ran = later(swift)
    assert ran.outcomes == {"acme/web": "created"}
    assert (len(api.pulls), api.pulls[0].state, len(web.pulls)) == (1, "OPEN", 1)


@pytest.mark.parametrize(
    ("span", "message"),
    [
        ("{from: 2026-12-20, to: 2026-12-01}", "3:9: to: the freeze ends before it begins"),
        ("{from: soon, to: 2026-12-01}", "from: 'soon' is no date"),
        ("{from: 2026-12-01, to: 2026-12-20, zone: Mars/Olympus}", "zone: there is no time zone 'Mars/Olympus'"),
        ("{from: 2026-12-01}", "the key 'to' is missing"),
        ("{from: 2026-12-01, to: 9999-12-31}", "to: '9999-12-31' is no date"),
        ("{from: '2026-12-01T25:00', to: 2026-12-20}", "from: '2026-12-01T25:00' is no date"),
    ],
)
def test_a_span_that_is_none_is_found_at_its_place(swift, span, message):
    prepared(swift, f"{CONFIG}freeze: [{span}]\n")
    ran = swift.run(command="validate")
    assert ran.code == 2
    assert message.partition(": ")[2] in ran.log
