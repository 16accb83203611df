"""Login, Logout, LoginAs: the log of the very sign-ins that LoginHistory shows."""

from __future__ import annotations

import random
import zlib

from orgsim.eventlog.scene import UI, Scene, key_of
from orgsim.eventlog.writers.line import cost, line, moment

TYPES = {
    "Remote Access 2.0": "i",
    "Application": "A",
    "SAML Sfdc Initiated SSO": "8",
    "Other Apex API": "I",
    "Partner Product": "R",
}
STATUSES = {
    "Success": "LOGIN_NO_ERROR",
    "Invalid Password": "LOGIN_ERROR_INVALID_PASSWORD",
    "User Locked Out": "LOGIN_ERROR_PASSWORD_LOCKOUT",
    "Failed: User is frozen": "LOGIN_ERROR_USER_FROZEN",
    "Failed: User is inactive": "LOGIN_ERROR_USER_INACTIVE",
    "Failed: Invalid code verifier": "LOGIN_OAUTH_INVALID_CODE_VERIFIER",
    "Failed: Invalid token": "LOGIN_OAUTH_INVALID_TOKEN",
    "Login Rate Exceeded": "LOGIN_ERROR_RATE_EXCEEDED",
    "Restricted IP": "LOGIN_ERROR_RESTRICTED_DOMAIN",
    "Restricted Time": "LOGIN_ERROR_RESTRICTED_TIME",
}
SUB_TYPES = {
    "UI Username-Password": "uiup",
    "OAuth Web Server": "oauthwebserver",
    "OAuth Refresh Token": "oauthrefreshtoken",
    "OAuth Client Credentials": "oauthclientcredential",
    "OAuth Username-Password": "oauthpassword",
}


def login(scene: Scene, rng: random.Random) -> list[str]:
    history, users = scene.org.store["LoginHistory"], scene.org.store["User"]
    at = history.type.position
    lines = []
    for row in scene.signins:
        user = row[at["UserId"]]
        found = users.find(user) if user else None
        kind, ip = row[at["LoginType"]], row[at["SourceIp"]] or ""
        values = {
            **cost(rng, 110),
            "URI": "/index.jsp" if kind in UI else "/services/oauth2/token",
            "LOGIN_KEY": key_of("login" + row[0]),
            "SESSION_KEY": key_of("session" + row[0]) if kind in UI else "",
            "USER_TYPE": "Standard",
            "LOGIN_TYPE": TYPES.get(kind, kind or ""),
            "BROWSER_TYPE": row[at["Browser"]] or "",
            "API_TYPE": "P" if kind == "Other Apex API" else "",
            "API_VERSION": row[at["ApiVersion"]] if row[at["ApiVersion"]] != "N/A" else "9998.0",
            "USER_NAME": users.value(found, "Username") if found is not None else "",
            "TLS_PROTOCOL": (row[at["TlsProtocol"]] or "").replace("TLS ", "TLSv"),
            "CIPHER_SUITE": row[at["CipherSuite"]] or "",
            "AUTHENTICATION_METHOD_REFERENCE": row[at["AuthMethodReference"]] or "",
            "AUTHENTICATION_SERVICE_ID": (row[at["AuthenticationServiceId"]] or "")[:15],
            "LOGIN_SUB_TYPE": SUB_TYPES.get(row[at["LoginSubType"]] or "", ""),
            "LOGIN_URL": row[at["LoginUrl"]] or "",
            "CLIENT_IP": ip,
            "SOURCE_IP": ip,
            "LOGIN_STATUS": STATUSES.get(row[at["Status"]], "LOGIN_ERROR_UNKNOWN_ERROR"),
        }
        time = row[at["LoginTime"]] + zlib.crc32(row[0].encode()) % 1000
        lines.append(line(scene, rng, "Login", time, user, values))
    return lines


def logout(scene: Scene, rng: random.Random) -> list[str]:
    """The sessions that end in this hour because someone said so."""
    lines = []
    for session in scene.sessions:
        if not session.ends_with_logout or not 0 <= session.end - scene.start < 3_600_000:
            continue
        values = {
            "USER_TYPE": "Standard(db=S,api=Standard)",
            "SESSION_TYPE": "UI",
            "SESSION_LEVEL": "HIGH_ASSURANCE(db=10,api=HIGH_ASSURANCE)"
            if session.high
            else "STANDARD(db=1,api=STANDARD)",
            "BROWSER_TYPE": "14013002",
            "PLATFORM_TYPE": "1015",
            "RESOLUTION_TYPE": "9999",
            "APP_TYPE": "1007",
            "CLIENT_VERSION": "9998",
            "API_VERSION": "9998.0",
            "USER_INITIATED_LOGOUT": "1" if rng.random() < 0.8 else "0",
            "SESSION_KEY": session.session_key,
            "LOGIN_KEY": session.login_key,
            "CLIENT_IP": session.ip,
        }
        lines.append(line(scene, rng, "Logout", session.end, session.user, values))
    return lines


def login_as(scene: Scene, rng: random.Random) -> list[str]:
    """An administrator looks at the org as somebody else: rare."""
    admins = {p.id: p for p in scene.world.people if p.profile == "System Administrator"}
    lines = []
    for session in scene.sessions:
        if session.user in admins and rng.random() < 0.006:
            seen_as = rng.choice(scene.world.people)
            values = {
                **cost(rng, 90),
                "URI": "/servlet/servlet.su",
                "SESSION_KEY": session.session_key,
                "LOGIN_KEY": session.login_key,
                "CLIENT_IP": session.ip,
                "DELEGATED_USER_NAME": admins[session.user].username,
                "DELEGATED_USER_ID": session.user[:15],
                "DELEGATED_USER_ID_DERIVED": session.user,
            }
            at = moment(scene, session, rng)
            lines.append(line(scene, rng, "LoginAs", at, seen_as.id, values))
    return lines
