"""Invitations, the signed cookie, and the list of people: who somebody is, and when they no longer are."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tunesmith.errors import InputError
from tunesmith.ui.here import Here
from tunesmith.ui.identity_cookie import SECRET, cookie_name, held_by, secret_key, sign
from tunesmith.ui.identity_login import person_of, read_access
from tunesmith.ui.invitations import (
    invitation,
    invitations,
    invite,
    last_seen,
    note_seen,
    owner_link,
    redeem,
    revoke,
)
from tunesmith.ui.launch import SHARED, WORKSPACE
from tunesmith.ui.people import may_manage, seen_ago
from tunesmith.ui.words import Words, escaped
from tunesmith.ui.workspace import Workspace

HOSTILE = "![x](http://evil.example/a.png) <b>Li</b>"


def token_of(path: str) -> str:
    return path.removeprefix("/join/")


def cookies_of(workspace: Workspace, identity: str) -> dict[str, str]:
    return {cookie_name(workspace): sign(workspace, identity)}


def test_a_link_lets_in_whom_it_was_made_for(workspace: Workspace) -> None:
    held = redeem(workspace, token_of(invite(workspace, "Li Wei", "reviewer")))
    assert held is not None
    assert (held.name, held.role, held.state) == ("Li Wei", "reviewer", "live")


@pytest.mark.parametrize("token", ["", ".", "x", "0" * 16, "0" * 16 + ".secret", "../secret.x", "é.é"])
def test_no_other_token_lets_anybody_in(workspace: Workspace, token: str) -> None:
    invite(workspace, "Li Wei", "reviewer")
    assert redeem(workspace, token) is None


def test_the_id_without_its_secret_lets_nobody_in(workspace: Workspace) -> None:
    first, second = (token_of(invite(workspace, name, "reviewer")).split(".") for name in ("a", "b"))
    assert redeem(workspace, f"{first[0]}.{second[1]}") is None
    assert redeem(workspace, f"{first[0]}.") is None


def test_no_secret_lies_in_a_file_and_only_this_user_reads_them(workspace: Workspace) -> None:
    secret = token_of(invite(workspace, "Li Wei", "owner")).split(".")[1]
    secret_key(workspace)
    files = [path for path in (workspace.root / ".access").iterdir() if path.is_file()]
    assert len(files) == 2
    assert (workspace.root / ".access").stat().st_mode & 0o077 == 0
    for path in files:
        assert path.stat().st_mode & 0o077 == 0, path
        assert secret not in path.read_text()


def test_a_revoked_and_an_expired_invitation_let_nobody_in(workspace: Workspace) -> None:
    revoked, expired = invite(workspace, "a", "reviewer"), invite(workspace, "b", "reviewer", days=-1)
    ids = [token_of(path).split(".")[0] for path in (revoked, expired)]
    revoke(workspace, ids[0])
    assert [redeem(workspace, token_of(path)) for path in (revoked, expired)] == [None, None]
    assert [held_by(workspace, cookies_of(workspace, identity)) for identity in ids] == [None, None]
    states = {held.id: held.state for held in invitations(workspace)}
    assert [states[identity] for identity in ids] == ["revoked", "expired"]


def test_a_name_belongs_to_one_person_until_it_is_revoked(workspace: Workspace) -> None:
    invite(workspace, "Li Wei", "reviewer")
    with pytest.raises(InputError, match="invited already; revoke"):
        invite(workspace, "  Li   Wei ", "lead")
    with pytest.raises(InputError, match="invited already; revoke"):
        invite(workspace, "LI WEI", "lead")
    revoke(workspace, invitations(workspace)[0].id)
    invite(workspace, "Li Wei", "lead")


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\x00b"])
def test_a_name_that_nobody_could_know_is_refused(workspace: Workspace, name: str) -> None:
    with pytest.raises(InputError, match="needs a name"):
        invite(workspace, name, "reviewer")


def test_the_owner_gets_a_new_link_at_each_start_and_stays_signed_in(workspace: Workspace) -> None:
    first = owner_link(workspace, "Wang")
    held = redeem(workspace, token_of(first))
    assert held is not None
    second = owner_link(workspace, "Wang")
    assert redeem(workspace, token_of(first)) is None
    assert held_by(workspace, cookies_of(workspace, held.id)) == redeem(workspace, token_of(second))
    assert len(invitations(workspace)) == 1


def test_a_revoked_owner_is_not_let_in_again_by_the_next_start(workspace: Workspace) -> None:
    held = redeem(workspace, token_of(owner_link(workspace, "Wang")))
    assert held is not None
    revoke(workspace, held.id)
    owner_link(workspace, "Wang")
    assert held_by(workspace, cookies_of(workspace, held.id)) is None


def test_a_cookie_counts_only_with_our_signature(workspace: Workspace, tmp_path: Path) -> None:
    invite(workspace, "Li Wei", "reviewer")
    identity, name = invitations(workspace)[0].id, cookie_name(workspace)
    other = Workspace(tmp_path / "other").make()
    good = sign(workspace, identity)
    forged = [identity, f"{good}x", good[:-2], sign(other, identity), good.replace(".", "", 1), "", "é"]
    assert held_by(workspace, {name: good}) == invitation(workspace, identity)
    assert [held_by(workspace, {name: value}) for value in forged] == [None] * len(forged)
    assert held_by(workspace, {}) is None


def test_without_its_key_file_everybody_is_signed_out(workspace: Workspace) -> None:
    invite(workspace, "Li Wei", "reviewer")
    cookies = cookies_of(workspace, invitations(workspace)[0].id)
    (workspace.root / ".access" / "secret").unlink()
    assert held_by(workspace, cookies) is None


def test_the_key_may_come_from_the_environment_if_nobody_can_guess_it(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECRET, "s" * 32)
    assert secret_key(workspace) == b"s" * 32
    assert not (workspace.root / ".access" / "secret").exists()
    monkeypatch.setenv(SECRET, "short")
    with pytest.raises(InputError, match="shorter than 32"):
        secret_key(workspace)


def test_a_broken_invitation_is_named_in_the_list_and_lets_nobody_in(workspace: Workspace) -> None:
    invite(workspace, "Li Wei", "reviewer")
    held = invitations(workspace)[0]
    cookies = cookies_of(workspace, held.id)
    (workspace.root / ".access" / f"{held.id}.json").write_text("{")
    assert held_by(workspace, cookies) is None
    with pytest.raises(InputError, match=rf"{held.id}\.json: .* invite the person again"):
        invitations(workspace)


def test_the_last_visit_is_remembered(workspace: Workspace) -> None:
    invite(workspace, "Li Wei", "reviewer")
    held = invitations(workspace)[0]
    assert last_seen(workspace, held) is None
    note_seen(workspace, held)
    seen = last_seen(workspace, held)
    assert seen is not None
    assert abs(seen - time.time()) < 60


def test_how_long_ago_is_said_in_words() -> None:
    say = Words("en")
    told = [seen_ago(say, seconds) for seconds in (None, 10, 60 * 59.9, 3600, 86_400 * 2.5)]
    assert told == ["not here yet", "here now", "here 59 minutes ago", "here 1 hour ago", "here 2 days ago"]


def test_a_lead_cannot_raise_anybody_above_themselves(here: Callable[..., Here]) -> None:
    allowed = {
        role: [given for given in ("reviewer", "lead", "owner") if may_manage(here(role), given)]  # type: ignore[arg-type]
        for role in ("reviewer", "lead", "owner")
    }
    assert allowed == {"reviewer": [], "lead": ["reviewer", "lead"], "owner": ["reviewer", "lead", "owner"]}


def test_an_email_has_the_role_that_the_file_gives_it(workspace: Workspace) -> None:
    assert read_access(workspace) == {}
    (workspace.root / "access.yaml").write_text("Li@Example.org: reviewer\nwang@example.org: lead\n")
    person = person_of(workspace, "li@example.org")
    assert person is not None
    assert (person.name, person.role) == ("li@example.org", "reviewer")
    assert person_of(workspace, "stranger@example.org") is None


def test_all_mistakes_of_the_access_file_are_told_at_once(workspace: Workspace) -> None:
    (workspace.root / "access.yaml").write_text("li@example.org: admin\nwang: lead\nok@example.org: lead\n")
    with pytest.raises(InputError, match=r"'li@example.org': 'admin'; 'wang': 'lead'; .*reviewer, lead, owner"):
        read_access(workspace)
    (workspace.root / "access.yaml").write_text("- li@example.org\n")
    with pytest.raises(InputError, match="expected lines such as"):
        read_access(workspace)


def people_page() -> None:
    import os
    from pathlib import Path

    from tunesmith.ui.here import Here, Person
    from tunesmith.ui.people import people
    from tunesmith.ui.words import Words
    from tunesmith.ui.workspace import Workspace

    role = os.environ["ROLE"]
    people(Here(Workspace(Path(os.environ["TUNESMITH_WORKSPACE"])), Person("me", role), Words("en")))  # type: ignore[arg-type]


@pytest.fixture
def people_of(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    def make(role: str = "owner", shared: str = "1") -> AppTest:
        monkeypatch.setenv(WORKSPACE, str(workspace.root))
        monkeypatch.setenv(SHARED, shared)
        monkeypatch.setenv("ROLE", role)
        return AppTest.from_function(people_page).run()

    return make


def test_alone_the_list_says_how_to_let_others_in(people_of: Callable[..., AppTest]) -> None:
    page = people_of(shared="0")
    assert "tunesmith app --shared" in page.code[0].value
    assert not page.button


def test_a_link_is_shown_once(workspace: Workspace, people_of: Callable[..., AppTest]) -> None:
    page = people_of()
    assert [caption.value for caption in page.caption] == ["Nobody is invited yet."]
    page.text_input(key="person_name_0").set_value(HOSTILE)
    page.button(key="person_make").click().run()
    link = page.code[0].value
    assert redeem(workspace, link.split("/join/")[1]) == invitations(workspace)[0]
    assert escaped(HOSTILE) in page.markdown[0].value
    assert page.text[0].value == HOSTILE
    assert page.text_input(key="person_name_1").value == ""
    page.button(key="person_done").click().run()
    assert not page.code
    assert not page.exception


def test_a_name_that_is_taken_is_told_beside_the_form(workspace: Workspace, people_of: Callable[..., AppTest]) -> None:
    invite(workspace, "Li Wei", "reviewer")
    page = people_of()
    page.text_input(key="person_name_0").set_value("Li Wei")
    page.button(key="person_make").click().run()
    assert "invited already" in page.error[0].value
    assert page.text_input(key="person_name_0").value == "Li Wei"
    assert len(invitations(workspace)) == 1


def test_nobody_is_invited_under_the_name_of_somebody_who_logs_in(
    workspace: Workspace, people_of: Callable[..., AppTest]
) -> None:
    (workspace.root / "access.yaml").write_text("Li@example.org: lead\n")
    page = people_of("lead")
    page.text_input(key="person_name_0").set_value("li@Example.org")
    page.button(key="person_make").click().run()
    assert "is somebody who logs in" in page.error[0].value
    assert invitations(workspace) == []


def test_revoking_is_one_press_and_moves_the_person_to_the_ended(
    workspace: Workspace, people_of: Callable[..., AppTest]
) -> None:
    invite(workspace, "Li Wei", "reviewer")
    held = invitations(workspace)[0]
    page = people_of("lead")
    page.button(key=f"revoke_{held.id}").click().run()
    assert invitations(workspace)[0].state == "revoked"
    assert page.expander[0].label == "1 ended invitation"


def test_a_lead_sees_the_owner_and_cannot_revoke_or_make_one(
    workspace: Workspace, people_of: Callable[..., AppTest]
) -> None:
    owner_link(workspace, "Wang")
    page = people_of("lead")
    assert page.text[0].value == "Wang"
    assert [button.key for button in page.button] == ["person_make"]
    assert page.radio(key="person_role").options == ["review", "review and lead (sees agreement, settles, exports)"]


def test_an_invitation_tells_nothing_but_what_it_says(workspace: Workspace) -> None:
    invite(workspace, "Li Wei", "lead", by="Wang")
    held = invitations(workspace)[0]
    content = json.loads((workspace.root / ".access" / f"{held.id}.json").read_text())
    assert sorted(content) == ["by", "created", "expires", "id", "name", "revoked", "role", "terminal", "token"]
    assert len(content["token"]) == 64


def test_a_name_is_the_same_however_its_letters_are_put_together(workspace: Workspace) -> None:
    invite(workspace, "Ren\u00e9", "reviewer")
    with pytest.raises(InputError, match="invited already"):
        invite(workspace, "Rene\u0301", "reviewer")
