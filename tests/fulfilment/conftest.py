import pytest
from outgoing import Store


@pytest.fixture
def store(db: None) -> Store:
    return Store()


@pytest.fixture
def shared(transactional_db: None) -> Store:
    """A store that other processes and threads see."""
    return Store()
