#!/usr/bin/env python3
"""Load real data, and compare all that comes back with Python's reading of it.

usage: real_data.py PATH_TO_DYNAMO [--data=DIR]

DIR (or the environment's DYNAMO_TEST_DATA, or ../shared/data beside the
project) has
moviedata.json, the films of DynamoDB's tutorials, and taxis.csv, taxi rides in
New York. Exits 77, which Meson shows as skipped, when it has not.
"""
import argparse
import csv
import json
import os
import sqlite3
import sys
from collections import Counter, defaultdict
from decimal import Decimal

SKIPPED = 77


def connect(dynamo):
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(dynamo)
    return db


def expect(name, got, wanted):
    if got != wanted:
        sys.exit(f"FAIL: {name}\n  is        {str(got)[:800]}\n  should be "
                 f"{str(wanted)[:800]}")


def exact(text):
    """JSON with its numbers as decimals."""
    return json.loads(text, parse_float=Decimal, parse_int=Decimal)


def check_table(db, name, count):
    expect(f"dynamo_check of {name}",
           db.execute("SELECT dynamo_check(?)", [name]).fetchone()[0], "ok")
    expect(f"items of {name}", db.execute(
        "SELECT sum(items) FROM dynamo_partitions(?)", [name]).fetchone()[0], count)
    size = db.execute(f"SELECT sum(dynamo_item_size(item)) FROM {name}('scan')")
    expect(f"bytes of {name}", db.execute(
        "SELECT sum(bytes) FROM dynamo_partitions(?)", [name]).fetchone(),
        size.fetchone())


# --- films

