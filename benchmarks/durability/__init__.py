"""What the daemon costs and how fast it works: `make bench-durability`.

What is measured is what is shipped: `main.py` as a process of its own with the shipped
configuration, or the application as `bootstrap` builds it. Only addresses, the schedule, the
number of rows and the limits of services that are none (the SEC's pace) are changed.
"""
