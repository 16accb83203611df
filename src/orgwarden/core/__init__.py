"""Decisions as pure functions on frozen values: standard library only, time is an argument."""
