"""What tokens may do, tried with an App's tokens that have fewer permissions than the App."""

from __future__ import annotations

from tests.live.documents import COMMIT, CREATE_REF, at, commit, commit_input, open_pull, words_of
from tests.live.marks import statement
from tests.live.place import BLOCKED, IP_LISTED
from tests.live.test_pulls import label

ABOUT = """query($owner: String!, $name: String!, $label: String!) { repository(owner: $owner, name: $name) {
  label(name: $label) { name } labels(first: 1) { totalCount }
  milestone(number: 1) { title } milestones(first: 1) { totalCount } } }"""
REVIEWERS = """query($owner: String!, $name: String!, $number: Int!) { repository(owner: $owner, name: $name) {
  pullRequest(number: $number) { timelineItems(first: 9, itemTypes: [REVIEW_REQUESTED_EVENT]) { nodes {
    ... on ReviewRequestedEvent { requestedReviewer { __typename } } } } } } }"""
ONE = """query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) { id } }"""
PUBLIC = """query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) {
  defaultBranchRef { name } pullRequests(first: 1) { totalCount } } }"""
ELSEWHERE = ("octocat", "Hello-World")  # public on github.com
WORKFLOW = ".github/workflows/live.yml"
INACCESSIBLE = "Resource not accessible by integration"
ACTIONS_MAY_NOT = "needs the token of a workflow, in a repository whose settings forbid it"


def by_pulls(api):
    """With all that labels and people of a pull request should take."""
    return api.narrowed(contents="write", pull_requests="write")


@statement("installation-token", reads=True)
def test_a_token_with_fewer_permissions_may_do_less(api, repository):
    body = {"ref": f"refs/heads/{repository.topic}", "sha": repository.head}
    status, answer, headers = api.narrowed(contents="read").rest("POST", f"{repository.path}/git/refs", body)
    assert (status, answer["message"]) == (403, INACCESSIBLE)
    assert "contents=write" in headers["x-accepted-github-permissions"]
    assert api.narrowed(contents="write").rest("POST", f"{repository.path}/git/refs", body).status == 201


@statement("scopes-header", reads=True)
def test_only_classic_tokens_get_their_scopes_in_a_header(api, repository):
    headers = api.rest("GET", f"{repository.path}/git/ref/heads/{repository.branch}").headers
    assert bool(headers.get("x-oauth-scopes")) == api.is_classic


@statement("public-elsewhere", question="public_elsewhere")
def test_a_public_repository_where_the_app_is_not_installed(api, place, found):
    answer = by_pulls(api).ask(PUBLIC, owner=ELSEWHERE[0], name=ELSEWHERE[1])
    if any(len(error["path"]) == 1 for error in answer.get("errors", [])):
        place.skip(f"there is no {'/'.join(ELSEWHERE)} here")
    found("forbidden" if "errors" in answer else "readable", words_of(answer.get("errors", [])))


def readable(api, repository, *names):
    errors = by_pulls(api).errors(ABOUT, **at(repository, label=repository.topic))
    refused = [error for error in errors if error["path"][-1] in names and error.get("type") == "FORBIDDEN"]
    return ("forbidden" if refused else "readable"), words_of(refused)


@statement("label-without-issues", question="label_fields", reads=True)
def test_labels_without_issues(api, repository, found):
    label(api, repository, repository.topic)
    found(*readable(api, repository, "label", "labels"))


@statement("milestone-without-issues", question="milestone_fields", reads=True)
def test_milestones_without_issues(api, repository, found):
    found(*readable(api, repository, "milestone", "milestones"))


@statement("new-label-on-pull", reads=True)
def test_a_label_that_is_not_there_takes_issues(api, repository):
    number = open_pull(api, repository)["number"]
    labels = f"{repository.path}/issues/{number}/labels"
    status, answer, _ = by_pulls(api).rest("POST", labels, {"labels": [repository.topic]})
    assert (status, answer["message"]) == (403, "You do not have permission to create labels on this repository.")
    assert api.rest("POST", labels, {"labels": [repository.topic]}, keep=("name",)).status == 200


@statement("label-alone", question="create_label", reads=True)
def test_a_label_made_by_itself(api, repository, found):
    status, answer, _ = by_pulls(api).rest(
        "POST", f"{repository.path}/labels", {"name": repository.topic}, keep=("name",)
    )
    found("either right" if status == 201 else "issues", f"{status}, {answer.get('message', 'made')}")


@statement("existing-label", question="pull_conversation", reads=True)
def test_labels_and_milestones_that_exist(api, repository, found):
    label(api, repository, repository.topic)
    number = open_pull(api, repository)["number"]
    issue, asking = f"{repository.path}/issues/{number}", by_pulls(api)
    labelled = asking.rest("POST", f"{issue}/labels", {"labels": [repository.topic]}, keep=("name",))
    assigned = asking.rest("POST", f"{issue}/assignees", {"assignees": []}, keep=("number",))
    unset = asking.rest("PATCH", issue, {"milestone": None}, keep=("number",))
    details = f"label {labelled.status}, assignees {assigned.status}, milestone {unset.status}"
    found("either right" if labelled.status == 200 else "issues", details)


def some_team(api, repository):
    """The slug of a team that has the repository."""
    status, teams, _ = api.rest("GET", f"/orgs/{repository.owner}/teams?per_page=1", keep=("slug", "node_id"))
    if status != 200 or not teams:
        api.place.skip("the owner has no team that the credentials see")
    slug = teams[0]["slug"]
    if api.rest("PUT", f"/orgs/{repository.owner}/teams/{slug}{repository.path}").status != 204:
        api.place.skip("the credentials may not give a team a repository")
    return slug


