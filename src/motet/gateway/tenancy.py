"""For whom what runs now runs."""

from __future__ import annotations

from contextvars import ContextVar

from motet.gateway.accounts.tenant import ANYONE, Tenant

TENANT: ContextVar[Tenant] = ContextVar("motet_tenant", default=ANYONE)
"""Set where a request comes in; the runs that it begins inherit it."""
