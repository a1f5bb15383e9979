"""Endpoint: where a model answers, from the config's `[[endpoints]]` or from the environment.

Without any table in the config, `OPENAI_API_KEY` (or the secret `openai`) and
`OPENAI_BASE_URL` make one; `OPENAI_MODEL` names its model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from commands.command import Failure
from commands.nearest import nearest
from spatio.secrets import Lies, Secret

OPENAI = "https://api.openai.com/v1"
OPENAI_MODEL = "gpt-5-mini"
WINDOW = 128_000
_HERE = ("http://127.", "http://localhost", "http://[::1]")

Finder = Callable[[str, str, Mapping[str, str]], Lies | None]


def in_environment(name: str, variable: str, env: Mapping[str, str]) -> Lies | None:
    """A key from the environment's variable alone, for an app that keeps no secrets."""
    text = env.get(variable, "").strip() if variable else ""
    return Lies(Secret(text), "environment") if text else None


class Endpoint(NamedTuple):
    """One OpenAI-compatible server and the model that is asked of it."""

    name: str
    url: str
    model: str
    key: Secret | None = None
    window: int = WINDOW
    """Tokens that fit into one call, question and answer together."""
    timeout: float = 60.0
    """Seconds without a sign of life."""
    input_price: Decimal = Decimal(0)
    """Dollars for a million tokens."""
    output_price: Decimal = Decimal(0)
    local: bool = False
    """The small model in this process: asked only where it is named, or alone."""

    def cost(self, tokens_in: int, tokens_out: int) -> Decimal:
        """What a call costs, in dollars."""
        return (self.input_price * tokens_in + self.output_price * tokens_out) / 1_000_000


def endpoints_of(
    tables: Sequence[Mapping[str, Any]], env: Mapping[str, str], find: Finder = in_environment
) -> list[Endpoint]:
    """The endpoints in the order to try them; none when there is no account. Blocks (keyring)."""
    if tables:
        return [_configured(table, at, env, find) for at, table in enumerate(tables, 1)]
    url = env.get("OPENAI_BASE_URL", "").strip()
    lies = find("openai", "OPENAI_API_KEY", env)
    if lies is None and not url:
        return []
    model = env.get("OPENAI_MODEL", "").strip() or OPENAI_MODEL
    return [Endpoint("openai", url or OPENAI, model, lies.secret if lies else None)]


def _configured(table: Mapping[str, Any], at: int, env: Mapping[str, str], find: Finder) -> Endpoint:
    if table.get("local"):
        return Endpoint(str(table.get("name") or "local"), "", "smollm2-135m", window=4096, local=True)
    name = str(table.get("name") or f"endpoint-{at}")
    url = str(table.get("url") or OPENAI)
    model = str(table.get("model") or (OPENAI_MODEL if url == OPENAI else ""))
    if not model:
        raise Failure(f"endpoint {name} names no model", status=2, hint='such as: model = "llama3.2"')
    if not url.startswith(("https://", "http://")):
        raise Failure(f"endpoint {name}: url must begin with https:// or http://, but is {url}", status=2)
    variable = str(table.get("key_env") or ("OPENAI_API_KEY" if url == OPENAI else ""))
    asks = bool(variable) or not url.startswith(_HERE)
    lies = find(name, variable, env) if asks else None
    return Endpoint(
        name,
        url,
        model,
        lies.secret if lies else None,
        max(int(table.get("window", WINDOW)), 1024),
        float(table.get("timeout", 60.0)),
        Decimal(str(table.get("input_price", 0))),
        Decimal(str(table.get("output_price", 0))),
    )


def choose(endpoints: Sequence[Endpoint], wanted: str) -> list[Endpoint]:
    """Those that serve what an agent's file asks for: nothing, an endpoint, `ENDPOINT:MODEL`, or a model.

    A bare name that is no endpoint's is a model, asked of all of them in order. Raises Failure when
    `ENDPOINT:MODEL` names an endpoint that is not there.
    """
    name, colon, model = wanted.partition(":")
    named = [endpoint for endpoint in endpoints if wanted and endpoint.name == name]
    if named:
        return [endpoint._replace(model=model) if model else endpoint for endpoint in named]
    near = nearest(name, [endpoint.name for endpoint in endpoints]) if colon else None
    if near:
        raise Failure(f"there is no endpoint {name}", status=2, hint=f"did you mean {near}?")
    distant = [endpoint for endpoint in endpoints if not endpoint.local]
    if not distant or not wanted:
        return distant or list(endpoints)
    same = [endpoint for endpoint in distant if endpoint.model == wanted]
    return same or [endpoint._replace(model=wanted) for endpoint in distant]
