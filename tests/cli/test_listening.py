"""Listening: one socket for each worker, and nobody else on the port."""

from __future__ import annotations

import select
import socket

import pytest

from motet.cli.listening import listen
from motet.core.errors import ProviderError


def test_each_worker_has_a_socket_of_its_own_that_gets_connections() -> None:
    listeners, address = listen("127.0.0.1", 0, workers=2)
    port = int(address.rpartition(":")[2])
    clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(64)]
    try:
        assert {each.getsockname()[1] for each in listeners} == {port}
        # The system spreads them by a hash: 2^-63 that one gets all.
        ready, _, _ = select.select(listeners, [], [], 5)
        assert len(ready) == 2
    finally:
        for each in (*clients, *listeners):
            each.close()


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("others", [1, 2])
def test_a_port_that_is_taken_is_refused(workers: int, others: int) -> None:
    listeners, address = listen("127.0.0.1", 0, workers=others)
    try:
        with pytest.raises(ProviderError, match="cannot listen there"):
            listen("127.0.0.1", int(address.rpartition(":")[2]), workers)
    finally:
        for each in listeners:
            each.close()
