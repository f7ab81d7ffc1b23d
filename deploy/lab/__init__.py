"""Proofs on a real systemd: `make lab`. Needs root and a Linux; docs/lab.md."""
