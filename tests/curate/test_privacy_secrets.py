"""Keys: the shapes of the services, names and headers before a key, and what is only a name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.curate.privacy import find_private

_MIXED = "QdUFHyLewUIKUeZpnYaKSVaRbGTmXWcJoP"  # 34 letters, no digit
_HEX = "8f14e45fceea167a5a36dedd4bea2543"

KEYS = [
    f"hf_{_MIXED}",
    f"gho_{_MIXED}Ab",
    f"glpat-{_MIXED[:20]}",
    f"npm_{_MIXED}Ab",
    f"sk-{_MIXED}AbCdeFgHiJkLmN",
    f"sk-{_HEX}",
    f"r8_{_MIXED}AbC",
    f"key-{_HEX}",
    f"SK{_HEX}",
    f"1234567891:AA{_MIXED[:33]}",
    f"dop_v1_{_HEX}{_HEX}",
    f"pk_test_{_MIXED[:24]}",
    f"{_HEX}.{_MIXED[:16]}",
    f"sk-or-v1-{_HEX}{_HEX}",
    "sk-ant-api03-a7-B_cD-e9F_gH-i2J_kL-m4N_oP",
]
NAMED = [
    'api_key = "{}"',
    "API_KEY='{}'",
    "Authorization: Bearer {}",
    '{{"access_token": "{}"}}',
    "aws_secret_access_key = {}",
    "X-API-Key: {}",
    "我的密钥是{}，别外传",
    "my secret key is {} ok",
]
NO_KEYS = [
    "token = tokenizer.encode(text)",
    'secret = os.environ["SECRET_KEY"]; api_key = "YOUR_API_KEY"',
    'api_key="your_api_key_1234567890abcdef"; API_KEY = "abcdefghijklmnopqrstuvwxyz123456"',
    "hf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx and hf_abcdefghijklmnopqrstuvwxyzabcdefgh",
    "Authorization: Bearer <token> or Bearer YOUR_ACCESS_TOKEN_HERE",
    "The secret is counterrevolutionaries1",
    "secret: /usr/local/share/python3/site-packages",
    'private_key_path = "/home/user/certs/server2023/privkey1"',
    "commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "secret_santa_for_the_whole_department_2023, fw_update_available_for_device_12",
    "sk_buff_clone_with_frag_list_1, co_authors_and_other_people_of_2020_and_2021",
]


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("around", ["{}", "export KEY={}\n", "我的是{}。", "use `{}`, please"])
def test_a_key_of_a_service_is_found_with_digits_or_without(key: str, around: str) -> None:
    assert [(one.kind, one.value) for one in find_private(around.format(key))] == [("api_key", key)]


@pytest.mark.parametrize("around", NAMED)
@pytest.mark.parametrize("key", [_HEX, _MIXED, "Zx81mQp0Ls72kdY4Tn6B"])
def test_a_key_of_no_known_shape_is_found_by_its_name(around: str, key: str) -> None:
    assert [(one.kind, one.value) for one in find_private(around.format(key))] == [("api_key", key)]


@pytest.mark.parametrize("text", NO_KEYS)
def test_names_paths_and_what_is_to_be_filled_in_are_no_keys(text: str) -> None:
    assert find_private(text) == ()


@given(st.text("abcdefghijklmnopqrstuvwxyz-_ ", max_size=200))
def test_words_of_small_letters_hold_no_named_key(text: str) -> None:
    assert not [one for one in find_private(f"api_key: {text}") if one.value in text.split(" ")[0]]
