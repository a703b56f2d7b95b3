"""Who the action is to GitHub: Apps, a token for each owner, and what each may do."""

from __future__ import annotations

import time

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.hub import Clock, Hub
from tests.integration.test_main_job import FILES, behind, config
from tests.world import World

APP = "Iv23liBroadcast0000"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
).decode()
PUBLIC = KEY.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
).decode()  # fmt: skip
WRITE = {"contents": "write", "pull_requests": "write", "workflows": "write", "members": "read"}
ACME, LABS = ("ghp_theTokenOfAcme0000000000000000000000", "ghp_theTokenOfLabs0000000000000000000000")


def install(world, *owners, **permissions):
    app = world.hub.app(APP, PUBLIC)
    for owner in owners:
        world.hub.install(app, owner, permissions=WRITE | permissions)


def as_app(world, run=World.run, **inputs):
    return run(world, token="", client_id=APP, private_key=PEM, **inputs)


def minted(world):
    """The permissions of every token that was asked for."""
    asked = [one for one in world.hub.requests if one.path.endswith("/access_tokens")]
    return [one.body["permissions"] for one in asked]


def seen(world, ran):
    """Everything that anybody could read, without the commands that mask."""
    lines = [line for line in ran.log.splitlines() if not line.startswith("::add-mask::")]
    return "\n".join([*lines, ran.summary, str(ran.outputs)])


def test_an_app_reaches_the_repositories_of_every_owner_it_is_installed_at(world):
    world.write(FILES, config("acme/api", "labs/web"))
    repos = [world.hub.repository(name, files=behind()) for name in ("acme/api", "labs/web")]
    install(world, "acme", "labs")
    ran = as_app(world)
    assert ran.outcomes == {"acme/api": "created", "labs/web": "created"}
    assert [repo.pulls[0].author for repo in repos] == ["broadcast[bot]"] * 2
    assert as_app(world).outcomes == {"acme/api": "open", "labs/web": "open"}


def test_its_tokens_may_do_what_the_command_needs_and_no_more(world):
    world.write(FILES, config("acme/api"))
    world.hub.repository("acme/api", files=behind())
    install(world, "acme")
    as_app(world, command="plan", cleanup="false")
    assert minted(world) == [{"metadata": "read", "contents": "read", "pull_requests": "read"}]
    as_app(world, command="validate", online="true", cleanup="false")
    assert minted(world) == [{"metadata": "read", "contents": "write", "pull_requests": "write", "workflows": "write"}]


def test_a_run_that_writes_takes_what_else_was_granted_and_helps(world):
    world.write({"LICENSE": "MIT\n"}, "version: 1\ntargets: [acme/api, labs/web]\nfiles: [LICENSE]\n")
    for name in ("acme/api", "labs/web"):
        world.hub.repository(name, files={})
    app = world.hub.app(APP, PUBLIC)
    least = {"contents": "write", "pull_requests": "write"}
    more = {"workflows": "write", "members": "read", "issues": "write"}
    world.hub.install(app, "acme", permissions=least | more | {"administration": "write"})
    world.hub.install(app, "labs", permissions=least | {"issues": "read"})
    assert set(as_app(world, cleanup="false").outcomes.values()) == {"created"}
    assert minted(world) == [{"metadata": "read"} | least | more, {"metadata": "read"} | least]


def test_tokens_and_keys_are_masked_and_never_seen(world):
    world.write(FILES, config("acme/api"))
    world.hub.repository("acme/api", files=behind())
    install(world, "acme")
    ran = as_app(world, log_level="debug")
    tokens = [value for value in world.hub.tokens if value.startswith("ghs_")]
    assert tokens
    assert all(f"::add-mask::{value}" in ran.log for value in [*tokens, *PEM.strip().splitlines()])
    assert not [secret for secret in [*tokens, *PEM.split()] if len(secret) > 20 and secret in seen(world, ran)]


def test_an_owner_without_the_app_fails_alone_and_is_asked_to_install_it(world):
    world.write(FILES, config("acme/api", "labs/web"))
    for name in ("acme/api", "labs/web"):
        world.hub.repository(name, files=behind())
    install(world, "acme")
    ran = as_app(world)
    assert ran.outcomes == {"acme/api": "created", "labs/web": "failed"}
    assert "isn't installed at labs" in ran.target("labs/web")["reason"]


