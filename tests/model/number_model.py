#!/usr/bin/env python3
"""Compare item/number.h with Python's decimal on random numbers.

usage: number_model.py PATH_TO_NUMBER_TOOL [count=100000] [seed=1]

Each round draws a number and a partner, often a near one, writes both in some
way, and asks number_tool.c for all that number.h says of them. Prints one line
and exits 0 when all answers are those of the model below; exits 1 and shows the
first differences when not.
"""
import sys

sys.path.pop(0)  # this folder, or decimal would import this file as `numbers`

import decimal
import random
import re
import subprocess
from decimal import Decimal

DIGITS_MAX = 38
FIRST_DIGIT_MIN, FIRST_DIGIT_MAX = -130, 125
BATCH = 5000  # rounds for one run of the tool
SHOWN = 10  # differences

NO_NUMBER = "! The parameter cannot be converted to a numeric value"
OVERFLOW = ("! Number overflow. Attempting to store a number with magnitude "
            "larger than supported range")
UNDERFLOW = ("! Number underflow. Attempting to store a number with magnitude "
             "smaller than supported range")
TOO_MANY_DIGITS = ("! Attempting to store more than 38 significant digits in a "
                   "Number")

# Enough for every sum of two numbers and for every text drawn.
decimal.setcontext(decimal.Context(
    prec=2000, Emin=-9999, Emax=9999,
    traps=[decimal.InvalidOperation, decimal.Inexact, decimal.Overflow]))


# --- the model: a message, or a Decimal

def checked(value):
    """value, or why DynamoDB refuses it."""
    if value == 0:
        return Decimal(0)
    value = value.normalize()
    if value.adjusted() > FIRST_DIGIT_MAX:
        return OVERFLOW
    if value.adjusted() < FIRST_DIGIT_MIN:
        return UNDERFLOW
    if len(value.as_tuple().digits) > DIGITS_MAX:
        return TOO_MANY_DIGITS
    return value


def parsed(text):
    if text == "":
        return NO_NUMBER
    shape = re.fullmatch(
        r"([+-]?)([0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE]([+-]?[0-9]+))?", text)
    if not shape:
        return f"{NO_NUMBER}: {text}"
    sign, digits, exponent = shape.groups()
    value = Decimal(sign + digits)
    exponent = int(exponent or 0)
    if value == 0:
        return Decimal(0)
    first_digit = value.adjusted() + exponent
    if first_digit > FIRST_DIGIT_MAX:
        return OVERFLOW
    if first_digit < FIRST_DIGIT_MIN:
        return UNDERFLOW
    return checked(value.scaleb(exponent))


def expanded(value):
    if isinstance(value, str):
        return value
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def size_bytes(value):
    if value == 0:
        return 1
    whole, _, fraction = expanded(abs(value)).partition(".")
    whole = whole.lstrip("0")
    if not fraction:
        whole = whole.rstrip("0")
    if not whole:
        fraction = fraction.lstrip("0")
    return (1 + (len(whole) + 1) // 2 + (len(fraction) + 1) // 2
            + (value < 0))


def encoded(value):
    if value == 0:
        return b"\x80"
    digits = "".join(map(str, value.normalize().as_tuple().digits))
    digits += "0" * (len(digits) % 2)
    body = bytes([value.adjusted() + 130] +
                 [int(digits[i:i + 2]) + 1 for i in range(0, len(digits), 2)])
    if value < 0:
        return b"\x40" + bytes(255 - byte for byte in body)
    return b"\xc0" + body


def key(stored):
    """What key.c makes of a stored number."""
    return stored + {0x40: b"\xff", 0x80: b"", 0xc0: b"\x00"}[stored[0]]


def decoded(stored):
    """The number, or a message, read in the plainest way."""
    refused = "! does not decode"
    if stored == b"\x80":
        return Decimal(0)
    if len(stored) < 3 or len(stored) > 21 or stored[0] not in (0x40, 0xc0):
        return refused
    sign = "-" if stored[0] == 0x40 else ""
    body = bytes(255 - byte for byte in stored[1:]) if sign else stored[1:]
    if not all(1 <= byte <= 100 for byte in body[1:]):
        return refused
    digits = "".join(f"{byte - 1:02}" for byte in body[1:])
    if digits.startswith("0") or digits.endswith("00"):
        return refused
    value = Decimal(f"{sign}{digits[0]}.{digits[1:]}")
    return value.scaleb(body[0] - 130).normalize()


