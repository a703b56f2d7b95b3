"""The GraphQL API on GitHub's published schema: validation, limits, queries and mutations."""
