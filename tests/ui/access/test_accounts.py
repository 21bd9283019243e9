"""Passwords, keys and sessions, and the file that they are kept in."""

from __future__ import annotations

import json
import stat
import time
from pathlib import Path

import pytest
from itsdangerous import base64_encode
from itsdangerous.encoding import int_to_bytes

from index.errors import WrongUse
from ui.access import passwords
from ui.access.accounts import Accounts

PASSWORD = "correct horse"


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cost is in every hash, so the cheap ones are checked as they were made."""
    monkeypatch.setattr(passwords._scrypt, "__defaults__", (16, 8, 1))
    for name, value in {"_COST": 16, "_PARALLEL": 1}.items():
        monkeypatch.setattr(passwords, name, value)


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    made = Accounts(tmp_path / "people" / "accounts.json")
    made.add("ann", PASSWORD)
    return made


def test_a_hash_is_salted_and_holds_its_cost() -> None:
    one, other = passwords.hash_password(PASSWORD), passwords.hash_password(PASSWORD)
    assert one != other
    assert one.startswith("scrypt:16:8:1:")
    assert passwords.is_password(PASSWORD, one)
    assert not passwords.is_password("correct horsf", one)


def test_the_real_cost_takes_32_megabytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    kept = passwords.hash_password(PASSWORD)
    _, cost, block, parallel, *_ = kept.split(":")
    assert (128 * int(cost) * int(block), int(parallel)) == (32 * 2**20, 3)
    assert passwords.is_password(PASSWORD, kept)
    assert passwords.NOBODY.split(":")[:4] == kept.split(":")[:4]


def test_a_short_password_is_refused(accounts: Accounts) -> None:
    with pytest.raises(WrongUse, match="fewer than 8 characters"):
        accounts.add("bob", "short")
    assert list(accounts.people) == ["ann"]


def test_only_the_right_name_and_password_fit(accounts: Accounts) -> None:
    assert accounts.is_password("ann", PASSWORD)
    assert not accounts.is_password("ann", PASSWORD.upper())
    assert not accounts.is_password("bob", PASSWORD)
    assert not accounts.is_password("ann", "")


def test_a_key_acts_as_its_person_and_is_not_kept(accounts: Accounts) -> None:
    key, other = accounts.add_key("ann"), accounts.add_key("robot")
    assert (accounts.of_key(key), accounts.of_key(other)) == ("ann", "robot")
    assert accounts.of_key(key[:-1]) is None
    assert accounts.of_key("") is None
    assert len(key) > 43
    content = accounts.path.read_text()
    assert key not in content
    assert PASSWORD not in content
    assert accounts.drop_keys("ann") == 1
    assert (accounts.of_key(key), accounts.of_key(other)) == (None, "robot")


def test_who_has_a_key_and_no_password_cannot_log_in(accounts: Accounts) -> None:
    accounts.add_key("robot")
    for guess in ("", "x", PASSWORD):
        assert not accounts.is_password("robot", guess)
    assert accounts.of_session(passwords.session("robot", "")) is None


def test_a_new_password_keeps_keys_and_ends_sessions(accounts: Accounts) -> None:
    key, token = accounts.add_key("ann"), accounts.session("ann")
    assert accounts.of_session(token) == "ann"
    accounts.add("ann", "another password")
    assert accounts.of_session(token) is None
    assert accounts.of_key(key) == "ann"
    assert accounts.is_password("ann", "another password")


def test_whoever_is_removed_is_out_at_once(accounts: Accounts) -> None:
    key, token = accounts.add_key("ann"), accounts.session("ann")
    served = Accounts.open(accounts.path)
    assert (served.of_key(key), served.of_session(token)) == ("ann", "ann")
    accounts.remove("ann")
    assert (served.of_key(key), served.of_session(token)) == (None, None)
    assert not served.is_password("ann", PASSWORD)
    with pytest.raises(WrongUse, match=r"Nobody in .* is called 'ann'"):
        accounts.remove("ann")


def test_a_file_that_vanishes_or_breaks_lets_nobody_in(accounts: Accounts) -> None:
    key = accounts.add_key("ann")
    served = Accounts.open(accounts.path)
    good = accounts.path.read_text()
    accounts.path.unlink()
    assert served.of_key(key) is None
    accounts.path.write_text("{")
    assert served.of_key(key) is None
    accounts.path.write_text(good)
    assert served.of_key(key) == "ann"


@pytest.mark.parametrize("change", ["name", "made", "signature", "none", "empty"])
def test_a_changed_session_is_none(accounts: Accounts, change: str) -> None:
    accounts.add("bob", PASSWORD)
    name, made, signature = accounts.session("ann").split(".")
    bob = accounts.session("bob").split(".")[0]
    earlier = base64_encode(int_to_bytes(int(time.time()) - 1)).decode()
    changed = {
        "name": f"{bob}.{made}.{signature}",
        "made": f"{name}.{earlier}.{signature}",
        "signature": f"{name}.{made}.{'0' if signature[0] != '0' else '1'}{signature[1:]}",
        "none": "é.é.é",
        "empty": "",
    }
    assert accounts.of_session(changed[change]) is None


def test_a_session_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000.0
    monkeypatch.setattr(time, "time", lambda: now)
    token = passwords.session("ann", "kept")
    now += passwords.SESSION_SECONDS
    assert passwords.is_session(token, "kept")
    assert not passwords.is_session(token, "another")
    now += 1
    assert not passwords.is_session(token, "kept")


def test_only_its_owner_may_read_the_file(accounts: Accounts) -> None:
    assert stat.S_IMODE(accounts.path.stat().st_mode) == 0o600
    assert [path.name for path in accounts.path.parent.iterdir()] == ["accounts.json"]


@pytest.mark.parametrize("name", ["", "a b", "a/b", "a\n", "x" * 65, "<b>"])
def test_names_that_will_not_do(accounts: Accounts, name: str) -> None:
    for act in (lambda: accounts.add(name, PASSWORD), lambda: accounts.add_key(name)):
        with pytest.raises(WrongUse, match="is no name"):
            act()


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"people": {"ann": "x"}}', '{"people": {"ann": {"password": "x"}}}']
)
def test_a_file_of_something_else_is_reported(tmp_path: Path, content: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(content)
    with pytest.raises(WrongUse, match="is no file of accounts"):
        Accounts.open(path)
    with pytest.raises(WrongUse, match="is no file of accounts"):
        Accounts(path).add("ann", PASSWORD)
    assert path.read_text() == content


@pytest.mark.parametrize("kept", ["secret", "scrypt:16:8:1:00:00", "bcrypt:16:8:1:" + "00" * 16 + ":" + "00" * 32])
def test_a_damaged_hash_is_reported_and_can_be_replaced(accounts: Accounts, kept: str) -> None:
    accounts.add("bob", PASSWORD)
    people = json.loads(accounts.path.read_text())
    people["people"]["ann"]["password"] = kept
    accounts.path.write_text(json.dumps(people))
    with pytest.raises(WrongUse, match=r"The password of 'ann' in .* is damaged.*clippings auth add ann --auth FILE"):
        Accounts.open(accounts.path)
    accounts.add("ann", PASSWORD)
    assert Accounts.open(accounts.path).is_password("ann", PASSWORD)


def test_a_hash_that_is_damaged_while_serving_fits_no_password_and_is_logged(
    accounts: Accounts, caplog: pytest.LogCaptureFixture
) -> None:
    """With a cost that is no power of two, which has the form of a hash, too."""
    for kept in ("secret", "scrypt:15:8:1:" + "00" * 16 + ":" + "00" * 32):
        caplog.clear()
        accounts.path.write_text(json.dumps({"people": {"ann": {"password": kept, "keys": []}}}))
        assert not accounts.is_password("ann", PASSWORD)
        (said,) = caplog.messages
        assert said.startswith(f"The password of 'ann' in {accounts.path} is damaged")
        assert kept not in said


def test_serving_needs_a_file_with_somebody_in_it(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match=r"cannot be read: No such file .*clippings auth add"):
        Accounts.open(tmp_path / "none.json")
    (tmp_path / "empty.json").write_text(json.dumps({"people": {}}))
    with pytest.raises(WrongUse, match="Nobody is in"):
        Accounts.open(tmp_path / "empty.json")
