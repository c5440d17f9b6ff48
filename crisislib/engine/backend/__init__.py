"""On what the heavy steps run: this machine, or a Spark cluster through Spark Connect; no step knows which."""

from __future__ import annotations

from crisislib.engine.backend.local_backend import LocalBackend

LOCAL, SPARK = "local", "spark"
NAMES = (LOCAL, SPARK)
"""What `engine` in `crisis.toml` may say."""


def open_backend(name: str) -> LocalBackend:
    """The engine of that name.

    Parameters
    ----------
    name : str
        One of :data:`NAMES`.

    Returns
    -------
    LocalBackend
        Or one that does the same elsewhere.

    Raises
    ------
    HomeError
        Spark's client is not installed, or no server is named.
    """
    if name == LOCAL:
        return LocalBackend()
    from crisislib.engine.backend.spark_backend import SparkBackend

    return SparkBackend()
