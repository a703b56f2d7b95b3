"""Questions that only an experiment with the real GitHub can answer: a setting of the hub for each, `hub.unknowns`.

A test takes one answer with `hub.unknowns.question = answer`. WAYS lists every answer to every question, so that a
test can be run once for each way in which GitHub may answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any


def _question(*answers: Any) -> Any:
    """The likelier answer comes first, and is the default."""
    return field(default=answers[0], metadata={"answers": answers})


@dataclass
class Unknowns:
    # What does Commit.file say of a path below a file? No record was found.
    file_below_blob: str = _question("not found", "null")
    # What does Commit.file say of '', '.' and 'a/'? No record was found.
    file_unusual_path: str = _question("not found", "null", "resolves")
    # How does updateRefs refuse what a ruleset forbids? A failed precondition is opaque: skurella/phraise (raw).
    update_refs_ruled: str = _question("typed", "opaque")
    # And what can't be: no fast-forward without `force`, no such object, the default branch's deletion?
    update_refs_impossible: str = _question("typed", "opaque")
    # How is a token refused that was made a moment ago? "not found" and "short" (listings) concern private
    # repositories. octokit/auth-app.js #65 and #589 have 401 and 403, fabro-sh/fabro #667 "not found".
    fresh_token: str = _question("401", "403", "not accessible", "not found", "short")
    # Does a 401 for a sound token come with the budget of those who have none? Renovate takes it for the sign of it.
    transient_401_limit: str = _question("60", "the token's")
    # Does a space between user:, org: and repo: mean AND? In the advanced search it does (changelog of 2025-03-06,
    # cli/cli #9828 and #11638); GHES up to 3.17 has OR, and dlvhdr/gh-dash #957 doubts it for `type: ISSUE`.
    search_places: str = _question("and", "or")
    # How does a document end that is too heavy? One project met cut connections, many 502 after ten seconds.
    too_heavy: str = _question("cut", "502")
    # Do label, labels, milestone and milestones of a private repository need Issues: read? No record was found.
    label_fields: str = _question("readable", "forbidden")
    milestone_fields: str = _question("readable", "forbidden")
    # May Pull requests: write make a label by itself, with POST labels or createLabel? The documentation has it so; on
    # the way of a pull request's labels it is refused since the spring of 2025 (kubestellar/console #3036).
    create_label: str = _question("issues", "either right")
    # Does it set a pull request's labels that exist, its assignees and its milestone? assembledhq/143 #2165 says that
    # Issues: write is needed, most others do without.
    pull_conversation: str = _question("either right", "issues")
    # Does a requested team that the token may not read come with an error? For `reviewRequests` it does (cli/cli
    # #14317 and #12597, chdsbd/kodiak #146); for the timeline's event no record was found.
    team_reviewer: str = _question("forbidden", "null")
    # What becomes of auto-merge where nothing is left to wait for? GitHub says "clean status", older servers in
    # brackets, or that protection isn't configured; one user saw it merge, another saw it armed.
    auto_merge_clean: str = _question("clean status", "in brackets", "not configured", "armed", "merged")
    # May a token without Workflows put a ref at a commit whose workflows differ from the default branch's? GitHub's
    # support says no: vercel/next.js #94596, DataDog/datadog-agent #54090, changesets/ghcommit #18.
    ref_with_workflows: str = _question("refused", "allowed")
    # In which words does GraphQL refuse that? winget-releaser #319 and Komac #1753 have the first.
    ref_with_workflows_words: str = _question("permissions", "not accessible")
    # And a commit with a workflow's file? Git's words, or one of the others.
    commit_with_workflows_words: str = _question("refusing", "permissions", "not accessible")
    # Which type has a ruleset's refusal in GraphQL? keystatic #1598 and #1559: another than classic protection's.
    ruleset_type: str = _question("UNPROCESSABLE", "FORBIDDEN")
    # How is a new ref refused where creations are restricted? REST's "Reference update failed" was met, too:
    # release-plz/action #518, actions/github-script #455.
    creation_ruled: str = _question("rule", "bare")
    # What is too long for a title? GitHub says 256 characters (Digital-Process-Tools/claude-supertool #950); a project
    # measured that 1024 bytes are accepted and 1025 are not.
    title_limit: str = _question("256 characters", "1024 bytes")
    # How are too many pull requests in a row refused? By a secondary limit, or as "was submitted too quickly":
    # whatwg/spec-factory #55, Financial-Times/nori #164, googleapis/release-please #1503.
    burst: str = _question("secondary limit", "too quickly")
    # How is a pull request refused where the repository has none (since 2026-02-13)? The changelog has no answer.
    pulls_off: str = _question("UNPROCESSABLE", "FORBIDDEN", "NOT_FOUND")
    # Which type has "GitHub Actions is not permitted to create or approve pull requests" in GraphQL?
    actions_refused: str = _question("FORBIDDEN", "UNPROCESSABLE")
    # Where an address isn't on the list, is a field refused, or the whole request with HTTP 403 (an enterprise's list)?
    ip_list_form: str = _question("field", "http")
    # With which status does REST refuse a repository that was blocked? The documentation has both.
    blocked_status: str = _question("403", "451")
    # Does requestReviews refuse the author, by id? By login it drops them; REST refuses, and the whole call with it
    # (47degrees/github4s #576).
    author_review: str = _question("refused", "dropped")
    # What does GraphQL do with people who can't be assigned? REST leaves them out.
    unassignable: str = _question("dropped", "refused")
    # Does `labelIds: []` in updatePullRequest take all labels away?
    empty_label_ids: str = _question("clears", "keeps")
    # May an App read isInMergeQueue and autoMergeRequest? No record was found.
    merge_fields: str = _question("readable", "forbidden")
    # What is mergeStateStatus where only the merge queue is left? netresearch/git-workflow-skill #134 has CLEAN, and
    # kdlbs/kandev #2755 takes BLOCKED for it.
    queue_status: str = _question("CLEAN", "BLOCKED")
    # Which form has a new installation token? Both are about since 2026-04-27: ghs_ and 36 letters, or some 520
    # characters with a JSON web token in them (changelog of 2026-05-15).
    token_form: str = _question("short", "stateless")
    # Does a token that an App asks for by the names of repositories take a name that one of them once had?
    # twentyhq/twenty #24196 says no.
    token_by_old_name: str = _question("refused", "taken")
    # Does a token for some repositories see the organization's teams? One user met that it couldn't ask one for a
    # review, and took the whole installation: tutti-os/tutti #34.
    team_by_narrow_token: str = _question("hidden", "shown")
    # What does a token get that lacks Custom properties: read? The OpenAPI description has 403 and 404; people with read
    # access to a repository can view its values, and a public organization may show them to all.
    properties_hidden: str = _question("403", "404", "shown")
    # Does the listing of an organization's repositories have `custom_properties`? The OpenAPI description has them, for
    # no row as required.
    properties_listed: str = _question("shown", "absent")
    # What does `compare` say of branches without a common ancestor? REST says 404.
    compare_unrelated: str = _question("null", "not found", "diverged")
    # Which words has a branch of createCommitOnBranch that moved? phraise has the first raw, and STALE_DATA; in a true
    # race firstsun-dev/git-files-sync met the second.
    commit_stale: str = _question("expected branch", "is at")
    # Which type has the deletion of a path that isn't there (keystatic #1269 has the words)?
    commit_absent_type: str = _question("UNPROCESSABLE", "NOT_FOUND")
    # May a commit have a file where a directory is, or the reverse? One user met a refusal; its words are in no record.
    # "never" refuses it even where the same commit deletes what was there.
    commit_over_directory: str = _question("if deleted", "always", "never")
    # Does the timeline tell of a base that is deleted, which closes its pull requests? The schema has such an event.
    base_deletion: str = _question("told", "untold")
    # Does createCommitOnBranch delete executables and symlinks? No record was found.
    commit_deletes_modes: str = _question("deleted", "refused")
    # From how many bytes on is `Blob.text` cut, and is it null then? No record was found.
    text_limit: int = _question(512_000, 524_288, 1_048_576)
    text_beyond: str = _question("cut", "null")
    # What is a TreeEntry's `name` where it isn't UTF-8? `nameRaw` and `pathRaw` have the bytes.
    name_of_bytes: str = _question("replacement", "surrogates")
    # May an App read contents and pull requests of a public repository where it isn't installed? One user met refusals
    # of single fields: ossf/pvtr-github-repo-scanner #397.
    public_elsewhere: str = _question("readable", "forbidden")
    # Is a user content edit's `diff` the whole text after it? kurone-kito/idd-skill #3133 takes it for that.
    edit_diff: str = _question("whole text", "null")
    # Which of them comes first? The schema says nothing of it.
    edit_order: str = _question("newest first", "oldest first")
    # May an App read what people may do in a repository? The documentation has Metadata: read for it, and a user found
    # that to be enough for a fine-grained token (aenix-io/aeman #161); the page itself asks for push access.
    permission_of_people: str = _question("readable", "refused")
    # Does IssueFilters.createdBy take an App's login as `viewer` has it, with [bot]? No record was found.
    created_by_bot: str = _question("with suffix", "without suffix")

    def __setattr__(self, name: str, value: Any) -> None:
        if value not in ALTERNATIVES.get(name, ()):
            raise ValueError(f"{value!r} is no answer to {name}: {ALTERNATIVES.get(name)}")
        super().__setattr__(name, value)


ALTERNATIVES: dict[str, tuple[Any, ...]] = {each.name: each.metadata["answers"] for each in fields(Unknowns)}
WAYS: list[tuple[str, Any]] = [(name, answer) for name, answers in ALTERNATIVES.items() for answer in answers]
