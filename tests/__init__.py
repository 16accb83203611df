"""The tests. `tests/a/test_b.py` tests `src/orgwarden/a/b.py`.

`tests/support` holds what they share.
"""
