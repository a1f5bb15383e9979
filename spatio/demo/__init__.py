"""The demo: a throw-away workspace that holds a year of one person's notes, tasks and files."""
