"""Connecting an org: from a form or a command over consent to a stored, proven connection."""
