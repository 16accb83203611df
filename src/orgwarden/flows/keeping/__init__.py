"""Backups: made beside a running collection, proven, listed, put back."""
