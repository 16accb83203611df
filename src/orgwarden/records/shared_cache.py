"""A Django cache in the records database, for what all web processes have to count together.

Values are JSON, never pickles: whoever can write to the database must not get code to run, because
the key that opens the credentials lies outside it. `change` reads and writes one value as one step.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import IntegrityError, transaction
from django.db.models import Q

from orgwarden.records.models import SharedValue

_SWEEP_ONE_IN = 200  # writes between two sweeps of what has expired, on average


class SharedCache(BaseCache):
    """`CACHES["default"]`."""

    def __init__(self, _location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """The value, or `default` when there is none or it has expired."""
        found = SharedValue.objects.filter(_alive(), pk=self._name(key, version)).first()
        return default if found is None else found.value

    def set(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        """Keep `value` for `timeout` seconds."""
        SharedValue.objects.update_or_create(
            pk=self._name(key, version),
            defaults={"value": value, "expires_at": self._ends(timeout)},
        )
        if not secrets.randbelow(_SWEEP_ONE_IN):
            sweep()

    def add(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        """Keep `value` unless there is one; of many who try at once, one gets True."""
        name = self._name(key, version)
        SharedValue.objects.exclude(_alive()).filter(pk=name).delete()
        try:
            with transaction.atomic():
                SharedValue.objects.create(key=name, value=value, expires_at=self._ends(timeout))
        except IntegrityError:
            return False
        return True

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Let a value live on."""
        found = SharedValue.objects.filter(_alive(), pk=self._name(key, version))
        return bool(found.update(expires_at=self._ends(timeout)))

    def delete(self, key: str, version: int | None = None) -> bool:
        """Forget a value."""
        return bool(SharedValue.objects.filter(pk=self._name(key, version)).delete()[0])

    def clear(self) -> None:
        """Forget everything."""
        SharedValue.objects.all().delete()

    def change(self, key: str, how: Callable[[Any], Any], timeout: Any = DEFAULT_TIMEOUT) -> Any:
        """Put `how(present value or None)` in its place, as one step; what was put there."""
        name = self._name(key, None)
        self.add(key, None, timeout)  # so that there is a row to lock
        with transaction.atomic():
            row = SharedValue.objects.select_for_update().get(pk=name)
            row.value = how(row.value)
            row.expires_at = self._ends(timeout)
            row.save()
            return row.value

    def _name(self, key: str, version: int | None) -> str:
        return self.make_and_validate_key(key, version=version)

    def _ends(self, timeout: Any) -> datetime | None:
        at = self.get_backend_timeout(timeout)
        return None if at is None else datetime.fromtimestamp(at, UTC)


def sweep() -> int:
    """Remove what has expired; how many."""
    return SharedValue.objects.exclude(_alive()).delete()[0]


def _alive() -> Q:
    return Q(expires_at=None) | Q(expires_at__gt=datetime.now(UTC))
