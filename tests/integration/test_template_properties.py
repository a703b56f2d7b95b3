"""Custom properties in templates: `target.properties`."""

from __future__ import annotations

import html

import pytest

from tests.hub import Hub
from tests.hub.faults.clock import Clock
from tests.integration.test_people import later
from tests.integration.test_tokens import APP, PEM, PUBLIC, WRITE
from tests.world import World

TEXT = "[[ target.properties.tier ]] [[ target.properties.langs | join('+') ]] [[ target.properties.ring | default('last') ]]\n"
CONFIG = "version: 1\nfiles: [{{src: a.txt, template: true}}]\ntargets: [{}]\n"
FLEET = {
    "acme/api": {"tier": "gold", "langs": ["go", "c"], "ring": None},
    "acme/web": {"tier": "silver", "langs": ["ts"], "ring": "0"},
}


@pytest.fixture
def swift(tmp_path):
    with Hub(tmp_path / "hub", clock=Clock()) as hub:
        for name, properties in FLEET.items():
            hub.repository(name, files={"README.md": b"x\n"}, properties=properties)
        yield World(tmp_path, hub)


def texts(swift) -> list[bytes]:
    return [swift.hub.find(name).files(swift.hub.find(name).pulls[0].head)["a.txt"][1] for name in FLEET]


@pytest.mark.parametrize("targets", ["acme/api, acme/web", "acme/*", "{owner: acme, property: {tier: [gold, silver]}}"])
@pytest.mark.parametrize("listed", ["shown", "absent"])
def test_a_value_is_a_text_a_list_or_missing(swift, targets, listed):
    swift.hub.unknowns.properties_listed = listed
    swift.write({"a.txt": TEXT}, CONFIG.format(targets))
    assert later(swift).outcomes == dict.fromkeys(FLEET, "created")
    assert texts(swift) == [b"gold go+c last\n", b"silver ts 0\n"]
    asked = [one for one in swift.hub.requests if "/properties/values" in one.path]
    assert len(asked) == (0 if "property" in targets and listed == "shown" else 1)


def test_without_a_template_that_uses_them_they_are_not_asked_for(swift):
    swift.write({"a.txt": "[[ target.name ]]\n"}, CONFIG.format("acme/api, acme/web"))
    assert later(swift).outcomes == dict.fromkeys(FLEET, "created")
    assert not [one for one in swift.hub.requests if one.path.startswith("/orgs/")]


def test_what_the_token_may_not_see_is_no_missing_value(apps):
    apps.hub.repository("acme/api", files={"README.md": b"x\n"}, properties={"tier": "gold"})
    apps.hub.install(apps.hub.app(APP, PUBLIC), "acme", permissions=WRITE)
    apps.write({"a.txt": "[[ target.properties.tier | default('none') ]]\n", "b.txt": "b\n"},
               "version: 1\nfiles: [b.txt, {src: a.txt, template: true}]\ntargets: [acme/api]\n")  # fmt: skip
    ran = apps.run(token="", client_id=APP, private_key=PEM)
    repository = apps.hub.find("acme/api")
    assert "a.txt" not in (repository.files(repository.pulls[0].head) if repository.pulls else {})
    assert "templates lack target.properties at acme: the custom properties of acme" in html.unescape(ran.summary)


def test_an_app_gets_the_permission_that_templates_need(apps):
    apps.hub.repository("acme/api", files={"README.md": b"x\n"}, properties={"tier": "gold"})
    granted = WRITE | {"organization_custom_properties": "read"}
    apps.hub.install(apps.hub.app(APP, PUBLIC), "acme", permissions=granted)
    apps.write({"a.txt": "[[ target.properties.tier ]]\n"}, CONFIG.format("acme/api"))
    assert apps.run(token="", client_id=APP, private_key=PEM).outcomes == {"acme/api": "created"}
    repository = apps.hub.find("acme/api")
    assert repository.files(repository.pulls[0].head)["a.txt"][1] == b"gold\n"


def test_validate_needs_no_values(swift):
    swift.write({"a.txt": TEXT}, CONFIG.format("acme/*"))
    assert later(swift, command="validate").code == 0
