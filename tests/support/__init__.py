"""What the tests share: emulator, PostgreSQL server, browser, socket guard, assurance."""
