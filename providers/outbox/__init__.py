"""What is about to leave: deeds that wait, are performed once, and are looked after when it is unclear."""
