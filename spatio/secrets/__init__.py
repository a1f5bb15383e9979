"""Secrets: keys, passwords and tokens; never in the config, a log, an error or an agent's context.

secret   Secret: travels without showing itself; `redact` takes it out of what a server sends back
vault    Vault: where a workspace's secrets lie, found and kept
ring     the system's keyring
sealed   the encrypted file, where there is no keyring or the person prefers one
opening  its passphrase or key file
alone    one program at a time
"""

from spatio.secrets.secret import Secret, redact
from spatio.secrets.vault import Lies, Vault

__all__ = ["Lies", "Secret", "Vault", "redact"]
