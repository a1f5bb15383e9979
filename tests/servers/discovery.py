"""Google's own description of an interface, which requests and answers of tests are held to."""

from __future__ import annotations

import importlib.util
import json
import pathlib
import re
import urllib.parse
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import jsonschema
import pytest

from tests.servers.web import Reply, Request

_FORMATS = {
    "uint64": {"pattern": r"^\d{1,20}$"},
    "int64": {"pattern": r"^-?\d{1,19}$"},
    "byte": {"pattern": r"^[A-Za-z0-9_\-+/]*=*$"},
}


@cache
def contract(name: str) -> Contract:
    """The description of an interface, such as `gmail.v1`, from Google's client library."""
    found = importlib.util.find_spec("googleapiclient")
    if found is None or found.origin is None:
        pytest.skip("google-api-python-client is not installed")
    folder = pathlib.Path(found.origin).parent / "discovery_cache" / "documents"
    return Contract(json.loads((folder / f"{name}.json").read_text("utf-8")))


class Contract:
    """Methods and schemas of an interface."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._methods = list(_methods(document, document.get("servicePath", "")))
        schemas = {name: _schema(schema) for name, schema in document["schemas"].items()}
        self._validators = {
            name: jsonschema.Draft202012Validator({"$defs": schemas, "$ref": f"#/$defs/{name}"})
            for name in schemas
        }

    def violations(self, request: Request, reply: Reply) -> list[str]:
        """How a request, or its answer, differs from what the description allows."""
        method = self._method(request)
        if method is None:
            return [f"{request.method} {request.path} is no method"]
        found = [f"{method['id']}: {wrong}" for wrong in self._asked(method, request)]
        if reply.status < 300:
            found += [f"{method['id']} answers: {wrong}" for wrong in self._told(method, reply)]
        return found

    def _method(self, request: Request) -> Mapping[str, Any] | None:
        for method in self._methods:
            if method["httpMethod"] == request.method and method["pattern"].fullmatch(
                request.path.lstrip("/")
            ):
                return method
        return None

    def _asked(self, method: Mapping[str, Any], request: Request) -> list[str]:
        known = {**self._document["parameters"], **method.get("parameters", {})}
        found = []
        for name, values in request.query.items():
            about = known.get(name)
            if about is None or about.get("location") != "query":
                found.append(f"?{name} is unknown")
                continue
            if len(values) > 1 and not about.get("repeated"):
                found.append(f"?{name} stands there {len(values)} times")
            found += [
                f"?{name}={value} is no {about['type']}" for value in values if not _typed(value, about)
            ]
        schema = method.get("request", {}).get("$ref")
        if schema is None:
            return [*found, "it takes no body"] if request.body else found
        if method.get("uploads"):
            about, kind, _ = uploaded(request)
            accepted = method["mediaUpload"].get("accept", ["*/*"])
            if kind not in accepted and not {"*/*", "message/*"} & set(accepted):
                found.append(f"it takes no {kind}")
            return found + self._shape(schema, about)
        if not request.headers.get("content-type", "").startswith("application/json"):
            found.append("its body is not said to be JSON")
        return found + self._shape(schema, request.body)

    def _told(self, method: Mapping[str, Any], reply: Reply) -> list[str]:
        schema = method.get("response", {}).get("$ref")
        if schema is None:
            return ["nothing should be answered"] if reply.body else []
        return self._shape(schema, reply.body)

    def _shape(self, schema: str, body: bytes) -> list[str]:
        try:
            value = json.loads(body)
        except ValueError:
            return ["no JSON"]
        return [
            f"{error.json_path}: {error.message[:200]}"
            for error in self._validators[schema].iter_errors(value)
        ]


def held_to(
    contract: Contract, answer: Callable[[Request], Reply], violations: list[str]
) -> Callable[[Request], Reply]:
    """`answer`, with what breaks the contract added to `violations`."""

    def checked(request: Request) -> Reply:
        reply = answer(request)
        violations.extend(contract.violations(request, reply))
        return reply

    return checked


def uploaded(request: Request) -> tuple[bytes, str, bytes]:
    """What is sent in two parts: the JSON, and the kind and bytes of what it is about."""
    border = request.headers["content-type"].partition("boundary=")[2].encode()
    _, about, content, end = request.body.split(b"--" + border)
    assert end == b"--"
    kind, _, data = content.partition(b"\r\n\r\n")
    return (
        about.partition(b"\r\n\r\n")[2],
        kind.decode().partition(":")[2].strip(),
        data.removesuffix(b"\r\n"),
    )


def _methods(resource: Mapping[str, Any], root: str = "") -> list[dict[str, Any]]:
    found = []
    for below in resource.get("resources", {}).values():
        for method in below.get("methods", {}).values():
            template = urllib.parse.unquote(method["path"])
            pattern = "".join(
                "[^/]+" if part.startswith("{") else re.escape(part)
                for part in re.split(r"(\{\w+\})", template)
            )
            found.append({**method, "pattern": re.compile(re.escape(root) + pattern)})
            if "mediaUpload" in method:
                found.append({**method, "pattern": re.compile(f"upload/{pattern}"), "uploads": True})
        found += _methods(below, root)
    return found


def _schema(said: Any) -> Any:
    """A schema of the description as JSON Schema, closed: what it does not name is a mistake."""
    if not isinstance(said, dict):
        return said
    if "$ref" in said:
        return {"$ref": f"#/$defs/{said['$ref']}"}
    schema: dict[str, Any] = {}
    if said.get("type") not in (None, "any"):
        schema["type"] = said["type"]
    if "enum" in said:
        schema["enum"] = said["enum"]
    if said.get("type") == "string":
        schema.update(_FORMATS.get(said.get("format", ""), {}))
    if said.get("type") == "object":
        schema["properties"] = {name: _schema(one) for name, one in said.get("properties", {}).items()}
        schema["additionalProperties"] = _schema(said.get("additionalProperties", False))
    if "items" in said:
        schema["items"] = _schema(said["items"])
    return schema


def _typed(value: str, about: Mapping[str, Any]) -> bool:
    if "enum" in about and value not in about["enum"]:
        return False
    if about["type"] == "integer":
        return bool(re.fullmatch(r"-?\d+", value))
    return about["type"] != "boolean" or value in ("true", "false")
