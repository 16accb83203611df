"""Measurements, run by `make bench`. A benchmark is a value in one of these modules' tuples."""
