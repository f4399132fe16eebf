"""What the encoder's tests share."""

from __future__ import annotations

import pytest

from motet.models.encoder import Encoder, is_installed, load_encoder


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The installed encoder; its tests are skipped where `motet setup` has not run."""
    if not is_installed():
        pytest.skip("the base encoder is not installed: run `motet setup`")
    return load_encoder()
