"""Orders the steps of a run: config, targets, snapshots, observe, plan, apply.

Makes no decision about a target and builds no query.
"""
