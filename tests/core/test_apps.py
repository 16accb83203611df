from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from orgwarden.core.apps import Identity, Known, Mark, State, Trace, apps_of, state_of

MENU, APP, KEY = Known.MENU_ITEM, Known.APP, Known.CONSUMER_KEY


def granted(name: str, *ids: Identity, count: int = 1) -> Trace:
    return Trace("oauth_tokens", name, frozenset(ids), frozenset({Mark.GRANTED}), count)


def installed(name: str, *ids: Identity, restricted: bool = False) -> Trace:
    marks = {Mark.INSTALLED, Mark.RESTRICTED if restricted else Mark.OPEN}
    return Trace("connected_applications", name, frozenset(ids), frozenset(marks), 1)


def sign_ins(name: str, count: int = 1) -> Trace:
    return Trace("login_history", name, marks=frozenset({Mark.SEEN}), count=count)


def test_what_shares_an_identity_is_one_app_whatever_its_names() -> None:
    menu, app = Identity(MENU, "0DS1"), Identity(APP, "0H41")
    found = apps_of([
        granted("Warehouse", menu),
        installed("Warehouse Sync", app),
        Trace("app_menu_items", "Warehouse", frozenset({menu, app}), frozenset()),
    ])  # fmt: skip
    [one] = found
    assert one.name == "Warehouse Sync"
    assert one.identities == {menu, app}
    assert one.best == app


def test_a_grant_without_identity_is_never_put_to_an_installed_app_of_its_name() -> None:
    found = apps_of([installed("Data Loader", Identity(APP, "0H41")), granted("Data Loader")])
    assert [a.best.known for a in found] == [APP, Known.NAME]
    assert [a.namesakes for a in found] == [1, 1]


def test_a_mention_is_a_hint_at_every_app_of_its_name_and_makes_none() -> None:
    found = apps_of([
        installed("Data Loader", Identity(APP, "0H41")), granted("data loader"),
        sign_ins("Data Loader", 7),
    ])  # fmt: skip
    assert len(found) == 2
    assert all(h.count == 7 for a in found for h in a.hints)
    assert not any(t.source == "login_history" for a in found for t in a.traces)


def test_a_name_that_no_app_has_is_an_app_known_by_a_mention() -> None:
    [one] = apps_of([sign_ins("Ticket Portal", 3), sign_ins("Ticket Portal", 4)])
    assert (one.name, one.best) == ("Ticket Portal", Identity(Known.MENTION, "Ticket Portal"))
    assert sum(t.count for t in one.traces) == 7


def test_a_state_needs_what_tells_it() -> None:
    [there] = apps_of([installed("A", Identity(APP, "1"))])
    [approved] = apps_of([installed("A", Identity(APP, "1"), restricted=True)])
    [used] = apps_of([granted("A")])
    blocked = Trace("blocked_apps", "A", frozenset({Identity(KEY, "k")}), frozenset({Mark.BLOCKED}))
    [shut] = apps_of([blocked])
    for known in (True, False):
        assert state_of(there, installed_known=known) is State.ENABLED
        assert state_of(approved, installed_known=known) is State.RESTRICTED
        assert state_of(shut, installed_known=known) is State.BLOCKED
    silent = Trace("external_client_apps", "A", frozenset({Identity(APP, "1")}),
                   frozenset({Mark.INSTALLED}))  # fmt: skip
    [open_to] = apps_of([silent])
    assert state_of(open_to, installed_known=True) is State.UNKNOWN  # its policy was not read
    assert state_of(used, installed_known=True) is State.NOT_INSTALLED
    assert state_of(used, installed_known=False) is State.UNKNOWN


def test_an_app_whose_namesake_is_blocked_by_a_key_may_be_the_blocked_one() -> None:
    key = frozenset({Identity(KEY, "k")})
    blocked = Trace("blocked_apps", "A", key, frozenset({Mark.BLOCKED}))
    found = apps_of(
        [blocked, installed("a", Identity(APP, "1")), installed("B", Identity(APP, "2"))]
    )
    states = {a.best: state_of(a, installed_known=True) for a in found}
    assert states == {
        Identity(KEY, "k"): State.BLOCKED,
        Identity(APP, "1"): State.UNKNOWN,
        Identity(APP, "2"): State.ENABLED,
    }


def test_first_and_last_are_of_its_own_traces() -> None:
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    mark = frozenset({Mark.GRANTED})
    own = Trace("oauth_tokens", "A", frozenset({Identity(MENU, "m")}), mark, 1, late, late)
    hint = Trace("login_history", "A", marks=frozenset({Mark.SEEN}), first=early, last=early)
    [one] = apps_of([own, hint])
    assert (one.first, one.last) == (late, late)


ids = st.sampled_from([Identity(k, v) for k in (APP, MENU, KEY) for v in "abcd"])
traces = st.builds(
    Trace,
    st.sampled_from(["oauth_tokens", "login_history", "connected_applications"]),
    st.sampled_from(["Data Loader", "data loader", "Sync", ""]),
    st.frozensets(ids, max_size=3),
    st.frozensets(st.sampled_from(list(Mark)), min_size=1, max_size=2),
    st.integers(1, 5),
)


@given(st.lists(traces, max_size=12), st.randoms())
def test_every_trace_is_at_one_app_or_a_hint_and_the_order_does_not_matter(
    some: list[Trace], random: object
) -> None:
    found = apps_of(some)
    own = [t for a in found for t in a.traces]
    hints = {id(t) for a in found for t in a.hints}
    assert {id(t) for t in own}.isdisjoint(hints)
    telling = {id(t) for t in some if t.name or not t.mentions_only}
    assert {id(t) for t in own} | hints == telling
    assert len(own) == len({id(t) for t in own})
    identities = [i for a in found for i in a.identities]
    assert len(identities) == len(set(identities))
    shuffled = list(some)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    again = apps_of(shuffled)
    assert {a.identities for a in again} == {a.identities for a in found}
