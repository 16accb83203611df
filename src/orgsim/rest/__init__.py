"""The REST API: resources, queries, describes, records, composites."""
