"""Everybody's Bulk queries, read every three minutes: 480 calls a day.

A job that lives for four minutes is seen for certain while the readings keep their time, one that
lives for a minute and a half every second time.
"""

from datetime import timedelta

from orgwarden.catalog.sources.bulk_jobs import bulk_jobs

SOURCE = bulk_jobs(
    "bulk_query_jobs",
    "Bulk query jobs",
    "Who reads whole objects out of the org by Bulk, and whose job was deleted.",
    "query",
    timedelta(minutes=3),
)
