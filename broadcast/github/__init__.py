"""GitHub's API: authentication, transport, retries, rate limits, batches.

Knows nothing of snapshots, plans or our pull requests.
"""
