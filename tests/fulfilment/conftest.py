import pytest
from outgoing import Store


@pytest.fixture
def store(transactional_db: None) -> Store:
    return Store()
