"""Reading by GraphQL."""

from __future__ import annotations

from tests.live.documents import FILE, at, commit, new_branch, topic, tree, words_of
from tests.live.marks import statement
from tests.live.pushing import push_name

MISSING = "Could not resolve file for path '{}'."
HISTORY = """query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) { defaultBranchRef {
  target { ... on Commit { history(first: 5) { nodes { file(path: "later.txt") { type } } }
    never: history(first: 5, path: "never") { totalCount nodes { oid } } } } } } }"""
ABSENT = """query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) {
  ref(qualifiedName: "refs/heads/nowhere") { name } label(name: "nothing-of-this-name") { name }
  byId: object(oid: "1111111111111111111111111111111111111111") { oid } byPath: object(expression: "HEAD:nowhere") { oid }
  } repositoryOwner(login: "no-such-login-0000") { login } }"""
EMPTY = """query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) {
  isEmpty defaultBranchRef { name } } }"""
ENTRIES = """query($owner: String!, $name: String!, $oid: GitObjectID!) { repository(owner: $owner, name: $name) {
  object(oid: $oid) { ... on Tree { entries { name mode type } } ... on Blob { text } }
  other: object(oid: $oid) { ... on Blob { text } } } }"""
TEXTS = """query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) {
  object(expression: "HEAD:") { ... on Tree { entries { name object { ... on Blob {
    byteSize isBinary isTruncated text } } } } } } }"""
NAMES = """query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) {
  object(expression: "bytes:") { ... on Tree { entries { name nameRaw } } } } }"""
COMPARE = """query($owner: String!, $name: String!, $base: String!, $head: String!) {
  repository(owner: $owner, name: $name) { ref(qualifiedName: $base) {
    compare(headRef: $head) { aheadBy behindBy status } } } }"""
TWO = """query($owner: String!, $name: String!) { rateLimit { cost }
  none: repository(owner: $owner, name: "broadcast-live-none") { id } there: repository(owner: $owner, name: $name) { name }
  free: user(login: "no-such-login-0000") { id } }"""
KINDS = """query($owner: String!, $name: String!, $oid: GitObjectID!) { repository(owner: $owner, name: $name) {
  object(oid: $oid) { ... on Commit { link: file(path: "link") { mode type } sub: file(path: "sub") { mode type } } } } }"""
SIZES = (512_000, 512_001, 524_288, 524_289, 1_048_576, 1_048_577)
MANY, CHUNK = 12_000, 1_000


def file_of(answer):
    return answer["data"]["repository"]["defaultBranchRef"]["target"]["file"]


@statement("absent-repository", reads=True)
def test_a_repository_that_is_absent_is_null_and_the_others_are_there(api, repository):
    answer = api.ask(TWO, **at(repository))
    error = next(error for error in answer["errors"] if error["path"] == ["none"])
    assert (answer["data"]["none"], answer["data"]["there"]) == (None, {"name": repository.name})
    name = f"{repository.owner}/broadcast-live-none"
    assert (error["type"], error["message"]) == (
        "NOT_FOUND",
        f"Could not resolve to a Repository with the name '{name}'.",
    )


@statement("absent-user", reads=True)
def test_a_user_that_is_absent_is_null_with_an_error(api, repository):
    answer = api.ask(TWO, **at(repository))
    error = next(error for error in answer["errors"] if error["path"] == ["free"])
    assert answer["data"]["free"] is None
    assert error["type"] == "NOT_FOUND"
    assert error["message"] == "Could not resolve to a User with the login of 'no-such-login-0000'."


@statement("cost", reads=True)
def test_every_answer_has_its_cost(api, repository):
    assert api.ask(TWO, **at(repository))["data"]["rateLimit"]["cost"] >= 1


@statement("renamed-repository")
def test_a_repository_is_found_by_the_name_it_had(api, repositories, repository):
    new = f"{repository.name}00"
    api.rest("PATCH", repository.path, {"name": new}, keep=("name",))
    repositories.renamed(repository.name, new)
    document = """query($owner: String!, $name: String!) {
      repository(owner: $owner, name: $name) { nameWithOwner } }"""

    def look():
        return (api.ask(document, **at(repository))["data"] or {}).get("repository")

    assert api.until(look) == {"nameWithOwner": f"{repository.owner}/{new}"}


@statement("absent-file", reads=True)
def test_a_file_that_is_absent_is_null_with_an_error(api, repository):
    answer = api.ask(FILE, **at(repository, path="nowhere/at/all"))
    (error,) = answer["errors"]
    assert file_of(answer) is None
    assert (error["type"], error["message"]) == ("NOT_FOUND", MISSING.format("nowhere/at/all"))
    assert error["path"] == ["repository", "defaultBranchRef", "target", "file"]


