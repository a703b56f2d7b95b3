"""Keeps files and directories of one repository in step with many others."""
