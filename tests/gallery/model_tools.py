"""What the models share: pixels as words, channels of pixels, the programs' random numbers."""

OPAQUE = 0xFF000000
M32 = 0xFFFFFFFF


def rgba(r, g, b, a=255):
    return r | g << 8 | b << 16 | a << 24


def channels(word):
    return [word >> 8 * k & 255 for k in range(4)]


def word_of(four):
    return sum((v & 255) << 8 * k for k, v in enumerate(four))


def per_channel(f, *words):
    return word_of([f(*bytes_) for bytes_ in zip(*map(channels, words))])


def clamp(x, low, high):
    return max(low, min(high, x))


def divide_round(p, q):
    """p / q, rounded to nearest; for q odd there are no ties."""
    return (2 * p + q) // (2 * q)


def times(x, y):
    """A byte product where 255 is one."""
    return divide_round(x * y, 255)


def xorshift(x):
    x ^= x << 13 & M32
    x ^= x >> 17
    return x ^ (x << 5 & M32)


def randoms(seed=0x2545F491):
    while True:
        seed = xorshift(seed)
        yield seed


def rows_of(words, w):
    return [words[i:i + w] for i in range(0, len(words), w)]


def signed(x, bits):
    return x - (x >> bits - 1 << bits)


def towards_zero(p, q):
    return p // q if p >= 0 else -(-p // q)
