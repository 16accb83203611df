"""Event log files: what they hold, how they are delivered, and the ledger of their rows."""
