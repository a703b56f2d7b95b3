"""Reports a finished run: log, annotations, outputs, job summary, files.

Reads the record of the run; makes no decision and sends no request.
"""
