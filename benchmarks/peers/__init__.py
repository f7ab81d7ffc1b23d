"""The libraries our policies are measured against, one module each, all of one shape.

They are installed in .venv-bench only; one that is not there is told so in the table.
"""
