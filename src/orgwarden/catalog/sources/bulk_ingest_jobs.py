"""Everybody's Bulk writes, read every fifteen minutes: 96 calls a day.

A job that lives for four minutes is seen in four of fifteen cases.
"""

from datetime import timedelta

from orgwarden.catalog.sources.bulk_jobs import bulk_jobs

SOURCE = bulk_jobs(
    "bulk_ingest_jobs",
    "Bulk write jobs",
    "Who makes, changes and deletes records by Bulk, and whose job was deleted.",
    "ingest",
    timedelta(minutes=15),
)
