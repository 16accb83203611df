"""The connection test: what is read from the org, and the judging of it thing by thing."""
