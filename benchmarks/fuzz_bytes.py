"""Bytes made wrong: the mutations of the fuzzing benchmark, each a plain function of the bytes and a random source.

>>> mutated(b'{"text": "hello"}', Random(7), [b"spliced"])
b'{"text": "hel"hel"hello"}'
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

#: What readers and kernels trip over: marks of encodings, halves of letters, signs of JSON, CSV and YAML, big numbers.
TOKENS = (
    *(b"\x00", b"\xff", b"\xfe\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\xff\xfe\x00\x00", b"\x80", b"\xc0\x80", b"\xc3"),
    *(b"\xe4\xb8", b"\xed\xa0\x80", b"\xed\xb0\x80", b"\xed\xa0\xbd\xed\xb8\x80", b"\xf4\x90\x80\x80", b"\xf0\x9f\x98"),
    *(b"\xe2\x80\xa8", b"\xe2\x80\x8b", b"\xcc\x81", b"\xe0\xb8\xb3", b"\xc2\x85", b"\xf0\xa0\x80\x80", b"\xb0\xa1"),
    *(b"\r", b"\n", b"\r\n", b"\n\r", b"\n\n", b"\t", b"\x0b", b"\x0c", b"\x1c", b"\x1f", b"\x7f", b" ", b'"', b'""'),
    *(b"'", b",", b";", b":", b": ", b"- ", b"[", b"]", b"{", b"}", b"\\", b'\\"', b"\\u0000", b"\\ud800", b"\\udc00"),
    *(b"[" * 9, b"]" * 9, b'{"a":' * 9, b"[{", b"}]", b"},", b"null", b"true", b"false", b"NaN", b"Infinity", b"-0"),
    *(b"1e999", b"1e-999", b"0.1", b"9" * 19, b"9" * 40, b"-9223372036854775809", b"18446744073709551616", b"1_000"),
    *(b"`", b"```", b"~~~", b"$", b"$$", b"\\(", b"\\[", b"<", b"</", b"<think>", b"</think>", b"http://", b"www."),
    *(b"&", b"*", b"!", b"!!", b"!!python/object:os.system", b"%", b"@", b"#", b"|", b"|-", b">", b"<<: *a", b"&a "),
    *(b"---",),
    *(b"1. ", b"= ", b"==", b"and ", b"not ", b"(", b")", b"lambda:", b"__import__", b"{{", b"}}", b"{{name}}"),
)  # fmt: skip
_LONGEST = 1 << 16
_HUGE = 1 << 18


def mutated(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    """The bytes after one to eight mutations; `others` are what may be spliced in."""
    for _ in range(min(int(random.expovariate(0.6)) + 1, 8)):
        data = random.choice(_MUTATIONS)(data, random, others)
        data = data[:_LONGEST]
    return repeated_hugely(data, random) if random.random() < 0.0005 else data


def repeated_hugely(data: bytes, random: Random) -> bytes:
    """A run of a quarter of a megabyte within the bytes: what takes time beyond the length shows here."""
    start, end = _span(data, random, 40)
    piece = data[start:end] or random.choice(TOKENS)
    return data[:start] + piece * (_HUGE // len(piece)) + data[end:]


def _span(data: bytes, random: Random, most: int) -> tuple[int, int]:
    start = random.randrange(len(data) + 1)
    return start, min(len(data), start + random.randrange(most + 1))


def _flip(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    if not data:
        return b"\x01"
    place = random.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << random.randrange(8)]) + data[place + 1 :]


def _put(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    start, end = _span(data, random, 2)
    return data[:start] + bytes([random.randrange(256)]) + data[end:]


def _insert(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    place = random.randrange(len(data) + 1)
    return data[:place] + random.choice(TOKENS) + data[place:]


def _begin(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    return random.choice(TOKENS) + data


def _delete(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    start, end = _span(data, random, random.choice((1, 4, 40)))
    return data[:start] + data[end:]


def _double(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    start, end = _span(data, random, random.choice((4, 40, 400)))
    return data[:end] + data[start:end] * random.choice((1, 1, 1, 2, 30)) + data[end:]


def _splice(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    other = random.choice(others)
    return data[: random.randrange(len(data) + 1)] + other[random.randrange(len(other) + 1) :]


def _truncate(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    return data[: random.randrange(len(data) + 1)]


def _mix_line_ends(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    lines = data.split(b"\n")
    return b"".join(line + random.choice((b"\n", b"\r\n", b"\r", b"\n\n", b"")) for line in lines[:400])


def _swap(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    first, middle = sorted((random.randrange(len(data) + 1), random.randrange(len(data) + 1)))
    return data[middle:] + data[first:middle] + data[:first]


Mutation = Callable[[bytes, Random, Sequence[bytes]], bytes]
_MUTATIONS: tuple[Mutation, ...] = (
    *(_flip, _put, _insert, _insert, _insert, _begin, _delete, _delete, _double),
    *(_splice, _truncate, _mix_line_ends, _swap),
)
