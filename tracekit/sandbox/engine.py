"""The way to the Docker engine."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tracekit.core.errors import TracekitError

if TYPE_CHECKING:
    from docker.api.client import APIClient


def connect() -> "APIClient":
    """A client of the engine that the environment names (``DOCKER_HOST``), or of the one of this machine.

    Raises:
        TracekitError: the client's package is not installed, or no engine answers.
    """
    try:
        from docker.api.client import APIClient
        from docker.errors import DockerException
        from docker.utils import kwargs_from_env
    except ModuleNotFoundError as error:
        raise TracekitError("the Docker client is not installed", remedy="pip install 'tracekit[docker]'") from error
    try:
        return APIClient(version="auto", timeout=60, **kwargs_from_env())
    except DockerException as error:
        raise TracekitError("no Docker engine answers", remedy="docker/start_engine.sh, or start dockerd") from error


@contextmanager
def told() -> Iterator[None]:
    """Turn what the engine complains of into something a person can act on."""
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    try:
        yield
    except DockerException as error:
        raise TracekitError(f"the Docker engine refused: {getattr(error, 'explanation', None) or error}") from error
    except RequestException as error:
        raise TracekitError(f"the Docker engine does not answer: {error}", remedy="see its log") from error
