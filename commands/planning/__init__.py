"""What the `plan` command stands on: a planner, what checks it, and plans as files that people edit."""