def from_double(value):
    number = checked(Decimal(repr(value)))
    return "! out of range" if isinstance(number, str) else number


# --- drawing numbers

def draw_digits(rng, count):
    kind = rng.randrange(6)
    if kind == 0:
        return "9" * count
    if kind == 1:
        return "1" + "0" * (count - 2) + "1" if count > 1 else "1"
    if kind == 2:  # around the edges of 32, 64 and 53 bits, and beyond 64
        edge = 1 << rng.choice([31, 32, 53, 63, 64, 65, 126])
        return str(edge + rng.randint(-2, 2))
    if kind == 3:  # runs of zeros
        digits = "".join(rng.choice("0000005") for _ in range(count))
        return rng.choice("19") + digits[1:]
    return str(rng.randint(10 ** (count - 1), 10 ** count - 1))


def draw_value(rng):
    """A Decimal, most of the time one that DynamoDB takes."""
    if rng.randrange(40) == 0:
        return Decimal(0)
    count = rng.choice([1, 2, 3, 5, 8, 15, 16, 17, 18, 19, 20, 21, 36, 37, 38,
                        38, 39, 40, rng.randint(1, 45)])
    digits = draw_digits(rng, count)
    first_digit = rng.choice([
        len(digits) - 1, len(digits) - 1, rng.randint(0, 20), -1,
        rng.randint(-10, 25), rng.randint(-135, 130),
        -131, -130, -129, 124, 125, 126])
    value = Decimal(digits).scaleb(first_digit - len(digits) + 1)
    return -value if rng.randrange(2) else value


def draw_double(rng):
    kind = rng.randrange(4)
    if kind == 0:
        value = rng.uniform(-1000, 1000)
    elif kind == 1:
        value = round(rng.uniform(-1e6, 1e6), rng.randint(0, 9))
    elif kind == 2:
        value = 2.0 ** rng.randint(-440, 425)
    else:
        value = rng.uniform(1, 10) * 10.0 ** rng.randint(-133, 127)
    return value


def draw_partner(rng, value):
    """Another number, often one that all but equals value or cancels it."""
    kind = rng.randrange(8)
    if kind < 2 or value == 0:
        return draw_value(rng)
    last = value.normalize().as_tuple().exponent
    if kind == 2:
        return value
    if kind == 3:
        return -value
    if kind == 4:  # another value of the last digit, or one just behind it
        return value + Decimal(rng.choice([-2, -1, 1, 2])).scaleb(
            last - rng.choice([0, 0, 0, 1]))
    if kind == 5:  # the 38th digit and its neighbours
        last = value.adjusted() - rng.randint(36, 39)
        return rng.choice([1, -1]) * Decimal(rng.randint(1, 20)).scaleb(last)
    if kind == 6:  # what is missing to the next power of ten
        full = Decimal(1).scaleb(value.adjusted() + 1)
        return full.copy_sign(value) - value
    return value.scaleb(rng.randint(-3, 3))


def write(rng, value):
    """One of the many texts of value."""
    sign, digits, exponent = value.as_tuple()
    digits = "".join(map(str, digits))
    text = "0" * rng.choice([0, 0, 0, 1, 50]) + digits
    if rng.randrange(4) == 0:
        zeros = rng.choice([1, 2, 40])
        text += "0" * zeros
        exponent -= zeros
    kind = rng.randrange(4)
    if kind == 0:  # no exponent
        if exponent >= 0:
            text += "0" * exponent + rng.choice(["", "", ".", ".000"])
        else:
            text = text.rjust(-exponent + rng.randrange(2), "0")
            text = f"{text[:exponent]}.{text[exponent:]}"
    elif kind == 1:
        text += rng.choice("eE") + str(exponent)
    else:  # a point anywhere
        at = rng.randint(0, len(text))
        exponent += len(text) - at
        plus = rng.choice(["", "+"]) if exponent >= 0 else ""
        text = f"{text[:at]}.{text[at:]}{rng.choice('eE')}{plus}{exponent}"
    return ("-" if sign else rng.choice(["", "", "", "+"])) + text


