"""Files with some bytes changed, for tests of readers."""

from __future__ import annotations

import random

from hypothesis import strategies as st


@st.composite
def damaged(draw: st.DrawFn, good: bytes) -> bytes:
    """`good` with some bytes changed, put in or cut out."""
    data = bytearray(good)
    chance = random.Random(draw(st.integers(0, 2**32)))
    for _ in range(draw(st.integers(1, 8))):
        place = chance.randrange(len(data) + 1)
        kind = chance.randrange(4)
        if kind == 0:
            data[place : place + 1] = bytes([chance.randrange(256)])
        elif kind == 1:
            data[place:place] = chance.choice(
                [b"\0", b"<", b">", b"&x;", b"---\n", b"<<", b"endobj", b"\xff\xfe", b'"']
            )
        elif kind == 2:
            del data[place : place + chance.randrange(60)]
        else:
            other = chance.randrange(len(data) + 1)
            data[place:place] = data[other : other + chance.randrange(40)]
    return bytes(data)
