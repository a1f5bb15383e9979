"""Dates and times as people say them: words -> tokens -> parts -> readings (`when.read_when`)."""
