"""Users, organizations, teams, apps, tokens, and the permissions that decide who may do what."""
