"""A local GitHub: REST and GraphQL over real bare git repositories."""

from .clock import Clock
from .errors import Refused
from .faults import Request, http_date
from .hub import Hub
from .limits import Limits
from .models import File, PullRequest, Symlink, Token
from .repository import Repository
from .storm import Storm
from .unknowns import ALTERNATIVES, WAYS, Unknowns

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
