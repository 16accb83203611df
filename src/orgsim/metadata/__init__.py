"""Metadata of an org: components as they are read, changed and deployed. Knows no HTTP."""
