"""Claims due work and runs flows."""