def draw_text(rng, value):
    kind = rng.randrange(30)
    text = write(rng, value)
    if kind == 0:  # broken, or not quite
        for _ in range(rng.randint(1, 2)):
            at = rng.randint(0, len(text))
            text = (text[:at] + rng.choice("0159+-.eE x,\u0661\u20ac") +
                    text[at + rng.randrange(2):])
    elif kind == 1:
        text = rng.choice(["", "+", "-", ".", "-.", "e1", ".e1", "1e", "1e+",
                           "1e1.", "NaN", "-Infinity", "0x1p3", "1_000"])
    elif kind == 2:  # far out of range, but for a zero
        exponent = rng.choice([131, 999, 2 ** 31, 2 ** 32 + 1, 2 ** 63,
                               2 ** 64 + 5, 10 ** 40])
        text = (rng.choice(["0", "0.0", "1", "-3.5"]) + "e" +
                rng.choice(["", "+", "-"]) + str(exponent))
    elif kind == 3:  # a long way there and back
        zeros = rng.choice([100, 1000, 3000])
        text = (f".{'0' * zeros}{rng.randint(1, 999)}e{zeros + 3}"
                if rng.randrange(2) else
                f"{rng.randint(1, 999)}{'0' * zeros}e-{zeros}")
    return text


# --- asking and checking

def questions(rng):
    """Lines for the tool, each with the answer that is expected."""
    value = draw_value(rng)
    a = draw_text(rng, value)
    b = draw_text(rng, draw_partner(rng, value))
    x, y = parsed(a), parsed(b)
    failure = x if isinstance(x, str) else y if isinstance(y, str) else None

    yield f"format\t{a}", expanded(x)
    if failure is None:
        order = (x > y) - (x < y)
        stored = (key(encoded(x)), key(encoded(y)))
        if (stored[0] > stored[1]) - (stored[0] < stored[1]) != order:
            yield "the model's own keys are out of order", f"{a} {b}"
        yield f"compare\t{a}\t{b}", f"{order} {'!=' if order else '='}"
        yield f"add\t{a}\t{b}", expanded(checked(x + y))
        yield f"subtract\t{a}\t{b}", expanded(checked(x - y))
    else:
        yield f"{rng.choice(['compare', 'add', 'subtract'])}\t{a}\t{b}", failure
    if not isinstance(x, str):
        yield f"size\t{a}", str(size_bytes(x))
        yield f"encode\t{a}", encoded(x).hex()
        nearest = float(x)
        exact = from_double(nearest) == x
        yield (f"double\t{a}",
               (nearest.hex(), "exact" if exact else "inexact"))
        whole = x == x.to_integral_value() and -2 ** 63 <= x < 2 ** 63
        yield f"integer\t{a}", str(int(x)) if whole else "! no integer"
        yield from damaged(rng, encoded(x))
    double = draw_double(rng)
    yield f"from_double\t{double.hex()}", expanded(from_double(double))


def damaged(rng, stored):
    changed = bytearray(stored)
    kind = rng.randrange(4)
    if kind == 0:
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    elif kind == 1:
        changed.insert(rng.randint(0, len(changed)),
                       rng.choice([0, 1, 11, 255]))
    elif kind == 2:
        del changed[rng.randrange(len(changed))]
    else:
        changed = bytearray(key(stored))
    yield f"decode\t{changed.hex()}", expanded(decoded(bytes(changed)))


def agrees(answer, expected):
    if isinstance(expected, tuple):  # a double, which has several spellings
        text, _, exact = answer.partition(" ")
        try:
            return (float.fromhex(text).hex(), exact) == expected
        except ValueError:
            return False
    return answer == expected


def differences(tool, rng, rounds):
    asked = [question for _ in range(rounds) for question in questions(rng)]
    lines = "".join(line + "\n" for line, _ in asked)
    run = subprocess.run([tool], input=lines.encode(), stdout=subprocess.PIPE,
                         check=True)
    answers = run.stdout.decode().split("\n")[:-1]
    if len(answers) != len(asked):
        yield f"{len(asked)} questions, {len(answers)} answers"
    for (line, expected), answer in zip(asked, answers):
        if not agrees(answer, expected):
            shown = line.replace("\t", " ")
            yield f"{shown}\n  expected {expected}\n  answered {answer}"


def main():
    tool = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 100000
    rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    found = []
    for start in range(0, count, BATCH):
        found.extend(differences(tool, rng, min(BATCH, count - start)))
        if len(found) >= SHOWN:
            break
    if found:
        print("\n".join(found[:SHOWN]))
        return 1
    print(f"{count} values agree")
    return 0


if __name__ == "__main__":
    sys.exit(main())
