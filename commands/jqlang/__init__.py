"""The language of jq: read, and run over JSON values without touching anything of the host."""
