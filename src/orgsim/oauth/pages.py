"""The pages people see while an app asks for access: sign in, allow or deny, an error."""

from __future__ import annotations

from html import escape

from orgsim.org import OAuthApp
from orgsim.wire import Headers, Reply

PASSWORD = "orgsim-password"  # the emulator's users all have it; the page says so
MEANINGS = {
    "api": "Manage user data via APIs",
    "web": "Manage user data via Web browsers",
    "full": "Full access",
    "refresh_token": "Perform requests at any time",
    "offline_access": "Perform requests at any time",
    "openid": "Access unique user identifiers",
    "profile": "Access the identity URL service",
    "id": "Access the identity URL service",
    "email": "Access the identity URL service",
}
STYLE = """
body{font:16px/1.5 system-ui,sans-serif;background:#f4f6f9;color:#16325c;margin:0}
main{max-width:24rem;margin:4rem auto;background:#fff;padding:2rem;border-radius:.5rem;
border:1px solid #d8dde6}
h1{font-size:1.25rem;margin:0 0 1rem}label{display:block;margin:.75rem 0 .25rem}
input{width:100%;box-sizing:border-box;padding:.5rem;font:inherit;border:1px solid #8c9bb0;
border-radius:.25rem}
button{font:inherit;padding:.5rem 1.5rem;margin:1.25rem .5rem 0 0;border-radius:.25rem;
border:1px solid #0b5cab;background:#fff;color:#0b5cab;cursor:pointer}
button.main{background:#0b5cab;color:#fff}.error{color:#b3261e}.note{color:#54698d;font-size:.875rem}
"""


def _page(title: str, body: str, status: int = 200, headers: Headers | None = None) -> Reply:
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}'
        f'</title><meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>'
        f"<body><main>{body}</main></body></html>"
    )
    made = Reply(text.encode(), status, "text/html;charset=UTF-8", headers or [])
    made.headers.append(("Cache-Control", "no-store"))
    made.headers.append(("X-Frame-Options", "DENY"))
    return made


def sign_in(org_name: str, query: str, username: str = "", error: str = "") -> Reply:
    """The sign-in form. `query` is the authorize call to go on with."""
    problem = f'<p class="error" role="alert">{escape(error)}</p>' if error else ""
    return _page(
        "Login | Salesforce",
        f"<h1>Sign in to {escape(org_name or 'this org')}</h1>{problem}"
        f'<form method="post" action="/login"><input type="hidden" name="query" '
        f'value="{escape(query)}"><label for="username">Username</label>'
        f'<input id="username" name="username" autocomplete="username" required '
        f'value="{escape(username)}"><label for="password">Password</label>'
        '<input id="password" name="password" type="password" '
        'autocomplete="current-password" required>'
        '<button class="main" id="Login" type="submit">Log In</button></form>'
        f'<p class="note">An org of orgsim: every active user has the password '
        f"<code>{PASSWORD}</code>.</p>",
    )


def consent(app: OAuthApp, username: str, scopes: tuple[str, ...], query: str, seal: str) -> Reply:
    """Allow or deny. `seal` ties the form to the session that was shown it."""
    wanted = "".join(
        f"<li>{escape(MEANINGS.get(s, s))} <code>({escape(s)})</code></li>" for s in scopes
    )
    return _page(
        "Allow Access?",
        f"<h1>Allow Access?</h1><p><strong>{escape(app.name)}</strong> is asking to:</p>"
        f"<ul>{wanted}</ul><p>Do you want to allow access for {escape(username)}? "
        f'(<a href="/secur/logout.jsp?query={escape(query.replace("&", "%26"))}">Not you?</a>)</p>'
        '<form method="post" action="/services/oauth2/approve">'
        f'<input type="hidden" name="query" value="{escape(query)}">'
        f'<input type="hidden" name="seal" value="{escape(seal)}">'
        '<button class="main" id="oaapprove" name="decision" value="allow">Allow</button>'
        '<button id="oadeny" name="decision" value="deny">Deny</button></form>',
    )


def error(code: str, description: str) -> Reply:
    return _page(
        "Error",
        f'<h1>We can’t authorize you because of an OAuth error.</h1><p class="error" role="alert">'
        f"{escape(code)} : {escape(description)}</p>",
        400,
    )


def told(title: str, sentence: str) -> Reply:
    return _page(title, f"<h1>{escape(title)}</h1><p>{escape(sentence)}</p>")


def device(org_name: str, code: str = "", error: str = "") -> Reply:
    """The form for a device's code."""
    problem = f'<p class="error" role="alert">{escape(error)}</p>' if error else ""
    return _page(
        "Connect Your Device",
        f"<h1>Connect a device to {escape(org_name or 'this org')}</h1>{problem}"
        '<form method="post" action="/setup/connect"><label for="user_code">Code shown by the '
        f'device</label><input id="user_code" name="user_code" required value="{escape(code)}">'
        '<label for="username">Username</label><input id="username" name="username" '
        'autocomplete="username" required><label for="password">Password</label>'
        '<input id="password" name="password" type="password" autocomplete="current-password" '
        'required><button class="main" name="decision" value="allow">Allow</button>'
        '<button name="decision" value="deny">Deny</button></form>',
    )
