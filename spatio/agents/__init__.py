"""Agents: a file with permissions and a prompt, run over a person's own data."""
