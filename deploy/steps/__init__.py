"""What an installation consists of, one step after the other: what is, what is wanted, the way."""