@statement("absent-file-in-history")
def test_a_commit_that_lacks_the_file_has_an_error_of_its_own(api, repository):
    commit(api, repository, {"later.txt": b"1\n"})
    answer = api.ask(HISTORY, **at(repository))
    nodes = answer["data"]["repository"]["defaultBranchRef"]["target"]["history"]["nodes"]
    assert nodes == [{"file": {"type": "blob"}}, {"file": None}]
    (error,) = answer["errors"]
    assert error["type"] == "NOT_FOUND"
    assert error["path"] == ["repository", "defaultBranchRef", "target", "history", "nodes", 1, "file"]


@statement("history-of-nothing", reads=True)
def test_the_history_of_a_path_that_never_was_is_empty(api, repository):
    answer = api.ask(HISTORY, **at(repository))
    assert answer["data"]["repository"]["defaultBranchRef"]["target"]["never"] == {"totalCount": 0, "nodes": []}


@statement("file-directory")
def test_a_directory_is_a_file_too(api, repository):
    commit(api, repository, {"a/b.txt": b"1\n"})
    assert file_of(api.ask(FILE, **at(repository, path="a"))) == {"mode": 0o40000, "type": "tree"}


def looked_up(api, repository, path):
    """How a path is answered: resolves, not found, null, or in other words."""
    answer = api.ask(FILE, **at(repository, path=path))
    errors = answer.get("errors", [])
    if not errors:
        return "null" if file_of(answer) is None else "resolves"
    return "not found" if errors[0].get("type") == "NOT_FOUND" else words_of(errors)


@statement("file-below-blob", question="file_below_blob", reads=True)
def test_a_path_below_a_file(api, repository, found):
    found(looked_up(api, repository, "README.md/below"))


@statement("file-unusual-path", question="file_unusual_path")
def test_unusual_paths(api, repository, found):
    commit(api, repository, {"a/b.txt": b"1\n"})
    answers = {path: looked_up(api, repository, path) for path in ("a/", "", ".")}
    found(answers["a/"], f"an empty path: {answers['']}, '.': {answers['.']}")


@statement("file-kinds", expects="link 40960 blob, submodule 57344 commit", reads=True)
def test_symlinks_and_submodules_are_files_too(api, repository, found):
    rows = [
        {"path": "link", "mode": "120000", "type": "blob", "content": "README.md"},
        {"path": "sub", "mode": "160000", "type": "commit", "sha": repository.head},
    ]
    status, made = tree(api, repository, rows, repository.head)
    assert status == 201, made
    body = {"message": "m", "tree": made["sha"], "parents": [repository.head]}
    oid = api.rest("POST", f"{repository.path}/git/commits", body, keep=("sha",)).body["sha"]
    answer = api.ask(KINDS, **at(repository, oid=oid))
    kinds = (answer["data"]["repository"]["object"][name] for name in ("link", "sub"))
    details = [f"{kind['mode']} {kind['type']}" if kind else words_of(answer["errors"]) for kind in kinds]
    found(f"link {details[0]}, submodule {details[1]}")


@statement("absent-ref", reads=True)
def test_refs_and_objects_that_are_absent_are_null_without_an_error(api, repository):
    found = api.data(ABSENT, **at(repository))["repository"]
    assert (found["ref"], found["byId"], found["byPath"]) == (None, None, None)


@statement("absent-owner", reads=True)
def test_an_owner_that_is_absent_is_null_without_an_error(api, repository):
    assert api.data(ABSENT, **at(repository))["repositoryOwner"] is None


@statement("absent-label", reads=True)
def test_a_label_that_is_absent_is_null_without_an_error(api, repository):
    assert api.data(ABSENT, **at(repository))["repository"]["label"] is None


@statement("empty-repository")
def test_a_repository_without_a_commit_has_no_default_branch(api, repositories):
    empty = repositories.make(empty=True)

    def look():
        return (api.ask(EMPTY, **at(empty))["data"] or {}).get("repository")

    assert api.until(look) == {"isEmpty": True, "defaultBranchRef": None}


@statement("tree-entry-mode", reads=True)
def test_modes_are_decimal_numbers(api, repository):
    rows = [
        {"path": "file", "mode": "100644", "type": "blob", "content": "f"},
        {"path": "link", "mode": "120000", "type": "blob", "content": "file"},
        {"path": "tool", "mode": "100755", "type": "blob", "content": "t"},
    ]
    status, made = tree(api, repository, rows)
    assert status == 201, made
    entries = api.data(ENTRIES, **at(repository, oid=made["sha"]))["repository"]["object"]["entries"]
    assert {entry["name"]: entry["mode"] for entry in entries} == {"file": 33188, "link": 40960, "tool": 33261}


