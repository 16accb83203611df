"""What a query may not do on some objects, each rule with the answer Salesforce gives."""

from __future__ import annotations

from orgsim.schema import ObjectType
from orgsim.soql import tree
from orgsim.soql.access import musts
from orgsim.soql.parse import malformed, refusal
from orgsim.soql.scope import Asker, Column, Scope
from orgsim.wire import ApiError

COUNT_ONLY = frozenset({"SetupAuditTrail"})  # SELECT COUNT() works, aggregates do not


def may_filter(scope: Scope, what: tree.Operand, column: Column) -> None:
    if column.field is not None and not column.field.filterable:
        raise refusal(
            "INVALID_FIELD",
            scope.text,
            what.at,
            f"field '{column.name}' can not be filtered in a query call",
        )


def may_sort(scope: Scope, what: tree.Operand, column: Column) -> None:
    if column.field is not None and not column.field.sortable:
        raise refusal(
            "INVALID_FIELD",
            scope.text,
            what.at,
            f"field '{column.name}' can not be sorted in a query call",
        )


def may_group(scope: Scope, what: tree.Operand, column: Column) -> None:
    dated = isinstance(what, tree.Call)
    if column.field is not None and not column.field.groupable and not dated:
        raise refusal(
            "INVALID_FIELD",
            scope.text,
            what.at,
            f"field '{column.name}' can not be grouped in a query call",
        )


def may_aggregate(scope: Scope, call: tree.Call) -> None:
    name = call.name.upper()
    if scope.type.name in COUNT_ONLY or scope.type.big:
        argument = call.argument
        shown = argument.names[-1] if isinstance(argument, tree.Path) else ""
        raise malformed(
            scope.text, call.at, f"field {shown} does not support aggregate operator {name}"
        )


def big_object(scope: Scope, query: tree.Query, counts: bool) -> None:
    """Big objects: EventDate alone, or EventDate with EventIdentifier; newest first only."""
    if counts:
        raise malformed(scope.text, query.object_at, "COUNT() is not supported on big objects")
    seen: list[str] = []
    for must in musts(query.where):
        if isinstance(must, tree.Compare) and isinstance(must.left, tree.Path):
            name = scope.bare(must.left)[-1].lower()
            allowed = name in ("eventdate", "eventidentifier") or (
                name == "userid" and "filter_by_user" in scope.type.quirks
            )
            if allowed and (must.operator != "!=" or name != "eventdate"):
                seen.append(name)
                continue
            raise refusal(
                "INVALID_FIELD",
                scope.text,
                must.left.at,
                f"field '{scope.bare(must.left)[-1]}' can not be filtered in a query call",
            )
        raise malformed(scope.text, query.object_at, "this filter is not supported on big objects")
    if "eventidentifier" in seen and "eventdate" not in seen:
        raise refusal(
            "INVALID_FIELD",
            scope.text,
            query.object_at,
            "field 'EventIdentifier' can not be filtered in a query call without EventDate",
        )
    for key in query.order:
        name = scope.bare(key.what)[-1].lower() if isinstance(key.what, tree.Path) else ""
        if name != "eventdate" or not key.descending:
            raise malformed(
                scope.text, key.what.at, "big objects can be ordered by EventDate DESC only"
            )


def content_document_link(scope: Scope, query: tree.Query) -> None:
    if "QueryAllFiles" in scope.asker.permissions:
        return
    for must in musts(query.where):
        if not isinstance(must, tree.Compare | tree.InList):
            continue
        if not isinstance(must.left, tree.Path):
            continue
        names = [n.lower() for n in scope.bare(must.left)]
        if names in (["id"], ["contentdocumentid"], ["linkedentityid"]):
            if isinstance(must, tree.Compare) and must.operator == "=":
                return
            if isinstance(must, tree.InList) and not must.negated:
                return
    raise ApiError(
        400,
        "MALFORMED_QUERY",
        "Implementation restriction: ContentDocumentLink requires a filter by a single Id on "
        "ContentDocumentId or LinkedEntityId using the equals operator or multiple Id's using "
        "the IN operator.",
    )


def by_id_only(scope: Scope, query: tree.Query) -> None:
    """Objects that can be read one by one only (SubscriberPackage and its versions)."""
    must = query.where
    if (
        isinstance(must, tree.Compare)
        and must.operator == "="
        and isinstance(must.left, tree.Path)
        and [n.lower() for n in scope.bare(must.left)] == ["id"]
    ):
        return
    raise malformed(
        scope.text,
        query.object_at,
        f"Implementation restriction: {scope.type.name} can be queried by a single Id only",
    )


BY_ID_ONLY = frozenset({"SubscriberPackage", "SubscriberPackageVersion"})


def object_rules(asker: Asker, scope: Scope, query: tree.Query, counts: bool) -> None:
    type: ObjectType = scope.type
    if "query" not in type.calls:
        raise ApiError(
            400, "INVALID_TYPE_FOR_OPERATION", f"entity type {type.name} does not support query"
        )
    if type.big:
        big_object(scope, query, counts)
    if "content_document_link" in type.quirks:
        content_document_link(scope, query)
    if type.name in BY_ID_ONLY:
        by_id_only(scope, query)
