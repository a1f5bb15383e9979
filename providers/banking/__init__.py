"""Money: accounts and transactions as files, and statements that become such files."""
