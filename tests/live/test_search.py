"""Search for pull requests."""

from __future__ import annotations

from tests.live.documents import open_pull
from tests.live.marks import statement

SEARCH = """query($query: String!) { search(query: $query, type: ISSUE, first: 1) { issueCount } }"""
PATIENCE = 90.0  # seconds until a pull request is in the index


@statement("search-places", question="search_places")
def test_two_places_side_by_side(api, place, repositories, repository, found):
    other = repositories.make()
    open_pull(api, repository)
    query = f"is:pr repo:{repository.full_name}"

    def hits(more=""):
        return api.data(SEARCH, query=query + more)["search"]["issueCount"]

    if not api.until(hits, seconds=PATIENCE):
        place.skip(f"after {PATIENCE:.0f} s the pull request isn't in the index yet")
    found("or" if hits(f" repo:{other.full_name}") else "and")
