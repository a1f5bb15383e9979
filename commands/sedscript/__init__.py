"""The language of sed: its programs, how they are read, and the machine that runs them."""
