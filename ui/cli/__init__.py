"""The command line: its parser, and the function behind each command."""