def check_films(db, path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    # The keys of the tutorial: a year has a few dozen films, a title is one of
    # them. `info`, a map of lists, numbers and texts, has no column.
    db.execute("CREATE VIRTUAL TABLE films USING dynamo(year NUMBER PARTITION KEY,"
               " title TEXT SORT KEY, partition_bytes = 100000)")
    films = {(f["year"], f["title"]): f for f in exact(text)}
    for film in json.loads(text, parse_float=Raw, parse_int=Raw):
        db.execute("INSERT OR REPLACE INTO films(item) VALUES(?)", [dump(film)])

    rows = db.execute("SELECT year, title, item FROM films('scan')").fetchall()
    got = {(Decimal(year), title): exact(item) for year, title, item in rows}
    expect("the films", got, films)
    expect("how many", len(rows), len(films))
    typed = {(f["year"]["N"], f["title"]["S"]): f["info"]["M"].get("rating")
             for f, in ((json.loads(r[0]),) for r in db.execute(
                 "SELECT dynamo_json(item) FROM films('scan')"))}
    expect("ratings in typed JSON",
           {(Decimal(y), t): Decimal(r["N"]) for (y, t), r in typed.items() if r},
           {k: f["info"]["rating"] for k, f in films.items()
            if "rating" in f["info"]})

    by_year = defaultdict(list)
    for (year, title), film in films.items():
        by_year[int(year)].append((title, film["info"]))
    for year, group in by_year.items():
        group.sort(key=lambda pair: pair[0].encode())
        titles = [title for title, _ in group]
        expect(f"titles of {year}", [r[0] for r in db.execute(
            "SELECT title FROM films WHERE year = ? ORDER BY title", [year])],
            titles)
        expect(f"the last three of {year}", [r[0] for r in db.execute(
            "SELECT title FROM films WHERE year = ? ORDER BY title DESC LIMIT 3",
            [year])], titles[::-1][:3])
        expect(f"films of {year} from A to L", [r[0] for r in db.execute(
            "SELECT title FROM films WHERE year = ? AND title BETWEEN 'A' AND 'L' "
            "ORDER BY title", [year])], [t for t in titles if "A" <= t <= "L"])
        expect(f"films of {year} with The", {r[0] for r in db.execute(
            "SELECT title FROM films WHERE year = ? AND begins_with(title, 'The ')",
            [year])}, {t for t in titles if t.startswith("The ")})
        expect(f"good films of {year}", {r[0] for r in db.execute(
            "SELECT title FROM films WHERE year = ? AND item ->> '$.info.rating' "
            ">= 8", [year])},
            {t for t, info in group if info.get("rating", 0) >= 8})
        expect(f"mean of {year}", db.execute(
            "SELECT count(*), total(item ->> '$.info.running_time_secs') FROM films "
            "WHERE year = ?", [year]).fetchone(),
            (len(group), float(sum(i.get("running_time_secs", 0)
                                   for _, i in group))))
    genres = Counter(g for f in films.values() for g in f["info"].get("genres", []))
    expect("genres", dict(db.execute(
        "SELECT g.value, count(*) FROM films('scan') AS f, "
        "json_each(f.item, '$.info.genres') AS g GROUP BY 1")), dict(genres))
    db.execute("CREATE TABLE favourites(year INTEGER, title TEXT)")
    chosen = sorted(films)[::7]
    db.executemany("INSERT INTO favourites VALUES(?, ?)",
                   [(int(y), t) for y, t in chosen])
    expect("a join", {(y, t): exact(i) for y, t, i in db.execute(
        "SELECT f.year, f.title, f.item FROM favourites JOIN films AS f "
        "USING (year, title)")}, {k: films[k] for k in chosen})
    check_table(db, "films", len(films))
    return len(films)


class Raw(str):
    """A number of JSON as it is written."""


def dump(value):
    """JSON with the numbers as they were written, also where Python would write
    them in another way."""
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, list):
        return "[" + ",".join(map(dump, value)) + "]"
    if isinstance(value, dict):
        return "{" + ",".join(json.dumps(k) + ":" + dump(v)
                              for k, v in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


# --- taxi rides

NUMBERS = ("passengers", "distance", "fare", "tip", "tolls", "total")


def check_rides(db, path):
    # What is asked is "the rides of a zone in some hours", so the zone is the
    # partition key. It has two colours of cab, and one asks for one colour, so
    # the colour stands before it: 261 partition keys, the fullest with 230
    # of the 6,433 rides. The sort key begins with the time of the pickup; two
    # cabs may start in a zone in the same second, so the number of the ride
    # follows and makes it unique.
    db.execute("CREATE VIRTUAL TABLE rides USING dynamo("
               "place TEXT PARTITION KEY, pickup TEXT SORT KEY, dropoff TEXT, "
               "passengers NUMBER, distance NUMBER, fare NUMBER, tip NUMBER, "
               "tolls NUMBER, total NUMBER, payment TEXT, dropoff_zone TEXT, "
               "partition_bytes = 200000)")
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rides = {}
    db.execute("BEGIN")
    for number, row in enumerate(rows):
        place = f"{row['color']}#{row['pickup_zone'] or 'unknown'}"
        pickup = f"{row['pickup']}#{number:05}"
        # as .import would give them: all texts; an empty one is no attribute
        ride = {"dropoff": row["dropoff"], **{n: row[n] for n in NUMBERS},
                "payment": row["payment"] or None,
                "dropoff_zone": row["dropoff_zone"] or None}
        db.execute("INSERT INTO rides(place, pickup, dropoff, passengers, distance,"
                   " fare, tip, tolls, total, payment, dropoff_zone) "
                   "VALUES(?,?,?,?,?,?,?,?,?,?,?)",
                   [place, pickup, *ride.values()])
        rides[place, pickup] = {
            n: Decimal(v) if n in NUMBERS else v for n, v in ride.items()
            if v is not None}
    db.execute("COMMIT")

    got = {}
    for place, pickup, item in db.execute(
            "SELECT place, pickup, item FROM rides('scan')"):
        item = exact(item)
        expect("keys in the item", (item.pop("place"), item.pop("pickup")),
               (place, pickup))
        got[place, pickup] = item
    expect("the rides", got, rides)
    segments = [set(db.execute(f"SELECT place, pickup FROM rides('scan segment {i} "
                               "of 5')")) for i in range(5)]
    expect("segments", sorted(k for s in segments for k in s), sorted(rides))

    by_place = defaultdict(list)
    for (place, pickup), ride in sorted(rides.items()):
        by_place[place].append((pickup, ride))
    for place, group in by_place.items():
        low, high = "2019-03-08", "2019-03-15 12"
        wanted = [(p, float(r["total"])) for p, r in group if low <= p < high]
        expect(f"rides of {place} in a week", db.execute(
            "SELECT pickup, total FROM rides WHERE place = ? AND pickup >= ? AND "
            "pickup < ? ORDER BY pickup", [place, low, high]).fetchall(), wanted)
        expect(f"the last rides of {place}", [r[0] for r in db.execute(
            "SELECT pickup FROM rides WHERE place = ? ORDER BY pickup DESC LIMIT 5 "
            "OFFSET 1", [place])], [p for p, _ in group[::-1][1:6]])
        expect(f"a day of {place}", {r[0] for r in db.execute(
            "SELECT pickup FROM rides WHERE place = ? AND pickup GLOB "
            "'2019-03-2*'", [place])},
            {p for p, _ in group if p.startswith("2019-03-2")})
        fares = db.execute("SELECT count(*), max(total), min(distance), "
                           "sum(payment = 'cash') FROM rides WHERE place = ?",
                           [place]).fetchone()
        expect(f"sums of {place}", fares,
               (len(group), float(max(r["total"] for _, r in group)),
                float(min(r["distance"] for _, r in group)),
                sum(r["payment"] == "cash" for _, r in group if "payment" in r)
                if any("payment" in r for _, r in group) else None))
    tips = defaultdict(Decimal)
    for (place, _), ride in rides.items():
        tips[place.partition("#")[0]] += ride["tip"]
    expect("tips by colour", {c: f"{t:.2f}" for c, t in db.execute(
        "SELECT substr(place, 1, instr(place, '#') - 1), sum(tip) "
        "FROM rides('scan') GROUP BY 1")}, {c: f"{t:.2f}" for c, t in tips.items()})

    # write: a discount for the cash rides of the fullest place
    fullest = max(by_place, key=lambda place: len(by_place[place]))
    db.execute("UPDATE rides SET tip = 0, item = json_set(item, '$.seen', 1) WHERE "
               "place = ? AND payment = 'cash'", [fullest])
    db.execute("DELETE FROM rides WHERE place = ? AND pickup < '2019-03-10'",
               [fullest])
    wanted = []
    for pickup, ride in by_place[fullest]:
        if pickup >= "2019-03-10":
            cash = ride.get("payment") == "cash"
            wanted.append((pickup, 0.0 if cash else float(ride["tip"]),
                           1 if cash else None))
    expect("after writing", db.execute(
        "SELECT pickup, tip, item ->> 'seen' FROM rides WHERE place = ? "
        "ORDER BY pickup", [fullest]).fetchall(), wanted)
    left = len(rides) - len(by_place[fullest]) + len(wanted)
    check_table(db, "rides", left)
    return len(rides)


# --- their capacity

UNITS_OF_A_RIDE = 300  # each of them stands for many
BURST_SECONDS = 300


def throttled_units(load_by_minute, units):
    """What provisioned units refuse: a bucket, filled and emptied each second. All
    in thousandths of a unit, and the load of a minute spread over its seconds."""
    rate, most = units * 1000, units * 1000 * BURST_SECONDS
    balance, throttled = 0, 0  # a new table: its first second fills it
    for minute in range(min(load_by_minute), max(load_by_minute) + 1):
        load = load_by_minute[minute] * 1000
        if load == 0:
            balance = min(most, balance + 60 * rate)
            continue
        for second in range(60):
            asked = load * (second + 1) // 60 - load * second // 60
            balance = min(most, balance + rate)
            granted = min(asked, balance)
            balance -= granted
            throttled += asked - granted
    return throttled / 1000


def check_replay(db, path):
    """The rides of the month as a log of events, replayed with other units."""
    with open(path, encoding="utf-8", newline="") as file:
        pickups = [row["pickup"] for row in csv.DictReader(file)]
    db.execute("CREATE TABLE log(time)")
    db.executemany("INSERT INTO log VALUES(?)", [(pickup,) for pickup in pickups])
    load = Counter()
    for minute, in db.execute("SELECT unixepoch(time) / 60 FROM log"):
        load[minute] += UNITS_OF_A_RIDE
    total = len(pickups) * UNITS_OF_A_RIDE
    for units in (1, 2, 3, 5, 10):
        told = json.loads(db.execute(
            "SELECT dynamo_replay('rides', ?, ?)",
            [f"SELECT time, {UNITS_OF_A_RIDE} AS write FROM log",
             json.dumps({"provisioned": {"write_units": units}})]).fetchone()[0])
        throttled = told["provisioned"]["throttled_write_units"]
        expect(f"throttled with {units} units", throttled,
               throttled_units(load, units))
        expect("granted", told["provisioned"]["granted_write_units"], total - throttled)
        expect("on demand", told["on_demand"]["money"], round(total / 1e6 * 0.625, 7))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("dynamo")
    parser.add_argument("--data", default=os.environ.get("DYNAMO_TEST_DATA",
                                                         os.path.join(os.path.dirname(
                            os.path.abspath(__file__)), "..", "..", "..",
                            "shared", "data")))
    options = parser.parse_args()
    paths = [os.path.join(options.data, name)
             for name in ("moviedata.json", "taxis.csv")]
    for path in paths:
        if not os.path.exists(path):
            print(f"skipped: there is no {path}")
            return SKIPPED
    db = connect(options.dynamo)
    films = check_films(db, paths[0])
    rides = check_rides(db, paths[1])
    check_replay(db, paths[1])
    print(f"real_data: {films} films and {rides} rides came back, and all queries "
          "are right")
    return 0


if __name__ == "__main__":
    sys.exit(main())
