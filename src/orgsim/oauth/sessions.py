"""Live sessions, grants and codes of one org. Nothing here knows HTTP.

A grant is one approval of an app by a user; its refresh token may rotate. Six approvals of one
app by one user end the oldest. A session is an access token; its life slides with use. A machine
that signs in without anybody's approval (client credentials, JWT) has a grant too while
`machine_grants` is on: a row of OauthToken, without a refresh token.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field

from orgsim.org import ALPHABET, OAuthApp, Org
from orgsim.people import People
from orgsim.propagation import Propagation

SESSION_MS = 2 * 3_600_000
CODE_MS = 15 * 60_000
APPROVALS = 5


@dataclass
class Grant:
    """An approval. `token` is the refresh token in force, `spent` those rotated away."""

    user_id: str
    app: OAuthApp
    scopes: tuple[str, ...]
    token: str
    created_ms: int
    delete_token: str = ""
    spent: set[str] = field(default_factory=set)
    live: bool = True
    row: int | None = None  # position in OauthToken
    used_ms: int = 0
    machine: bool = False  # signed in by itself: nobody approved it, there is no refresh token


@dataclass
class Session:
    """An access token. `app` is None for tokens the control API made."""

    token: str
    user_id: str
    app: OAuthApp | None
    scopes: tuple[str, ...]
    created_ms: int
    used_ms: int
    life_ms: int = SESSION_MS
    grant: Grant | None = None
    row_id: str | None = None  # its AuthSession
    address: str = ""  # where it was opened from

    @property
    def client(self) -> str:
        return self.app.name if self.app else "orgsim"


@dataclass(frozen=True)
class Code:
    app: OAuthApp
    user_id: str
    scopes: tuple[str, ...]
    redirect_uri: str
    challenge: str | None
    nonce: str | None
    created_ms: int


class Sessions:
    def __init__(self, org: Org, people: People, propagation: Propagation) -> None:
        self.org, self.people, self.propagation = org, people, propagation
        self.random = org.random("tokens")
        self.sessions: dict[str, Session] = {}
        self.grants: list[Grant] = []
        self.by_refresh: dict[str, Grant] = {}  # spent ones too: reuse must be noticed
        self.codes: dict[str, Code] = {}
        self.spent_codes: dict[str, Grant | None] = {}
        self.issued: list[tuple[str, str]] = []  # every secret ever given out: (kind, text)
        self.machine_grants = False
        self.show_tokens = False  # whether OauthToken.AccessToken holds the refresh token

    def secret(self, length: int, extra: str = "") -> str:
        return "".join(self.random.choices(ALPHABET + extra, k=length))

    # Sessions -----------------------------------------------------------------------------

    def open(
        self,
        user_id: str,
        app: OAuthApp | None,
        scopes: tuple[str, ...],
        grant: Grant | None = None,
        address: str = "127.0.0.1",
    ) -> Session:
        now = self.org.clock.now()
        token = f"{self.org.id[:15]}!{self.secret(96, '._')}"
        life = (app.session_ms if app else None) or SESSION_MS
        session = Session(token, user_id, app, scopes, now, now, life, grant, address=address)
        self.sessions[token] = session
        self.issued.append(("access token", token))
        if app is not None:
            session.row_id = self._session_row(session, address)
        return session

    def _session_row(self, session: Session, address: str) -> str | None:
        table = self.org.store.tables.get("AuthSession")
        if table is None:
            return None
        now = session.created_ms // 1000 * 1000
        wanted = {
            "Id": self.org.new_id("0Ak"),
            "UsersId": session.user_id,
            "CreatedDate": now,
            "LastModifiedDate": now,
            "NumSecondsValid": session.life_ms // 1000,
            "SessionType": "Oauth2",
            "UserType": "Standard",
            "LoginType": "Remote Access 2.0",
            "SessionSecurityLevel": "STANDARD",
            "SourceIp": address,
        }
        known = {k: v for k, v in wanted.items() if k in table.type.position}
        table.add(table.make(known), now)
        return wanted["Id"] if isinstance(wanted["Id"], str) else None

    def close_row(self, id18: str) -> None:
        """End the session that an AuthSession row stands for."""
        ending = [s for s in self.sessions.values() if s.row_id == id18]
        self.propagation.after("sessions", lambda: self.end(ending))

    def end(self, sessions: Iterable[Session]) -> None:
        """End sessions now, and their rows of AuthSession."""
        table = self.org.store.tables.get("AuthSession")
        for session in list(sessions):
            self.sessions.pop(session.token, None)
            at = table.find(session.row_id) if table and session.row_id else None
            if table is not None and at is not None and at not in table.deleted:
                table.delete(at, self.propagation.until("reads"))

    def find(self, token: str) -> Session | None:
        """The live session of an access token; using it slides its end."""
        session = self.sessions.get(token)
        if session is None:
            return None
        now = self.org.clock.now()
        if now - session.used_ms > session.life_ms or not self.people.is_active(session.user_id):
            self.end([session])
            return None
        session.used_ms = now
        return session

    def close(self, token: str) -> bool:
        session = self.sessions.get(token)
        self.end([session] if session else [])
        return session is not None

    def close_user(self, user_id: str) -> None:
        """End every session and grant of a user."""
        for grant in self.grants:
            if grant.user_id == user_id:
                self.revoke(grant)
        self.end([s for s in self.sessions.values() if s.user_id == user_id])

    def end_all(self) -> None:
        """End every session, code and grant."""
        for grant in self.grants:
            self.revoke(grant)
        self.end(self.sessions.values())
        self.codes.clear()

    # Grants -------------------------------------------------------------------------------

    def approve(self, user_id: str, app: OAuthApp, scopes: tuple[str, ...]) -> Grant:
        """A new approval; the sixth of one app by one user ends the oldest."""
        now = self.org.clock.now()
        token = "5Aep861" + self.secret(80, "._")
        grant = Grant(user_id, app, scopes, token, now, self.secret(64), used_ms=now)
        live = self.approvals(user_id, app)
        for old in live[: max(0, len(live) - APPROVALS + 1)]:
            self.revoke(old)
        self.issued += [("refresh token", token), ("delete token", grant.delete_token)]
        self.grants.append(grant)
        self.by_refresh[token] = grant
        grant.row = self._write_row(grant)
        return grant

    def approvals(self, user_id: str, app: OAuthApp) -> list[Grant]:
        """The live approvals of an app by a user, the oldest first."""
        return [
            g
            for g in self.grants
            if g.live and not g.machine and g.user_id == user_id and g.app is app
        ]

    def has_approved(self, user_id: str, app: OAuthApp) -> bool:
        return bool(self.approvals(user_id, app))

    def of_machine(self, user_id: str, app: OAuthApp, scopes: tuple[str, ...]) -> Grant | None:
        """The grant of a machine that signs in by itself: the live one, used once more, or a new
        one, as after a revocation. None while `machine_grants` is off."""
        if not self.machine_grants:
            return None
        for grant in self.grants:
            if grant.live and grant.machine and grant.user_id == user_id and grant.app is app:
                self.used(grant)
                return grant
        now = self.org.clock.now()
        made = Grant(user_id, app, scopes, "", now, self.secret(64), used_ms=now, machine=True)
        self.issued.append(("delete token", made.delete_token))
        self.grants.append(made)
        made.row = self._write_row(made)
        return made

    def _write_row(self, grant: Grant) -> int | None:
        table = self.org.store.tables.get("OauthToken")
        if table is None:
            return None
        now = grant.created_ms // 1000 * 1000
        wanted = {
            "UserId": grant.user_id,
            "AppName": grant.app.name,
            "AppMenuItemId": grant.app.app_menu_item_id if grant.app.installed else None,
            "DeleteToken": grant.delete_token,
            "AccessToken": (grant.token or None) if self.show_tokens else None,
            "CreatedDate": now,
            "LastUsedDate": now,
            "UseCount": 1,
        }
        known = {k: v for k, v in wanted.items() if k in table.type.position}
        return table.add(table.make(known), now)

    def show(self, tokens: bool) -> None:
        """Let OauthToken.AccessToken hold the refresh token, as it does for some callers; those
        that the org was built with get one that was never given out."""
        table = self.org.store.tables.get("OauthToken")
        changed, self.show_tokens = tokens != self.show_tokens, tokens
        if table is None or not changed:
            return
        known = {grant.row: grant.token for grant in self.grants}
        for at in range(len(table.rows)):
            made = known.get(at) if at in known else "5Aep861" + self.secret(80, "._")
            if made and at not in known and tokens:
                self.issued.append(("refresh token", made))
            table.update(at, {"AccessToken": (made or None) if tokens else None})

    def used(self, grant: Grant) -> None:
        """Note, in OauthToken too, that a grant was used."""
        grant.used_ms = self.org.clock.now()
        table = self.org.store.tables.get("OauthToken")
        if table is None or grant.row is None:
            return
        values: dict[str, object] = {"LastUsedDate": self.org.clock.now()}
        values["UseCount"] = (table.value(grant.row, "UseCount") or 0) + 1
        table.update(grant.row, {k: v for k, v in values.items() if k in table.type.position})

    def outlived(self, grant: Grant) -> bool:
        """Whether the app's policy has ended the refresh token: unused, or too old."""
        now, app = self.org.clock.now(), grant.app
        most_idle, most_old = app.felt("refresh_idle_ms"), app.felt("refresh_life_ms")
        idle = most_idle is not None and now - grant.used_ms > most_idle
        old = most_old is not None and now - grant.created_ms > most_old
        return bool(idle or old or most_old == 0)

    def rotate(self, grant: Grant) -> None:
        grant.spent.add(grant.token)
        grant.token = "5Aep861" + self.secret(80, "._")
        self.issued.append(("refresh token", grant.token))
        self.by_refresh[grant.token] = grant
        table = self.org.store.tables.get("OauthToken")
        if self.show_tokens and table is not None and grant.row is not None:
            table.update(grant.row, {"AccessToken": grant.token})

    def revoke(self, grant: Grant) -> None:
        """End a grant at once, then its sessions, and its row as reads show it."""
        if not grant.live:
            return
        grant.live = False
        self.propagation.after(
            "tokens", lambda: self.end([s for s in self.sessions.values() if s.grant is grant])
        )
        table = self.org.store.tables.get("OauthToken")
        if table is not None and grant.row is not None:
            table.delete(grant.row, self.propagation.until("reads"))

    def revoke_token(self, token: str) -> bool:
        """Revoke by access token, refresh token or OauthToken.DeleteToken."""
        if self.close(token):
            return True
        grant = self.by_refresh.get(token)
        if grant is None:
            grant = next((g for g in self.grants if g.delete_token == token), None)
        if grant is not None:
            was_live = grant.live and token not in grant.spent
            self.revoke(grant)
            return was_live
        return self._revoke_row(token)

    def _revoke_row(self, token: str) -> bool:
        """Grants the org was built with live only as rows of OauthToken."""
        return self._revoke_rows("DeleteToken", token, 1) == 1

    def revoke_all(self, user_id: str) -> None:
        """End everything a user has: sessions, grants, and those the org was built with."""
        self.close_user(user_id)
        self._revoke_rows("UserId", user_id, len(self.org.store["OauthToken"].rows))

    def _revoke_rows(self, field: str, value: str, most: int) -> int:
        table = self.org.store.tables.get("OauthToken")
        if table is None or field not in table.type.position:
            return 0
        at = table.type.position[field]
        found = [
            place
            for place, row in enumerate(table.rows)
            if row[at] == value and place not in table.deleted
        ][:most]
        for place in found:
            table.delete(place, self.propagation.until("reads"))
        return len(found)

    # Codes --------------------------------------------------------------------------------

    def issue_code(self, code: Code) -> str:
        text = "aPrx" + self.secret(72, "._") + "=="
        self.codes[text] = code
        self.issued.append(("authorization code", text))
        return text


def signature(app: OAuthApp, identity: str, issued_at: str) -> str:
    """The `signature` of a token response: HMAC-SHA256 of id and issued_at by the secret."""
    digest = hmac.new(app.consumer_secret.encode(), (identity + issued_at).encode(), hashlib.sha256)
    return base64.b64encode(digest.digest()).decode()
