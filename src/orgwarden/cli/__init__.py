"""The command line: one line of work each, heavy imports lazy."""
