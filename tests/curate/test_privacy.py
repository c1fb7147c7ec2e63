"""Private data: what is found, and what only looks like it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tunesmith.curate.privacy import find_private, may_hold_private, private_kinds

HITS = [
    ("请联系13800138000", "phone", "+8613800138000"),
    ("有问题找我13912345678", "phone", "+8613912345678"),
    ("手机：+86 138 0013 8000", "phone", "+8613800138000"),
    ("0086-13800138000", "phone", "+8613800138000"),
    ("138-0013-8000，姓林", "phone", "+8613800138000"),
    ("手机１３８００１３８０００", "phone", "+8613800138000"),
    ('{"phone": "13800138000"}', "phone", "+8613800138000"),
    ("phone=13800138000", "phone", "+8613800138000"),
    ("座机010-62345678转801", "phone", "+861062345678"),
    ("（0571）88888888", "phone", "+8657188888888"),
    ("公司电话02164321234", "phone", "+862164321234"),
    ("广州办公室 020 8123 4567", "phone", "+862081234567"),
    ("call 202.555.0143 now", "phone", "+12025550143"),
    ("Call me at (415) 555-2671.", "phone", "+14155552671"),
    ("415-555-2671 is mine", "phone", "+14155552671"),
    ("tel: 020 7946 0958", "phone", "+442079460958"),
    ("ring me on 07911 123456", "phone", "+447911123456"),
    ("+44 20 7946 0958 is the office", "phone", "+442079460958"),
    ("reach us: +49 30 901820 5 days a week", "phone", "+4930901820"),
    ("身份证11010519491231002X", "resident_id", "11010519491231002X"),
    ("号码 110105 19491231 002x", "resident_id", "11010519491231002X"),
    ("身份证：110105491231002", "resident_id", "11010519491231002X"),
    ("卡号6222021234567890128", "bank_card", "6222021234567890128"),
    ("4111 1111 1111 1111", "bank_card", "4111111111111111"),
    ("4111-1111-1111-1111", "bank_card", "4111111111111111"),
    ("5555555555554444 credit card", "bank_card", "5555555555554444"),
    ("3782 822463 10005", "bank_card", "378282246310005"),
    ("护照号E12345678", "passport", "E12345678"),
    ("Passport No.: EA1234567", "passport", "EA1234567"),
    ("passport number: 123456789", "passport", "123456789"),
    ("发到li.lei+work@mail.example.com谢谢", "email", "li.lei+work@mail.example.com"),
    ("联系邮箱Zhang_San@163.com。", "email", "zhang_san@163.com"),
    ("登录IP是123.125.71.38", "ip", "123.125.71.38"),
    ("from 203.0.113.77 at night", "ip", "203.0.113.77"),
    ("2001:0db8::8A2e:370:7334", "ip", "2001:db8::8a2e:370:7334"),
    ("寄到上海市浦东新区世纪大道100号15楼", "address", "上海市浦东新区世纪大道100号15楼"),
    ("我家住在幸福小区3栋2单元501室", "address", "幸福小区3栋2单元501室"),
    ("家庭住址：文三路478号", "address", "文三路478号"),
    ("She lives at 742 Evergreen Terrace, Springfield.", "address", "742evergreenterrace"),
    ("Apt 4B, 350 Fifth Ave", "address", "apt4b350fifthave"),
    ("1600 Pine Parkway, Mountain View, CA 94043", "address", "1600pineparkwaymountainviewca94043"),
    ("AKIAIOSFODNN7EXAMPLE", "api_key", "AKIAIOSFODNN7EXAMPLE"),
    ("token hf_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789", "api_key", "hf_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789"),
    ("用glpat-AbC1dEfGhIjKlMnOpQrS登录", "api_key", "glpat-AbC1dEfGhIjKlMnOpQrS"),
    ("ghp_16C7e42F292c6912E7710c838347Ae178B4a", "api_key", "ghp_16C7e42F292c6912E7710c838347Ae178B4a"),
    ("AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY", "api_key", "AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY"),
    ("xoxb-123456789012-AbCdEfGhIjKlMnOpQrStUvWx", "api_key", "xoxb-123456789012-AbCdEfGhIjKlMnOpQrStUvWx"),
    ("sk-proj-AbCdEf1234567890GhIjKlMnOpQr", "api_key", "sk-proj-AbCdEf1234567890GhIjKlMnOpQr"),
    ("eyJhbGciOiJI.eyJzdWIiOiIxMjM0NTY3.SflKxwRJSMeKKF2QT4fw", "api_key",
     "eyJhbGciOiJI.eyJzdWIiOiIxMjM0NTY3.SflKxwRJSMeKKF2QT4fw"),
    ("-----BEGIN PRIVATE KEY-----\n" + "MIIEowIB" * 8 + "\n-----END PRIVATE KEY-----", "private_key", "MIIEowIB" * 8),
    ("-----BEGIN OPENSSH PRIVATE KEY-----\n" + "b3BlbnNz" * 8, "private_key", "b3BlbnNz" * 8),
]  # fmt: skip

LOOK_ALIKES = [
    "订单号 20250618137004412287，付款六天了",
    "订单号13812345678还没到",
    "order 4111111111111111 shipped",
    "tracking number 1380 0138 000",
    "Is 978-1-23456-789-7 a valid ISBN-13?",
    "ISBN 7-302-12345-X 与 ISBN 0-306-40615-2",
    "ISSN 1234-5679",
    "条码 6901234567892",
    "EAN 4006381333931",
    "$13579135791$ 能不能被 $3$ 整除？",
    "13579135791 是不是素数",
    "15678943210 + 2 = 15678943212",
    "the integer 18446744073709551616",
    "2^63-1 = 9223372036854775807",
    "$4111111111111111 \\times 2$",
    "x = 4000000000000002",
    "134 - 6778576 = -16666579378",
    "123456789012345678 不是身份证",
    "11010519491231002Y 与 110105194912310021",
    "π = 3.14159265358979323846264338327950288",
    "3.1415 9265 3589 7932 3846",
    "sha1 da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "md5: 13800138000e99800998ecf8427e1234",
    "550e8400-e29b-41d4-a716-446655440000",
    "version 1.2.3.4 and v4.12.130.3, 版本 10.20.130.200",
    "Which router firmware is newer, 10.2.9.8 or 10.2.14.3?",
    "3.14.15.92",
    "192.168.1.1, 127.0.0.1, 0.0.0.0, 255.255.255.0, 8.8.8.8",
    "300.1.2.3 and 203.0.113.0/24",
    "12:30:45 and 2024-01-15 13:45:00 and std::vector and a::b",
    "00:1A:2B:3C:4D:5E",
    "2024-01-15, 2024/01/15, 20240115, 1700000000, 1700000000000",
    "2019-2020 2021-2022",
    "$1,380,013,800.00 und 1 380 013 800 €",
    "scp file user@localhost:/tmp, ssh root@myhost",
    "git@github.com:user/repository.git",
    "icon@2x.png, lodash@4.17.21, @app.route('/x'), a@b.dot(c)",
    "your_email@example.com",
    "ftp://username:password@ftp.example.com/",
    "sk-your-api-key-goes-here-0000000000",
    "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx and ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "risk-based task-oriented-scheduling-of-12-jobs and sk-learn-pipeline-with-3-steps",
    "A key begins with -----BEGIN PRIVATE KEY----- and ends with -----END PRIVATE KEY-----",
    "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA\n-----END PUBLIC KEY-----",
    "南京路是上海最有名的路，全长1033米",
    "沿着幸福路3号线走",
    "第3号文件，2号选手，方案1号",
    "10 Wall Street Journals and 42nd Street",
    "In 1995 Supreme Court ruled; 15 Maiden Lane (1936)",
    "E12345678 is a part",
    "客服热线 400-820-8820，报警 110",
    r"\frac{13800138000}{2} = 6900069000",
    "https://example.com/item/13812345678.html?id=13812345678",
    "123-456-7890",
]


@pytest.mark.parametrize(("text", "kind", "normal"), HITS)
def test_a_private_value_is_found_in_its_canonical_form(text: str, kind: str, normal: str) -> None:
    assert [(found.kind, found.normal) for found in find_private(text)] == [(kind, normal)]


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_a_look_alike_is_left_alone(text: str) -> None:
    assert find_private(text) == ()


def test_the_kind_named_first_keeps_an_overlapping_span() -> None:
    text = "https://sk-AbCdEf1234567890GhIjKl@example.com"
    assert {found.kind for found in find_private(text)} == {"api_key"}


def test_plain_prose_is_not_marked_for_the_slow_checks() -> None:
    assert not may_hold_private("他有 12 个苹果，吃了 5 个，还剩 7 个。The answer is 42, or 3.14 (see page 7).")


def test_the_kinds_of_a_row_are_those_of_its_texts() -> None:
    assert private_kinds(["a@b.example", "无", "13800138000"]) == {"email", "phone"}


SAMPLE = Path(__file__).parents[2] / "data"
PLANTED = {
    "medical_zh": {87: {"phone"}, 101: {"address"}, 258: {"resident_id"}},
    "general": {
        12: {"email", "phone"}, 46: {"phone"}, 330: {"passport"}, 409: {"api_key"}, 530: {"ip"}, 608: {"address"},
        750: {"private_key"}, 811: {"bank_card"},
    },
}  # fmt: skip


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


def _rows(name: str) -> Iterator[tuple[int, Any]]:
    with (SAMPLE / f"{name}.jsonl").open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield number, json.loads(line)
            except ValueError:  # planted: a line that is no JSON
                continue


@pytest.mark.parametrize("name", PLANTED)
def test_the_sample_holds_the_planted_values_and_no_others(name: str) -> None:
    found = {number: set(private_kinds(_texts(row))) for number, row in _rows(name)}
    assert {number: kinds for number, kinds in found.items() if kinds} == PLANTED[name]


# Real rows, read one by one: e-mail addresses and addresses in made-up tool calls and requests.
REAL = {"alpaca_zh_demo.json": 0, "alpaca_en_demo.json": 2, "huatuo_med_zh.json": 0, "gsm8k_train.jsonl": 0}


@pytest.mark.parametrize("name", REAL)
def test_real_rows_have_no_more_findings_than_a_reader_confirmed(shared_data: Path, name: str) -> None:
    text = (shared_data / name).read_text(encoding="utf-8")
    rows = json.loads(text) if text.lstrip().startswith("[") else [json.loads(line) for line in text.splitlines()]
    assert sum(bool(private_kinds(_texts(row))) for row in rows) == REAL[name]
