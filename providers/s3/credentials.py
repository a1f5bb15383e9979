"""Keys: who asks a bucket. From the environment, the app's own secrets, or a profile of ~/.aws.

Nothing here is ever shown: a `Keys` prints as its kind, and no message holds a value.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, NamedTuple

from providers.s3.address import Location
from vfs.errors import LoginNeeded

Secrets = Callable[[str], str | None]
"""The app's secret of a name (`s3:BUCKET`), `ACCESS:SECRET` or `ACCESS:SECRET:SESSION`; None: it has none."""


def no_secrets(name: str) -> str | None:
    """The secrets of an app that keeps none."""
    return None


class Keys(NamedTuple):
    """An access key, and where requests signed with it go."""

    access: str
    secret: str
    session: str | None = None
    region: str | None = None
    endpoint: str | None = None

    def __repr__(self) -> str:
        return "Keys(…)"


def find_keys(
    location: Location, secrets: Secrets = no_secrets, environ: Mapping[str, str] = os.environ
) -> Keys:
    """The keys for a location. A profile that it names goes before all else. Raises LoginNeeded."""
    if location.profile is None:
        found = _from_environment(environ) or _from_secrets(location, secrets)
        if found is not None:
            return _placed(location, found, environ)
    found = _from_profile(location, environ)
    if found is None:
        raise LoginNeeded(
            location.name,
            "no keys for this bucket",
            hint=f"set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or put ACCESS:SECRET into the keyring"
            f" as s3:{location.bucket}, or name a profile of ~/.aws",
        )
    return _placed(location, found, environ)


def _from_environment(environ: Mapping[str, str]) -> Keys | None:
    access, secret = environ.get("AWS_ACCESS_KEY_ID"), environ.get("AWS_SECRET_ACCESS_KEY")
    if not access or not secret:
        return None
    return Keys(access, secret, environ.get("AWS_SESSION_TOKEN") or None)


def _from_secrets(location: Location, secrets: Secrets) -> Keys | None:
    name = f"s3:{location.bucket}"
    text = secrets(name)
    if not text:
        return None
    access, _, rest = text.strip().partition(":")
    secret, _, session = rest.partition(":")
    if not access or not secret:
        raise LoginNeeded(
            location.name, f"the secret {name} is not ACCESS:SECRET", hint="put it into the keyring again"
        )
    return Keys(access, secret, session or None)


def _from_profile(location: Location, environ: Mapping[str, str]) -> Keys | None:
    """By botocore's own readers, which also know sso, assumed roles, containers and machines' roles."""
    exceptions = import_module("botocore.exceptions")
    profile = location.profile or environ.get("AWS_PROFILE")
    try:
        session: Any = import_module("botocore.session").Session(profile=profile)
        found = session.get_credentials()
        frozen = None if found is None else found.get_frozen_credentials()
        region = session.get_config_variable("region")
        endpoint = session.get_scoped_config().get("endpoint_url")
    except exceptions.ProfileNotFound:
        raise LoginNeeded(
            location.name, f"~/.aws has no profile {profile!r}", hint="aws configure list-profiles names them"
        ) from None
    except exceptions.BotoCoreError as error:
        raise LoginNeeded(
            location.name,
            f"the profile gives no keys ({type(error).__name__})",
            hint="log in with aws sso login",
        ) from None
    if frozen is None or not frozen.access_key or not frozen.secret_key:
        return None
    return Keys(frozen.access_key, frozen.secret_key, frozen.token or None, region, endpoint)


def _placed(location: Location, keys: Keys, environ: Mapping[str, str]) -> Keys:
    """The keys, with the region and the endpoint that are to be used."""
    endpoint = (
        location.endpoint
        or environ.get("AWS_ENDPOINT_URL_S3")
        or environ.get("AWS_ENDPOINT_URL")
        or keys.endpoint
        or None
    )
    region = (
        location.region
        or environ.get("AWS_REGION")
        or environ.get("AWS_DEFAULT_REGION")
        or keys.region
        or None
    )
    if region is None:
        region = "auto" if endpoint and endpoint.endswith(".r2.cloudflarestorage.com") else "us-east-1"
    return Keys(keys.access, keys.secret, keys.session, region, endpoint)
