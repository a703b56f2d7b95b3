"""A local GitHub: REST and GraphQL over real bare git repositories."""

from .errors import Refused
from .faults import Request
from .hub import Hub
from .limits import Limits
from .models import File, PullRequest, Symlink, Token
from .repository import Repository

__all__ = ["File", "Hub", "Limits", "PullRequest", "Refused", "Repository", "Request", "Symlink", "Token"]