def test_a_permission_that_the_installation_lacks_is_named_before_anything_is_written(world):
    world.write(FILES, config("acme/api"))
    api = world.hub.repository("acme/api", files=behind())
    install(world, "acme", pull_requests="read", workflows="read")
    ran = as_app(world)
    assert ran.code == 1
    assert "lacks Pull requests: write, Workflows: write" in ran.target("acme/api")["reason"]
    assert not api.pulls
    assert set(api.branches()) == {"main"}


def test_a_token_is_renewed_before_it_ends(tmp_path):
    with Hub(tmp_path / "hub", clock=Clock(time.time())) as hub:
        world = World(tmp_path, hub)
        names = [f"acme/t{n}" for n in range(60)]
        world.write({"LICENSE": "new\n"}, f"version: 1\ntargets: [{', '.join(names)}]\nfiles: [LICENSE]\n")
        for name in names:
            hub.repository(name, files={"LICENSE": b"old\n"})
        install(world, "acme")
        hub.token_lifetime = 20
        ran = as_app(world, World.run)
        assert set(ran.outcomes.values()) == {"created"}
        assert len(minted(world)) >= 3
        assert not [one for one in hub.requests if one.status == 401]


def test_a_private_key_that_is_none_is_a_mistake_of_the_inputs_and_is_not_shown(world):
    world.write(FILES, config("acme/api"))
    ran = world.run(token="", client_id=APP, private_key="-----BEGIN nonsense: MIIEabcdefgh")
    assert ran.code == 2
    assert "private-key" in ran.log
    assert "MIIEabcdefgh" not in seen(world, ran)
    assert world.run(token="", client_id=APP).code == 2


def test_an_app_that_github_does_not_know_is_reported(world):
    world.write(FILES, config("acme/api"))
    world.hub.repository("acme/api", files=behind())
    ran = as_app(world)
    assert ran.code == 1
    assert ran.outcomes == {"acme/api": "failed"}


def test_every_owner_has_its_own_token_and_the_rest_share_one(world):
    world.hub.token(ACME, login="acme-bot", repositories=["acme/api"])
    world.hub.token(LABS, login="labs-bot", repositories=["labs/web"])
    world.write(FILES, config("acme/api", "labs/web", "else/where"))
    api, web, other = (world.hub.repository(name, files=behind()) for name in ("acme/api", "labs/web", "else/where"))
    ran = world.run(tokens=f"acme={ACME}\n\n Labs = {LABS}\n")
    assert set(ran.outcomes.values()) == {"created"}
    assert [repo.pulls[0].author for repo in (api, web, other)] == ["acme-bot", "labs-bot", "broadcast-bot"]
    assert not [token for token in (ACME, LABS) if token in seen(world, ran)]


def test_an_owner_for_whom_no_token_is_given_fails_alone(world):
    world.hub.token(ACME, login="acme-bot")
    world.write(FILES, config("acme/api", "labs/web"))
    for name in ("acme/api", "labs/web"):
        world.hub.repository(name, files=behind())
    ran = world.run(token="", tokens=f"acme={ACME}")
    assert ran.outcomes == {"acme/api": "created", "labs/web": "failed"}
    assert "no token is given for labs" in ran.target("labs/web")["reason"]


def test_a_line_of_tokens_that_is_none_is_refused_without_being_shown(world):
    world.write(FILES, config("acme/api"))
    ran = world.run(tokens="acme=ghp_one0000000000000000000000000000000000\nghp_secretsecretsecret00000000000000000000")
    assert ran.code == 2
    assert "line 2" in ran.log
    assert "ghp_secret" not in seen(world, ran)


def test_a_classic_token_without_the_workflow_scope_is_reported_before_anything_is_written(world):
    world.hub.token("ghp_noworkflow00000000000000000000000000", workflow=False)
    world.write(FILES, config("acme/api"))
    world.hub.repository("acme/api", files={"a": b"a"})
    ran = world.run(token="ghp_noworkflow00000000000000000000000000")
    assert "scope `workflow`" in ran.target("acme/api")["remedy"]
    assert "graphql mutation" not in world.hub.calls()


@pytest.mark.parametrize("path", ["", "/api/v3"])
def test_an_enterprise_server_is_reached_by_its_api_url(world, path):
    world.write(FILES, config("acme/api"))
    world.hub.repository("acme/api", files=behind())
    ran = world.run({"GITHUB_API_URL": "https://api.github.com"}, api_url=world.hub.url + path)
    assert ran.outcomes == {"acme/api": "created"}
