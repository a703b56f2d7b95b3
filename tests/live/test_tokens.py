"""Tokens that an App has made a moment ago, and how an App names itself."""

from __future__ import annotations

import time
from collections import Counter

from tests.live.api import APP, Api, sign
from tests.live.documents import at, words_of
from tests.live.marks import statement
from tests.live.test_permissions import some_team

ASK = """query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) { name }
  repositoryOwner(login: $owner) {
    repositories(first: 9, orderBy: {field: CREATED_AT, direction: DESC}) { nodes { name } } } }"""
TEAM = "query($owner: String!, $slug: String!) { organization(login: $owner) { team(slug: $slug) { id } } }"
TIMES, TIMES_ON_HUB = 100, 3
PATIENCE = 60.0  # seconds until a token is known everywhere


def doubt(reply, repository):
    """How a new token is refused; empty where it isn't."""
    if reply.status == 401:
        return "401"
    if reply.status == 403:
        return "not accessible" if "not accessible" in reply.body["message"] else "403"
    if reply.status != 200:
        return str(reply.status)
    found = reply.body["data"]
    if found["repository"] is None:
        return "not found"
    owner = found["repositoryOwner"] or {"repositories": {"nodes": []}}
    listed = [node["name"] for node in owner["repositories"]["nodes"] if node]
    return "" if repository.name in listed else "short"


def good_after(asking, repository):
    """Seconds until the token is good."""
    start = time.monotonic()
    while doubt(asking.post(ASK, at(repository)), repository) and time.monotonic() < start + PATIENCE:
        time.sleep(1.0 if asking.place.is_real else 0.05)
    return time.monotonic() - start


@statement("fresh-token", question="fresh_token", reads=True)
def test_tokens_that_are_used_at_once(api, place, repository, found):
    place.on_hub(lambda hub: setattr(hub, "token_lag", 0.2))
    met, longest = Counter(), 0.0
    times = TIMES if place.is_real else TIMES_ON_HUB
    for _ in range(times):
        asking = api.minted(contents="read")
        word = doubt(asking.post(ASK, at(repository)), repository)
        if word:
            met[word] += 1
            longest = max(longest, good_after(asking, repository))
    details = ", ".join(f"{count} of {times} {word}" for word, count in met.most_common())
    found(met.most_common(1)[0][0] if met else "none refused", f"{details}; for {longest:.0f} s" if met else f"{times}")


@statement("passing-401-limit", question="transient_401_limit", reads=True)
def test_the_limit_beside_a_passing_401(api, place, repository, found):
    place.on_hub(lambda hub: setattr(hub, "token_lag", 0.2))
    for _ in range(20):
        reply = api.minted(contents="read").post(ASK, at(repository))
        if reply.status == 401:
            limit = reply.headers.get("x-ratelimit-limit", "none")
            found("60" if limit == "60" else "the token's" if limit.isdigit() else limit, f"it is {limit}")
            return
    place.skip("none of 20 new tokens was refused with 401")


@statement("token-form", question="token_form")
def test_which_form_a_new_token_has(api, found):
    token = api.minted(contents="read").token
    found("stateless" if token.count(".") == 2 else "short", f"{len(token)} characters")


@statement("app-names")
def test_an_app_names_itself_by_its_client_id_or_its_number(api, place, repository):
    if not place.key:
        place.skip("needs a GitHub App")
    app = api.as_app().rest("GET", "/app", keep=("id", "client_id")).body
    for name in (app["client_id"], str(app["id"])):
        asking = Api(place, api.session, api.budget, api.log, sign(name, place.key, int(time.time())), APP)
        api.log.secrets.append(asking.token)
        assert asking.rest("GET", "/app", keep=("id",)).status == 200


@statement("token-by-name", reads=True)
def test_a_token_for_one_repository_sees_no_other_and_a_name_that_is_none_is_refused(api, repository):
    status, answer = api.ask_token(repository.name, "no-such-repository-there", contents="read")
    assert (status, "does not exist or is not accessible" in answer["message"]) == (422, True)
    asking = api.minted(repository.name, contents="read")
    asking.settle()
    listed = asking.rest("GET", "/installation/repositories", keep=("total_count",)).body
    assert listed["total_count"] == 1


@statement("token-by-old-name", question="token_by_old_name")
def test_a_token_by_a_name_that_a_repository_once_had(api, repositories, repository, found):
    old, new = repository.name, f"{repository.name}-renamed"
    api.rest("PATCH", repository.path, {"name": new}, keep=("name",))
    repositories.renamed(old, new)
    status, answer = api.ask_token(old, contents="read")
    found("taken" if status == 201 else "refused", f"{status}, {answer.get('message', 'made')}")


@statement("team-by-narrow-token", question="team_by_narrow_token", reads=True)
def test_a_team_and_a_token_for_one_repository(api, repository, found):
    slug = some_team(api, repository)
    asking = api.minted(repository.name, members="read", pull_requests="write")
    asking.settle()
    answer = asking.ask(TEAM, owner=repository.owner, slug=slug)
    team = (answer["data"]["organization"] or {}).get("team")
    found("shown" if team else "hidden", words_of(answer.get("errors", [])))
