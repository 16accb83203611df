"""Events: Delta tables per org, written exactly once, read by DuckDB."""

import os
import sys

# One allocator for all of Arrow, before it is loaded: beside `lanes`, which sets it for what Python
# asks for, the Parquet writer would keep another's memory (some 40 MB of a collection's peak).
if sys.platform == "linux":
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "jemalloc")
