"""Keeps files and directories of one repository in step with many others, one pull request per target."""

__version__ = "1.0.0.dev0"
