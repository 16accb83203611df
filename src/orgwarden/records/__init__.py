"""Records: orgs, credentials, leases, runs, audit. Django models on SQLite or PostgreSQL."""
