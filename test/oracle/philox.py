"""philox.json: Random123's published known answers for Philox4x32-10, verified by an implementation written from the paper.

Round: (hi0, lo0) = M0 c0, (hi1, lo1) = M1 c2;  c <- (hi1 ^ c1 ^ k0, lo1, hi0 ^ c3 ^ k1, lo0);  then k <- k + (W0, W1).
"""

from write_json import write_json

M0, M1 = 0xD2511F53, 0xCD9E8D57  # multipliers
W0, W1 = 0x9E3779B9, 0xBB67AE85  # key increments: golden ratio, sqrt(3) - 1
MASK = 0xFFFFFFFF

# The three "philox4x32 10" lines of Random123's tests/kat_vectors: counter (4 words), key (2), result (4).
PUBLISHED = """
00000000 00000000 00000000 00000000 00000000 00000000   6627e8d5 e169c58d bc57ac4c 9b00dbd8
ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff   408f276d 41c83b0e a20bc7c6 6d5451fd
243f6a88 85a308d3 13198a2e 03707344 a4093822 299f31d0   d16cfe09 94fdcceb 5001e420 24126ea1
"""


def philox4x32(counter, key, rounds=10):
    c, k = tuple(counter), tuple(key)
    for _ in range(rounds):
        left, right = M0 * c[0], M1 * c[2]
        c = ((right >> 32) ^ c[1] ^ k[0], right & MASK, (left >> 32) ^ c[3] ^ k[1], left & MASK)
        k = ((k[0] + W0) & MASK, (k[1] + W1) & MASK)
    return list(c)


def vector(counter, key, result):
    hexadecimal = " ".join(f"{w:08x}" for w in [*counter, *key, *result])
    return {"hex": hexadecimal, "counter": list(counter), "key": list(key), "result": list(result)}


def main():
    published = []
    for line in PUBLISHED.split("\n"):
        if line:
            words = [int(w, 16) for w in line.split()]
            counter, key, result = words[:4], words[4:6], words[6:]
            assert philox4x32(counter, key) == result, line
            published.append(vector(counter, key, result))
    derived = [
        vector(counter, key, philox4x32(counter, key))
        for counter, key in [
            ((1, 0, 0, 0), (0, 0)),
            ((0, 1, 0, 0), (0, 0)),
            ((0, 0, 1, 0), (0, 0)),
            ((0, 0, 0, 1), (0, 0)),
            ((0, 0, 0, 0), (1, 0)),
            ((0, 0, 0, 0), (0, 1)),
            ((1, 2, 3, 4), (5, 6)),
            ((4999, 9999, 7, 0x80000000), (0xDEADBEEF, 42)),
        ]
    ]
    write_json(
        "philox.json",
        {
            "about": "Philox4x32-10. Words as unsigned 32-bit integers; hex holds counter, key, result in the source's order.",
            "source": "Random123 by D. E. Shaw Research, tests/kat_vectors, lines 'philox4x32 10'"
            " (github.com/DEShawResearch/random123); J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw,"
            " Parallel random numbers: as easy as 1, 2, 3, SC11, 2011",
            "published": published,
            "derived_about": "Not published: computed by philox.py, which reproduces the published ones.",
            "derived": derived,
        },
    )


if __name__ == "__main__":
    main()
