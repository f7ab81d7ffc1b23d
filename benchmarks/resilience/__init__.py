"""Our policies measured against the libraries one would take instead: `make bench-resilience`.

What is measured is what the daemon runs: the policies as `bootstrap` builds them from the
shipped settings, with every gate, the hooks of the metrics, and their store on a real
PostgreSQL. Only numbers that would make a benchmark wait for nothing are raised.
"""
