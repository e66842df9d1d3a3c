"""Tokens that are mutated at random, and a client that sends many."""

from __future__ import annotations

import base64
import json
import random
import socket
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from identity.keys import Key, claims_of, encode, forge, header_of
from reliability.raw_http import BOUND, message

Mutate = Callable[[random.Random, bytes], bytes]

# What parsers stumble over.
AWKWARD: list[Any] = [
    *(
        None,
        True,
        0,
        -1,
        1.5,
        2**63,
        10**400,
        float("nan"),
        float("inf"),
        "",
        [],
        {},
        [[]],
        {"": ""},
    ),
    *(
        "none",
        "HS256",
        "RS512",
        "main",
        "\0",
        "\ud800",
        "日本",
        "../",
        "http://127.0.0.1:1/",
        "é" * 99,
    ),
]
NAMES = ["alg", "kid", "typ", "crit", "b64", "jku", "jwk", "x5u", "x5c", "cty", "zip", "enc", "a"]
REQUEST = message("GET /reader", "Authorization: Bearer %s")
CHARACTERS = b"ABCxyz012-_=+/.,:;!~ \t\"'{}[]\\%\x00\x7f\x80\xc3\xa9\xff"


def flip_bit(chance: random.Random, token: bytes) -> bytes:
    """Flip a bit of a character."""
    place = chance.randrange(len(token))
    return token[:place] + bytes([token[place] ^ 1 << chance.randrange(8)]) + token[place + 1 :]


def flip_decoded_bit(chance: random.Random, token: bytes) -> bytes:
    """Flip a bit of what a part says."""
    parts = token.split(b".")
    number = chance.randrange(len(parts))
    data = bytearray(base64.urlsafe_b64decode(parts[number] + b"=="))
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    parts[number] = encode(bytes(data))
    return b".".join(parts)


def swap_parts(chance: random.Random, token: bytes) -> bytes:
    """Repeat, drop and reorder the parts."""
    parts = token.split(b".")
    return b".".join(chance.choices([*parts, b""], k=chance.randrange(6)))


def change_header(chance: random.Random, token: bytes) -> bytes:
    """Give a member of the header a value that nobody expects."""
    header, _, rest = token.partition(b".")
    members = json.loads(base64.urlsafe_b64decode(header + b"=="))
    members[chance.choice(NAMES)] = chance.choice(AWKWARD)
    return encode(json.dumps(members).encode()) + b"." + rest


def change_claims(chance: random.Random, token: bytes) -> bytes:
    """Give a claim a value that nobody signed."""
    header, payload, signature = token.split(b".")
    claims = json.loads(base64.urlsafe_b64decode(payload + b"=="))
    claims[chance.choice([*claims, "nbf", "roles", "typ"])] = chance.choice([*AWKWARD, "admin"])
    return b".".join([header, encode(json.dumps(claims).encode()), signature])


def cut(chance: random.Random, token: bytes) -> bytes:
    """Cut off the end, or take out the middle."""
    first, last = sorted(chance.choices(range(len(token)), k=2))
    return token[:first] if chance.random() < 0.5 else token[:first] + token[last:]


def insert(chance: random.Random, token: bytes) -> bytes:
    """Put in some characters, such as padding."""
    place = chance.randrange(len(token) + 1)
    return (
        token[:place] + bytes(chance.choices(CHARACTERS, k=chance.randrange(1, 5))) + token[place:]
    )


def pad(chance: random.Random, token: bytes) -> bytes:
    """Pad the parts, or spell their last character in another way that decodes alike."""
    parts = token.split(b".")
    number = chance.randrange(len(parts))
    changed = parts[number]
    if chance.random() < 0.5:
        changed += b"=" * chance.randrange(1, 4)
    else:
        changed = changed[:-1] + bytes([changed[-1] + chance.choice([-2, -1, 1, 2])])
    parts[number] = changed
    return b".".join(parts)


def scramble(chance: random.Random, token: bytes) -> bytes:
    """Change many characters."""
    data = bytearray(token)
    for place in chance.choices(range(len(data)), k=chance.randrange(2, 40)):
        data[place] = chance.choice(CHARACTERS)
    return bytes(data)


# These want a whole token; the others take any bytes.
WHOLE: list[Mutate] = [flip_decoded_bit, swap_parts, change_header, change_claims, pad]
BYTES: list[Mutate] = [flip_bit, cut, insert, scramble]


def mutants(seed: int, count: int, keys: list[Key], issuer: str) -> Iterator[bytes]:
    """Give tokens that the issuer has not signed: good ones, mutated once or a few times."""
    chance = random.Random(seed)  # noqa: S311
    goods = [forge(key, header_of(key), claims_of(issuer)) for key in keys]
    while count:
        token = chance.choice([*WHOLE, *BYTES])(chance, chance.choice(goods))
        for mutate in chance.choices(BYTES, k=chance.choice([0, 0, 0, 1, 2])):
            token = mutate(chance, token or b"A")
        if token.strip(b" \t") not in goods:
            count -= 1
            yield token


def send(host: tuple[str, int], tokens: Iterable[bytes]) -> list[int]:
    """Send tokens one after the other; return the statuses of the answers."""
    with Sender(host) as sender:
        return [sender.status(token) for token in tokens]


class Sender:
    """A client that keeps its connection, and may put any bytes in a header."""

    def __init__(self, host: tuple[str, int]) -> None:
        self._host = host

    def __enter__(self) -> Sender:
        self._socket = socket.create_connection(self._host, BOUND)
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def status(self, token: bytes) -> int:
        """Send a token, and return the status of the answer."""
        self._socket.sendall(REQUEST % token)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self._receive()
        top, _, body = answer.lower().partition(b"\r\n\r\n")
        if b"connection: close" in top:
            self._socket.close()
            self.__enter__()
        else:
            _, _, length = top.partition(b"content-length: ")
            missing = int(length.split(b"\r\n")[0]) - len(body)
            while missing > 0:
                missing -= len(self._receive())
        return int(top.split(b" ")[1])

    def _receive(self) -> bytes:
        data = self._socket.recv(65_536)
        assert data, "the server closed the connection without an answer"
        return data
