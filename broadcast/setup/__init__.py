"""First steps in a terminal: write a first config and workflow, complete commands in a shell. Sends no request."""
