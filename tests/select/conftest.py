"""Selecting needs DuckDB."""

import pytest
from components import require


@pytest.fixture(autouse=True, scope="session")
def duckdb() -> None:
    require("duckdb", module="duckdb", remedy="pip install 'tracekit[select]'")
