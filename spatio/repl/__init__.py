"""The prompt: editing, history, completion, and lines that go on over several."""
