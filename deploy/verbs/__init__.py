"""What `python -m deploy` can do, a file for each verb.

Each has `arguments(parser)`, which adds what it takes, and `run(options) -> int`, an exit code.
"""
