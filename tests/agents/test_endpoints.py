from __future__ import annotations

from collections.abc import Mapping

import pytest

from commands.command import Failure
from spatio.agents.endpoints import OPENAI, choose, endpoints_of
from spatio.secrets import Lies, Secret


def keyring(**kept: str):  # type: ignore[no-untyped-def]
    def find(name: str, variable: str, env: Mapping[str, str]) -> Lies | None:
        if env.get(variable):
            return Lies(Secret(env[variable]), "environment")
        return Lies(Secret(kept[name]), "keyring") if name in kept else None

    return find


def test_without_an_account_there_is_none() -> None:
    assert endpoints_of([], {}, keyring()) == []


def test_a_key_in_the_environment_or_the_keyring_makes_an_endpoint() -> None:
    (one,) = endpoints_of([], {"OPENAI_API_KEY": "k"}, keyring())
    assert (one.url, one.key) == (OPENAI, Secret("k"))
    (one,) = endpoints_of([], {"OPENAI_MODEL": "m"}, keyring(openai="r"))
    assert (one.model, one.key) == ("m", Secret("r"))


def test_a_server_of_ones_own_needs_no_key() -> None:
    (one,) = endpoints_of([], {"OPENAI_BASE_URL": "http://127.0.0.1:11434/v1"}, keyring())
    assert (one.url, one.key) == ("http://127.0.0.1:11434/v1", None)


def test_tables_are_tried_in_their_order_and_the_environment_adds_nothing() -> None:
    tables = [
        {"name": "work", "url": "https://models.example.com/v1", "model": "big", "key_env": "WORK_KEY"},
        {"name": "home", "url": "http://localhost:8080/v1", "model": "small", "input_price": 0.5},
    ]
    work, home = endpoints_of(tables, {"WORK_KEY": "w", "OPENAI_API_KEY": "k"}, keyring())
    assert (work.name, work.key, home.name, home.key) == ("work", Secret("w"), "home", None)
    assert home.cost(1_000_000, 5) == home.input_price


@pytest.mark.parametrize("table", [{"url": "https://x.example/v1"}, {"url": "ftp://x", "model": "m"}])
def test_a_table_that_cannot_work_is_refused(table: Mapping[str, str]) -> None:
    with pytest.raises(Failure):
        endpoints_of([table], {}, keyring())


def test_an_agent_chooses_an_endpoint_one_of_its_models_or_a_model() -> None:
    tables = [
        {"name": "work", "url": "https://w.example/v1", "model": "big"},
        {"name": "home", "url": "https://h.example/v1", "model": "small"},
        {"local": True},
    ]
    made = endpoints_of(tables, {}, keyring())

    def names(wanted: str) -> list[str]:
        return [f"{endpoint.name}:{endpoint.model}" for endpoint in choose(made, wanted)]

    assert names("") == ["work:big", "home:small"]
    assert names("home") == ["home:small"]
    assert names("home:tiny") == ["home:tiny"]
    assert names("small") == ["home:small"]
    assert names("other") == ["work:other", "home:other"]
    assert names("local")[0].startswith("local:")
    assert names("llama3:8b") == ["work:llama3:8b", "home:llama3:8b"]
    with pytest.raises(Failure) as wrong:
        choose(made, "hme:tiny")
    assert wrong.value.hint == "did you mean home?"
    assert choose([], "anything") == []
