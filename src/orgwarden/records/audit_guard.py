"""Triggers by which the database itself refuses to alter or remove entries of the audit chain.

They stop a slip and a careless script. Whoever owns the database can drop them; that is what the
chain's digests, and a tip noted elsewhere, are for.
"""

from __future__ import annotations

from django.db import connection

_REFUSAL = "entries of the audit chain are never changed or removed"
_SQLITE = [
    f"""CREATE TRIGGER IF NOT EXISTS audit_chain_no_{verb.lower()}
    BEFORE {verb} ON records_auditentry
    BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"""
    for verb in ("UPDATE", "DELETE")
]
_POSTGRES = [
    f"""CREATE OR REPLACE FUNCTION audit_chain_refuse() RETURNS trigger AS $$
    BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$ LANGUAGE plpgsql""",
    "DROP TRIGGER IF EXISTS audit_chain_no_change ON records_auditentry",
    """CREATE TRIGGER audit_chain_no_change BEFORE UPDATE OR DELETE OR TRUNCATE
    ON records_auditentry FOR EACH STATEMENT EXECUTE FUNCTION audit_chain_refuse()""",
]


def install() -> None:
    """Make the triggers. Idempotent."""
    with connection.cursor() as cursor:
        for statement in _POSTGRES if connection.vendor == "postgresql" else _SQLITE:
            cursor.execute(statement)


def remove() -> None:
    """Drop the triggers: for a restore, and for tests that play the intruder."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DROP TRIGGER IF EXISTS audit_chain_no_change ON records_auditentry")
            return
        for verb in ("update", "delete"):
            cursor.execute(f"DROP TRIGGER IF EXISTS audit_chain_no_{verb}")
