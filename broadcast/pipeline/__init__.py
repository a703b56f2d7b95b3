"""Orders the steps of a run: config, targets, snapshots, observe, plan, apply.

Knows what comes after what; decides nothing about a target and builds no query.
"""
