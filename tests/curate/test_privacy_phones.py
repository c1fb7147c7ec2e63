"""Phone numbers of many countries: found where words lead up to them, and not where the words count something else."""

from __future__ import annotations

import pytest

from tunesmith.curate.privacy import find_private
from tunesmith.curate.privacy_plans import in_plan, in_some_plan

NUMBERS = {
    "(415) 555-2671": "+14155552671",
    "415.555.2671": "+14155552671",
    "4155552671": "+14155552671",
    "020 7946 0958": "",
    "07700 900123": "+447700900123",
    "01632 960 001": "+441632960001",
    "+44 (0)20 7946 0958": "+442079460958",
    "0044 20 7946 0958": "+442079460958",
    "06 12 34 56 78": "+33612345678",
    "0171/2345678": "+491712345678",
    "0412 345 678": "+61412345678",
    "98450 12345": "",
    "612 345 678": "",
    "087 123 4567": "",
    "090-1234-5678": "",
    "(11) 98765-4321": "+5511987654321",
    "9123 4567": "",
    "555-0123": "5550123",
}
LEADS = [
    "My number is {}.",
    "Text my sister on {} before nine.",
    "Reach him at {} after lunch.",
    "Please ring {} and ask for Tom.",
    "WhatsApp me: {}",
    "The landlord's number is {}, if it matters.",
    "Mum's number hasn't changed: {}",
    "My cell is dead, use {} instead.",
    "If I am out, try my office line: {}.",
    "{} is my mobile, don't share it.",
    "Add {} to my contacts as Ben.",
    "她的电话号码是{}，别告诉别人",
]
CLEAR = ["Our plumber, Mr. Hale ({}), is great.", "I lost my old card, so save {} for me."]

LOOK_ALIKES = [
    "Order number 0207946095 went to my phone shop",
    "The score was 3-2, then 21-19, 19-21, 21-17; call it 2020-07-14.",
    "Call me on 14/07/2020 or 2020-07-14 or 2020.07.14 at 10:30.",
    "Ring me between 2010-2015 about version 1.14.3.2211",
    "The phone costs 12 345 678 won and its battery lasts 1234567 minutes.",
    "My number is prime: 1299709 times 104729.",
    "The population we can reach is 12 345 678, at 48.8566, 2.3522.",
    "text 3: call f(12345678) returns 87654321",
    "mobile subscribers 913 042 247 in 2012",
    "my student number is 20183456789, my account number is 0412 345 678",
    "phone number: 123-456-7890, 000-000-0000, 1234567890 or XXX-XXX-XXXX",
    "call the method with id 4155552671; message 4155552671 was deleted",
    "My sister texted at 10 15 20 25, contact time 12 24 36 48 60",
    "GPS 51.5074 0.1278 phone home",
    "signal at 1575 4200 Hz",
    "ISBN 978 0 306 40615 7, a phone book",
    "The cell has 1200 3400 5600 counts; cell line 2938 4756, line 1023 4567",
    "the number of followers remaining is 465000-20000 = 445000",
    "The number of graduates is 6000-950-300=4750",
    "电话费 12345678 元，手机销量 2345 6789 台，手机型号 2345-6789",
    "联系时间 2020-07-14，客服热线 400-820-8820",
]


@pytest.mark.parametrize("lead", LEADS)
@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_of_any_country_is_found_where_words_lead_up_to_it(lead: str, number: str) -> None:
    found = find_private(lead.format(number))
    assert [one.kind for one in found] == ["phone"]
    assert NUMBERS[number] in ("", found[0].normal)


@pytest.mark.parametrize("text", CLEAR)
@pytest.mark.parametrize("number", ["(415) 555-2671", "415-555-2671", "415.555.2671", "020 7946 0958", "07700 900123"])
def test_american_and_british_numbers_in_their_own_spelling_need_no_word(text: str, number: str) -> None:
    assert [one.value for one in find_private(text.format(number))] == [number]


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_dates_sums_scores_and_counts_near_the_words_of_phones_are_left_alone(text: str) -> None:
    assert find_private(text) == ()


def test_an_extension_does_not_hide_its_number() -> None:
    assert [one.value for one in find_private("call 415-555-2671x305")] == ["415-555-2671"]


def test_two_numbers_of_different_forms_are_found_in_either_order() -> None:
    for text in ("07700 900123 or +44 20 7946 0958", "+44 20 7946 0958 or 07700 900123"):
        assert len(find_private(f"Call {text}")) == 2


def test_the_plan_that_writes_a_number_so_is_preferred() -> None:
    assert in_some_plan("020 8123 4567") == "+442081234567"
    assert in_some_plan("0912-345-678", as_written=True) == "+886912345678"
    assert in_some_plan("09 12 34 5678", as_written=True) == ""
    assert (in_plan("07700 900123", "GB"), in_plan("123-456-7890", "US")) == ("+447700900123", "")


@pytest.mark.parametrize(
    ("text", "value", "normal"),
    [
        ("1380-013-8000", "1380-013-8000", "+8613800138000"),
        ("就打138.0013.8000", "138.0013.8000", "+8613800138000"),
        ("电话138—0013—8000", "138—0013—8000", "+8613800138000"),
        ("老板手机号1 3 8 0 0 1 3 8 0 0 0", "1 3 8 0 0 1 3 8 0 0 0", "+8613800138000"),
        ("传真：0755-26001234-802", "0755-26001234-802", "+8675526001234"),
        ("公司010-65529988转801", "010-65529988转801", "+861065529988"),
        ("办公室电话是65529988", "65529988", "65529988"),
    ],
)
def test_a_chinese_number_is_found_in_every_spelling(text: str, value: str, normal: str) -> None:
    assert [(found.value, found.normal) for found in find_private(text)] == [(value, normal)]


def test_two_numbers_with_a_bar_between_are_both_found() -> None:
    values = [found.value for found in find_private("联系电话：13800138000/13900139000")]
    assert values == ["13800138000", "13900139000"]


@pytest.mark.parametrize(
    "text", ["1 3 8 0 0 1 3 8 0 0 0 是一个数列", "订单13800138000/13900139000", "电话会议有2500000人"]
)
def test_digits_in_such_spellings_that_are_no_number_stay(text: str) -> None:
    assert find_private(text) == ()
