"""Events: Delta tables per org, written exactly once, read by DuckDB."""
