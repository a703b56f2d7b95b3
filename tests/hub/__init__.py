"""A local GitHub: REST and GraphQL over real bare git repositories."""

from tests.hub.errors import Refused
from tests.hub.faults.clock import Clock
from tests.hub.faults.limits import Limits
from tests.hub.faults.requests import Request, http_date
from tests.hub.faults.storm import Storm
from tests.hub.git.repository import Repository
from tests.hub.hub import Hub
from tests.hub.models import File, PullRequest, Symlink, Token
from tests.hub.unknowns import ALTERNATIVES, WAYS, Unknowns

__all__ = [
    "ALTERNATIVES",
    "WAYS",
    "Clock",
    "File",
    "Hub",
    "Limits",
    "PullRequest",
    "Refused",
    "Repository",
    "Request",
    "Storm",
    "Symlink",
    "Token",
    "Unknowns",
    "http_date",
]
