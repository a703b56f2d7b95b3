"""Puts a finished run into words: log, annotations, outputs, job summary, files.

Reads the record of the run; decides nothing and asks GitHub nothing.
"""
