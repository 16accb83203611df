"""Verbs: load, decide, save, in short transactions."""
