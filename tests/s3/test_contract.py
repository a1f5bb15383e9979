"""A bucket does what every provider must do, on a service that is a tree and on one that knows only keys."""

from __future__ import annotations

import functools
import os
import pathlib
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings

from providers.s3.address import Location
from providers.s3.provider import S3
from tests.servers.s3 import ACCESS, SECRET, S3Service
from vfs.drive import drive
from vfs.testing import Ground, ProviderSuite
from vfs.testing.model import STEPS, ModelSuite, Step

FULL = "SPATIO_FULL" in os.environ


_parts = count()


@functools.cache
def bucket_of(service: S3Service) -> str:
    """One for all tests on a service; each has a part of it."""
    return service.make_bucket()


def mounted(service: S3Service) -> S3:
    """A part of a bucket that nothing else uses."""
    address = f"s3://{bucket_of(service)}/part/{next(_parts)}"
    return S3(Location.parse(address, endpoint=service.endpoint), lambda name: f"{ACCESS}:{SECRET}")


class OnSeaweed:
    """SeaweedFS lists as a tree does, and takes a backslash for a slash."""

    service: S3Service

    @pytest.fixture(autouse=True)
    def _service(self, s3_service: S3Service) -> None:
        self.service = s3_service

    def provider(self, folder: pathlib.Path) -> S3:
        return mounted(self.service)

    def named(self, stem: str) -> str:
        return stem.replace("\\", "＼") + ".md"


class OnMoto:
    """moto lists by the bytes of the keys, as Amazon and Cloudflare do."""

    service: S3Service

    @pytest.fixture(autouse=True)
    def _service(self, moto_service: S3Service) -> None:
        self.service = moto_service

    def provider(self, folder: pathlib.Path) -> S3:
        return mounted(self.service)


class TestOnSeaweed(OnSeaweed, ProviderSuite):
    pass


class TestOnMoto(OnMoto, ProviderSuite):
    pass


class ModelOfAService(ModelSuite):
    service: S3Service

    @given(STEPS)
    @settings(
        max_examples=60 if FULL else 12, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    def test_any_sequence_of_operations_does_what_the_model_does(self, steps: list[Step]) -> None:
        """Fewer of them than elsewhere: a service answers some hundred requests a second."""
        drive(self._compare(Ground(mounted(self.service), self), steps))


class TestOnSeaweedAgainstTheModel(OnSeaweed, ModelOfAService):
    pass


class TestOnMotoAgainstTheModel(OnMoto, ModelOfAService):
    pass