@statement("other-fragment", reads=True)
def test_a_fragment_on_another_type_gives_an_empty_object(api, repository):
    status, made = tree(api, repository, [{"path": "file", "mode": "100644", "type": "blob", "content": "f"}])
    assert status == 201, made
    assert api.data(ENTRIES, **at(repository, oid=made["sha"]))["repository"]["other"] == {}


def texts(api, repository):
    rows = api.data(TEXTS, **at(repository))["repository"]["object"]["entries"]
    return {row["name"]: row["object"] for row in rows}


@statement("long-text")
def test_a_binary_has_no_text(api, repository):
    commit(api, repository, {"binary": b"\0\1\2"})
    blob = texts(api, repository)["binary"]
    assert (blob["isBinary"], blob["text"]) == (True, None)


def long_texts(api, repository):
    """What is cut by its size, and what isn't."""
    commit(api, repository, {f"{size:07}": b"a" * size for size in SIZES})
    read = texts(api, repository)
    cut = {int(name): blob["text"] for name, blob in read.items() if name.isdigit() and blob["isTruncated"]}
    return cut, [size for size in SIZES if size not in cut]


@statement("text-limit", question="text_limit")
def test_from_which_size_on_a_text_is_cut(api, repository, found):
    cut, whole = long_texts(api, repository)
    found(max(whole, default=0), f"cut at {sorted(cut)}")


@statement("text-beyond", question="text_beyond")
def test_what_is_left_of_a_text_that_is_cut(api, repository, found):
    cut, _ = long_texts(api, repository)
    left = {None if text is None else len(text) for text in cut.values()}
    found("null" if left == {None} else "cut" if None not in left else "both", f"{left} characters")


@statement("name-of-bytes", question="name_of_bytes", reads=True)
def test_a_name_that_is_not_utf_8(api, repository, found):
    push_name(api, repository, b"\xff")
    rows = api.data(NAMES, **at(repository))["repository"]["object"]["entries"]
    (row,) = (row for row in rows if row["nameRaw"] == "/w==")
    ways = {r"'\ufffd'": "replacement", r"'\udcff'": "surrogates"}
    found(ways.get(ascii(row["name"]), ascii(row["name"])))


@statement("big-directory", expects="listed whole", reads=True)
def test_a_directory_of_many_entries(api, repository, found):
    blob = api.rest("POST", f"{repository.path}/git/blobs", {"content": "same"}).body["sha"]
    base = ""
    for start in range(0, MANY, CHUNK):
        names = (f"many/{number:05}" for number in range(start, start + CHUNK))
        rows = [{"path": name, "mode": "100644", "type": "blob", "sha": blob} for name in names]
        status, made = tree(api, repository, rows, base)
        assert status == 201, made
        base = made["sha"]
    (directory,) = (row["sha"] for row in made["tree"] if row["path"] == "many")
    reply = api.post(ENTRIES.replace("name mode type", "name"), at(repository, oid=directory))
    listed = ((reply.body or {}).get("data") or {}).get("repository") if reply.status == 200 else None
    count = len((listed or {}).get("object", {}).get("entries") or [])
    found("listed whole" if count == MANY else f"{reply.status}, {count} of {MANY}")


def compare(api, repository, base, head):
    return api.ask(COMPARE, **at(repository, base=f"refs/heads/{base}", head=head))


@statement("compare-direction", reads=True)
def test_the_ref_is_the_base_of_a_comparison(api, repository):
    topic(api, repository)
    answer = compare(api, repository, repository.branch, repository.topic)
    assert answer["data"]["repository"]["ref"]["compare"] == {"aheadBy": 1, "behindBy": 0, "status": "AHEAD"}


@statement("compare-absent", reads=True)
def test_a_comparison_with_what_is_absent_is_null_with_an_error(api, repository):
    answer = compare(api, repository, repository.branch, "nowhere")
    (error,) = answer["errors"]
    assert answer["data"]["repository"]["ref"]["compare"] is None
    assert (error["type"], error["path"]) == ("NOT_FOUND", ["repository", "ref", "compare"])


@statement("compare-unrelated", question="compare_unrelated", reads=True)
def test_branches_without_a_common_ancestor_are_compared(api, repository, found):
    status, made = tree(api, repository, [{"path": "file", "mode": "100644", "type": "blob", "content": "f"}])
    assert status == 201, made
    body = {"message": "m", "tree": made["sha"], "parents": []}
    oid = api.rest("POST", f"{repository.path}/git/commits", body, keep=("sha",)).body["sha"]
    new_branch(api, repository, repository.topic, oid)
    answer = compare(api, repository, repository.branch, repository.topic)
    compared, errors = answer["data"]["repository"]["ref"]["compare"], answer.get("errors", [])
    if compared:
        found(compared["status"].lower())
    else:
        absent = bool(errors) and errors[0].get("type") == "NOT_FOUND"
        found("not found" if absent else words_of(errors) or "null", words_of(errors))
