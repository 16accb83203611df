"""The contract tests of the sources share the flows' small emulated org."""

from tests.flows.conftest import at_home, house, migrated_records, sim

__all__ = ["at_home", "house", "migrated_records", "sim"]
