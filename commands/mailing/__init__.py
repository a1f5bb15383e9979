"""The subcommands of `mail`, one a module, and what they share.

`places` finds accounts, folders and mails by the names that people use; `shown` makes rows of them;
`composing` takes a letter from its options to the outbox; `rulefile` reads and writes rules.
"""