@statement("team-in-timeline", question="team_reviewer", reads=True)
def test_a_team_that_the_token_may_not_read(api, repository, found):
    slug = some_team(api, repository)
    number = open_pull(api, repository)["number"]
    path = f"{repository.path}/pulls/{number}/requested_reviewers"
    assert api.rest("POST", path, {"team_reviewers": [slug]}, keep=("number",)).status == 201
    answer = by_pulls(api).ask(REVIEWERS, **at(repository, number=number))
    (event,) = answer["data"]["repository"]["pullRequest"]["timelineItems"]["nodes"]
    details = answer.get("errors", [])
    kind = "shown" if event["requestedReviewer"] else details[0].get("type", "untyped").lower() if details else "null"
    found(kind, words_of(details))


def in_words(error):
    """Git's, or one of GitHub's two."""
    words = {"refusing to allow": "refusing", "does not have the correct permissions": "permissions"}
    words["not accessible"] = "not accessible"
    return next((short for part, short in words.items() if part in error["message"]), error["message"])


@statement("workflow-commit-words", question="commit_with_workflows_words")
def test_a_workflow_without_the_right_to_workflows(api, repository, found):
    given = commit_input(repository, repository.head, {WORKFLOW: b"on: workflow_dispatch\n"})
    (error,) = api.narrowed(contents="write").errors(COMMIT, commit=given)
    found(in_words(error), words_of([error]))


def ref_before_the_workflow(api, repository):
    """The errors of a ref at a commit that lacks the default branch's workflow, by a token without that right."""
    commit(api, repository, {WORKFLOW: b"on: workflow_dispatch\n"})
    given = {"id": repository.id, "ref": "refs/heads/before", "oid": repository.head}
    return api.narrowed(contents="write").errors(CREATE_REF, **given)


@statement("ref-at-other-workflows", question="ref_with_workflows")
def test_a_ref_at_other_workflows(api, repository, found):
    errors = ref_before_the_workflow(api, repository)
    found("refused" if errors else "allowed", words_of(errors))


@statement("ref-at-other-workflows-words", question="ref_with_workflows_words")
def test_the_words_about_a_ref_at_other_workflows(api, place, repository, found):
    errors = ref_before_the_workflow(api, repository)
    if not errors:
        place.skip("such a ref isn't refused here")
    found(in_words(errors[0]), words_of(errors))


def elsewhere(place, repository, variable, name, value):
    """A repository in a state that can't be made by the API: one that is named, or one of the hub's."""
    if not place.is_real:
        place.on_hub(lambda hub: setattr(hub.find(repository.full_name), name, value))
        return repository.full_name
    return place.others.get(variable) or place.skip(f"needs {variable}, the name of a repository in that state")


@statement("ip-list-form", question="ip_list_form", reads=True)
def test_where_the_address_is_not_on_the_list(api, place, repository, found):
    owner, _, name = elsewhere(place, repository, IP_LISTED, "ip_allow_list", True).partition("/")
    reply = api.post(ONE, {"owner": owner, "name": name})
    place.on_hub(lambda hub: setattr(hub.find(repository.full_name), "ip_allow_list", False))
    found("http" if reply.status == 403 else "field" if "errors" in reply.body else "open", f"{reply.status}")


@statement("blocked-status", question="blocked_status", reads=True)
def test_a_repository_that_was_blocked(api, place, repository, found):
    full_name = elsewhere(place, repository, BLOCKED, "disabled", True)
    status, answer, _ = api.rest("GET", f"/repos/{full_name}")
    place.on_hub(lambda hub: setattr(hub.find(repository.full_name), "disabled", False))
    found(str(status), answer["message"])


@statement("actions-refused", question="actions_refused")
def test_a_workflows_token_that_may_not_open_pull_requests(api, place, repository, found):
    """Only a workflow has such a token; the hub's is kept from it here."""
    if place.is_real:
        place.skip(ACTIONS_MAY_NOT)
    place.on_hub(lambda hub: setattr(hub.find(repository.full_name), "actions_may_open", False))
    place.on_hub(lambda hub: hub.token("ghs_ofAWorkflow", login="github-actions", kind="app"))
    from tests.live.api import Api
    from tests.live.documents import OPEN, pull_input, topic

    topic(api, repository)
    workflow = Api(place, api.session, api.budget, api.log, "ghs_ofAWorkflow")
    (error,) = workflow.errors(OPEN, pull=pull_input(repository))
    found(error.get("type") or "none", error["message"])


@statement("properties-listed", question="properties_listed", reads=True)
def test_custom_properties_in_the_listing_of_an_organization(api, place, repository, found):
    status, rows, _ = api.rest("GET", f"/orgs/{repository.owner}/repos?per_page=1", keep=("custom_properties",))
    if status != 200 or not rows:
        place.skip("the owner is no organization")
    found("shown" if "custom_properties" in rows[0] else "absent")


@statement("properties-hidden", question="properties_hidden", reads=True)
def test_custom_properties_without_the_right_to_them(api, place, repository, found):
    if api.rest("GET", f"/users/{repository.owner}", keep=("type",)).body["type"] != "Organization":
        place.skip("the owner is no organization")
    path = f"/orgs/{repository.owner}/properties/values?per_page=1"
    status, answer, _ = by_pulls(api).rest("GET", path, keep=("repository_id",))
    found("shown" if status == 200 else str(status), answer["message"] if status != 200 else "")
