"""What the text commands share: their inputs, lines, escapes, numbers, keys."""
