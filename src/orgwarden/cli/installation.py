"""`orgwarden init`: folders, keys, database, first administrator."""

from __future__ import annotations

from orgwarden.cli.output import AsJson, say, show, start


def init(as_json: AsJson = False) -> None:
    """Prepare this installation. Safe to run again.

    The first administrator comes from ORGWARDEN_ADMIN_USER and ORGWARDEN_ADMIN_PASSWORD; without
    them one is made up and printed once.

    Example: orgwarden init
    """
    from orgwarden.site import home

    home.prepare()
    start(anew=True)
    from orgwarden.records.envelope import prepare_key_file
    from orgwarden.records.first_admin import ensure_first_admin
    from orgwarden.records.setup import prepare_database

    prepare_database()
    prepare_key_file()
    admin = ensure_first_admin()
    if as_json:
        show(
            {
                "home": str(home.path()),
                "admin": admin.username,
                "created": admin.created,
                "password": admin.generated_password,
            }
        )
        return
    say(f"Orgwarden is ready in {home.path()}.")
    if admin.generated_password:
        say("This password is shown once:")
        print(f"user: {admin.username}\npassword: {admin.generated_password}")
    elif admin.created:
        say(f"{admin.username} can sign in.")
