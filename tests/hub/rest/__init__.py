"""The REST API: routes, and JSON as GitHub's OpenAPI description requires it."""
