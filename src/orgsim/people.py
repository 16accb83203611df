"""Who the users are and what they may: the union of their permission sets' permissions.

`override` is how the control API grants or denies beyond what the permission sets say.
"""

from __future__ import annotations

from typing import Any

from orgsim.org import Org
from orgsim.store import Table

Marks = tuple[int, ...]


class People:
    def __init__(self, org: Org) -> None:
        self.org = org
        self.override: dict[tuple[str, str], bool] = {}  # (user id, permission)
        self._marks: Marks = ()
        self._permissions: dict[str, frozenset[str]] = {}
        self._by_username: dict[str, str] = {}

    def _table(self, name: str) -> Table | None:
        return self.org.store.tables.get(name)

    def _refresh(self) -> None:
        tables = [self._table(n) for n in ("PermissionSet", "PermissionSetAssignment", "User")]
        marks = tuple(
            len(t.rows) + len(t.deleted) + sum(t.rewrites.values()) if t else 0 for t in tables
        ) + (len(self.override),)
        if marks != self._marks:
            self._marks = marks
            self._permissions.clear()
            self._by_username.clear()

    def changed(self) -> None:
        """An override was set again: forget what was worked out."""
        self._marks = ()

    def permissions(self, user_id: str) -> frozenset[str]:
        """The names (without `Permissions`) of everything this user may do."""
        self._refresh()
        if user_id not in self._permissions:
            self._permissions[user_id] = self._union(user_id)
        return self._permissions[user_id]

    def sets_of(self, user_id: str) -> list[int]:
        """Positions of the permission sets assigned to a user, profile-owned included."""
        sets, given = self._table("PermissionSet"), self._table("PermissionSetAssignment")
        if sets is None or given is None:
            return []
        who, what = given.type.position["AssigneeId"], given.type.position["PermissionSetId"]
        wanted = {
            given.rows[at][what]
            for at in given.seen(self.org.clock.now())
            if given.rows[at][who] == user_id
        }
        profile = self.value(user_id, "ProfileId")
        profile_at = sets.type.position.get("ProfileId")
        if profile and profile_at is not None:
            wanted |= {
                row[sets.type.position["Id"]] for row in sets.rows if row[profile_at] == profile
            }
        found = (sets.find(w) for w in sorted(wanted))
        return [at for at in found if at is not None and at not in sets.deleted]

    def _union(self, user_id: str) -> frozenset[str]:
        sets = self._table("PermissionSet")
        held: set[str] = set()
        if sets is not None:
            columns = [
                (f.name.removeprefix("Permissions"), sets.type.position[f.name])
                for f in sets.type.fields
                if f.name.startswith("Permissions") and f.type == "boolean"
            ]
            for at in self.sets_of(user_id):
                row = sets.rows[at]
                held |= {name for name, place in columns if row[place]}
        for (user, permission), value in self.override.items():
            if user == user_id:
                (held.add if value else held.discard)(permission)
        return frozenset(held)

    def give_profile(self, profile_id: str, permissions: dict[str, bool]) -> None:
        """Let the permission set that a profile owns say what the profile says; names are those
        of the fields."""
        sets = self._table("PermissionSet")
        if sets is None:
            return
        owner = sets.type.position["ProfileId"]
        known = {k: v for k, v in permissions.items() if k in sets.type.position}
        for at, row in enumerate(sets.rows):
            if row[owner] == profile_id and known:
                sets.update(at, known)

    def show_access(self, user_id: str) -> None:
        """Let UserPermissionAccess hold the one row that this user sees in it."""
        table = self._table("UserPermissionAccess")
        if table is None:
            return
        values: dict[str, Any] = {f"Permissions{name}": True for name in self.permissions(user_id)}
        known = {k: v for k, v in values.items() if k in table.type.position}
        row = table.make({"Id": f"000{user_id[3:]}", **known})
        if table.rows:
            table.rows[0] = row
            table.version += 1
        else:
            table.add(row)

    def value(self, user_id: str, field: str) -> Any:
        """A field of a user, None when there is no such user or field."""
        users = self._table("User")
        at = users.find(user_id) if users else None
        if users is None or at is None or field not in users.type.position:
            return None
        return users.value(at, field)

    def by_username(self, username: str) -> str | None:
        self._refresh()
        users = self._table("User")
        if users is None:
            return None
        if not self._by_username:
            name, id_at = users.type.position["Username"], users.type.position["Id"]
            self._by_username = {row[name].lower(): row[id_at] for row in users.rows if row[name]}
        return self._by_username.get(username.lower())

    def is_active(self, user_id: str) -> bool:
        return bool(self.value(user_id, "IsActive"))

    def is_frozen(self, user_id: str) -> bool:
        logins = self._table("UserLogin")
        if logins is None:
            return False
        user, frozen = logins.type.position["UserId"], logins.type.position["IsFrozen"]
        return any(row[user] == user_id and row[frozen] for row in logins.rows)

    def freeze(self, user_id: str, frozen: bool = True) -> None:
        """Freeze a user as an administrator would, or end that; makes the UserLogin row if there
        is none."""
        logins = self._table("UserLogin")
        if logins is None:
            return
        user = logins.type.position["UserId"]
        at = next((n for n, row in enumerate(logins.rows) if row[user] == user_id), None)
        if at is None:
            made = {"Id": self.org.new_id("0Yw"), "UserId": user_id}
            at = logins.add(logins.make(made), self.org.clock.now())
        self.org.change(logins, at, {"IsFrozen": frozen})
