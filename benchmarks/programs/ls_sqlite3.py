"""Prints the names of the notes in a workspace's database, through sqlite3 alone.

python ls_sqlite3.py DATABASE
"""

import sqlite3
import sys

QUERY = "SELECT name FROM node WHERE mount = 'notes' AND parent = '' AND deleted_at IS NULL ORDER BY name"

rows = sqlite3.connect(sys.argv[1]).execute(QUERY)
sys.stdout.write("".join([name + "\n" for (name,) in rows]))
