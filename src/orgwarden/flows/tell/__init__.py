"""Telling people: incidents found, messages put into the outbox, and their delivery."""
