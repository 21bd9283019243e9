"""Access control: accounts, passwords, sessions, login throttling."""
