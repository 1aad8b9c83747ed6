#!/usr/bin/env python3
"""The console of dynamo-server, as a browser without script sees it.

usage: console.py DYNAMO-SERVER DYNAMO.SO
"""
import html.parser
import json
import sqlite3
import threading
import urllib.parse

from support import EXTENSION, Server, folder, run, serving

HOSTILE = "<script>alert(1)</script>&\"'\u2028</textarea>"
FORM = "application/x-www-form-urlencoded"
VOID = {"meta", "link", "input", "img", "br"}
RUSH = {"year": {"N": "2013"}, "title": {"S": "Rush"}}


class Page(html.parser.HTMLParser):
    """A document; it fails where tags do not fit, or an id is there twice."""

    def __init__(self, text):
        super().__init__()
        self.open, self.seen, self.fields, self.links = [], [], {}, []
        self.texts, self.ids, self.labels, self.actions = [], set(), set(), []
        self.feed(text)
        self.close()
        assert not self.open, self.open
        assert self.labels <= self.ids, self.labels - self.ids
        self.text = " ".join("".join(self.texts).split())

    def handle_starttag(self, tag, attributes):
        have = dict(attributes)
        assert len(have) == len(attributes), attributes
        self.seen.append((tag, have))
        if "id" in have:
            assert have["id"] not in self.ids, have["id"]
            self.ids.add(have["id"])
        assert not any(name.startswith("on") or name == "style" for name in have)
        if tag == "a":
            self.links.append(have["href"])
        if tag == "label" and "for" in have:
            self.labels.add(have["for"])
        if tag == "form":
            self.actions.append(have["action"])
        if tag in ("input", "textarea") and "name" in have:
            self.fields[have["name"]] = have.get("value", "")
        if tag not in VOID:
            self.open.append((tag, have.get("name")))

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open and self.open[-1][0] == tag, (self.open, tag)
        self.open.pop()
        if tag not in ("a", "b", "code", "span"):
            self.texts.append(" ")

    def handle_data(self, data):
        if self.open and self.open[-1][0] == "textarea":
            self.fields[self.open[-1][1]] += data.removeprefix("\n")
        self.texts.append(data)

    def has(self, tag, **attributes):
        return any(name == tag and attributes.items() <= have.items()
                   for name, have in self.seen)


class Browser:
    def __init__(self, server):
        self.client = server.client()
        self.host = f"127.0.0.1:{server.port}"

    def get(self, path, status=200, **fields):
        """The page at a path; fields are those of its query."""
        if fields:
            path += "?" + urllib.parse.urlencode(fields)
        answer = self.client.send("GET", path, headers={"Accept": "text/html"})
        assert answer.status == status, (path, answer.status, answer.body)
        assert answer.getheader("Content-Type") == "text/html; charset=utf-8"
        policy = answer.getheader("Content-Security-Policy")
        assert "default-src 'none'" in policy and "unsafe" not in policy, policy
        return Page(answer.body.decode())

    def post(self, path, fields, **headers):
        """Send a form as a page of the console does, but for headers."""
        all_headers = {"Content-Type": FORM, "Origin": f"http://{self.host}",
                       "Sec-Fetch-Site": "same-origin"}
        all_headers.update((name.replace("_", "-"), value)
                           for name, value in headers.items())
        headers = {name: value for name, value in all_headers.items()
                   if value is not None}
        return self.client.send("POST", path,
                                urllib.parse.urlencode(fields).encode(), headers)

    def item(self, key=RUSH, table="movies", status=200):
        return self.get("/console/item", status, table=table, key=json.dumps(key))

    def save(self, page, text=None):
        """Send the editor of a page: the answer."""
        fields = dict(page.fields)
        if text is not None:
            fields["item"] = text
        return self.post("/console/save", fields)


def make_tables(path):
    db = sqlite3.connect(path, isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(EXTENSION)
    db.execute("""CREATE VIRTUAL TABLE movies USING dynamo(
        year NUMBER PARTITION KEY, title TEXT SORT KEY, rating NUMBER, director TEXT,
        stream = 'NEW_AND_OLD_IMAGES', hot_keys = 'on', LOCAL INDEX by_rating (rating),
        GLOBAL INDEX by_director (director, year) PROJECT KEYS)""")
    for i in range(30):
        db.execute("INSERT INTO movies VALUES(2013, ?, ?, 'Howard')", (f"m{i:02}", i / 4))
    db.execute("""INSERT INTO movies(item) VALUES('{"year":2013,"title":"Rush",
        "rating":8.3,"info":{"genres":{"SS":["Drama","Sport"]}}}')""")
    db.execute("""CREATE VIRTUAL TABLE t USING dynamo(
        k BLOB PARTITION KEY, "a<b>&'" TEXT SORT KEY)""")
    db.execute("INSERT INTO t(item) VALUES(?)", (json.dumps(
        {"k": {"B": "AP8="}, "a<b>&'": HOSTILE, HOSTILE: {HOSTILE: [HOSTILE]}}),))
    db.execute("""CREATE VIRTUAL TABLE scores USING dynamo(id TEXT PARTITION KEY,
        GLOBAL INDEX board PARTITION KEY (Tenant TEXT, Region TEXT)
        SORT KEY (Day TEXT, Score NUMBER))""")
    for score in range(9):
        db.execute("INSERT INTO scores(item) VALUES(?)", (json.dumps(
            {"id": f"i{score}", "Tenant": "x", "Region": "eu", "Day": "d", "Score": score}),))
    db.execute("""CREATE VIRTUAL TABLE slow USING dynamo(id TEXT PARTITION KEY,
        billing = 'provisioned', read_units = 1, write_units = 1)""")
    db.execute("CREATE TABLE audit(key)")
    db.execute("SELECT dynamo_on_change('movies', 'audit', 'INSERT INTO audit VALUES(:keys)')")
    db.execute("SELECT dynamo_backup('movies', 'first')")
    db.close()


def with_tables(test):
    """A test that has a browser on a server with tables."""
    def wrapped():
        with folder() as path:
            make_tables(path / "shop.db")
            with serving(str(path / "shop.db")) as server:
                test(Browser(server), server)
    wrapped.__name__ = test.__name__
    return wrapped


# ---------------------------------------------------------------------- pages

@with_tables
def every_page_is_whole(browser, _):
    seen, waiting = set(), ["/console/", "/console/activity"]
    while waiting:  # all that links lead to, but for one page of each kind
        path = waiting.pop()
        page = browser.get(path)
        assert page.has("html", lang="en") and page.has("main", id="content")
        assert page.has("a", href="#content"), "no skip link"
        assert sum(tag == "h1" for tag, _ in page.seen) == 1, path
        for link in page.links:
            kind = link.split("&key")[0] if "/item?" in link else link
            if link.startswith("/") and kind not in seen and "start=" not in link:
                seen.add(kind)
                waiting.append(link)
    kinds = {urllib.parse.urlsplit(link).path for link in seen}
    assert {"/console/table", "/console/items", "/console/load", "/console/stream",
            "/console/new"} <= kinds, kinds
    for path in ("/console/console.css", "/console/console.js", "/console/icon.svg"):
        assert browser.client.send("GET", path).status == 200


@with_tables
def the_root_is_the_console_for_browsers_alone(browser, server):
    assert "movies" in browser.get("/").text
    plain = server.client().send("GET", "/")
    assert plain.body == b"healthy: dynamodb.us-east-1.amazonaws.com "
    assert server.client().call("ListTables")["TableNames"] == [
        "movies", "scores", "slow", "t"]
    answer = server.client().send("POST", "/console/save", b"{}", {
        "X-Amz-Target": "DynamoDB_20120810.ListTables"})
    assert answer.status == 200, "any path is one of the API's"


@with_tables
def tables_indexes_and_activity_are_shown(browser, _):
    page = browser.get("/console/")
    assert "movies 31" in page.text and "1 read, 1 write a second" in page.text
    page = browser.get("/console/table", table="movies")
    for part in ("year · title", "by_rating local ACTIVE", "by_director global",
                 "CREATE VIRTUAL TABLE"):
        assert part in page.text, part
    page = browser.get("/console/activity")
    assert "movies audit" in page.text and "first" in page.text
    assert "No table has a replica." in page.text
    browser.get("/console/table", 400, table="none")
    browser.get("/console/table", 400, table=HOSTILE)
    browser.get("/console/table", 400)


@with_tables
def load_is_shown(browser, server):
    for _ in range(3):
        browser.get("/console/items", table="movies", p0="2013", do="query")
    page = browser.get("/console/load", table="movies")
    assert page.has("svg", role="img"), "no plot"
    assert page.has("rect", **{"class": "bar"}), "no bar"
    assert "the table Query 1.5 0 0" in page.text, page.text
    assert "the table consumed 2013 1.5 0 100" in page.text, page.text
    heat, = [have["src"] for tag, have in page.seen if tag == "img"]
    picture = browser.client.send("GET", heat)
    assert picture.getheader("Content-Type") == "image/svg+xml"
    assert picture.body.startswith(b"<svg"), picture.body[:50]
    browser.get("/console/load", table="movies", index="by_director", minutes="10080")
    browser.get("/console/load", 400, table="movies", index="none")
    assert browser.client.send("GET", "/console/heatmap.svg?table=none").status == 400


@with_tables
def the_stream_has_the_last_change_first(browser, server):
    server.client().call("DeleteItem", TableName="movies", Key=RUSH)
    page = browser.get("/console/stream", table="movies")
    assert page.text.index("REMOVE") < page.text.index("INSERT")
    assert "the table has no stream; to begin one: SELECT" in \
        browser.get("/console/stream", table="t").text


# ---------------------------------------------------------------------- items

@with_tables
def a_query_is_read_page_by_page(browser, _):
    found = []
    page = browser.get("/console/items", table="movies", p0="2013", do="query",
                       limit="12", desc="1", strong="1")
    assert "12 items 1 read unit of the table" in page.text, page.text
    assert "FROM \"movies\"('strong') WHERE \"year\" = 2013 ORDER BY \"title\" DESC" \
        in page.text
    while True:
        keys = [json.loads(urllib.parse.parse_qs(link.split("?")[1])["key"][0])
                for link in page.links if "/item?" in link]
        found += [key["title"]["S"] for key in keys]
        later = [link for link in page.links if "start=%7B" in link]
        if not later:
            break
        page = browser.get(later[0])
    assert found == ["m%02d" % i for i in reversed(range(30))] + ["Rush"], found
    assert [link for link in page.links if link.endswith("start=")], "no first page"


@with_tables
def conditions_are_those_of_the_sort_key(browser, _):
    def count(**fields):
        page = browser.get("/console/items", do="query", **fields)
        return sum("/item?" in link for link in page.links)
    of_year = {"table": "movies", "p0": "2013"}
    assert count(**of_year, o0="begins", s0="m1") == 10
    assert count(**of_year, o0="between", s0="m05", t0="m07") == 3
    assert count(**of_year, o0="lt", s0="Rust") == 1
    assert count(**of_year, index="by_rating", o0="ge", s0="7") == 3
    assert count(table="movies", index="by_director", p0="Howard", limit="200") == 30
    board = {"table": "scores", "index": "board", "p0": "x", "p1": "eu", "s0": "d"}
    assert count(**board, o0="eq", o1="gt", s1="5") == 3
    assert count(table="t", p0="AP8=") == 1
    assert count(table="t", p0="AAAA") == 0


@with_tables
def refusals_are_shown_as_they_are(browser, server):
    for fields, message in (
            ({}, "movies: a query needs year = ?; "
                 "to read the whole table: FROM movies('scan'), or WHERE mode = 'scan'"),
            ({"p0": "x"}, "ValidationException"),
            ({"index": "by_director", "p0": "x", "strong": "1"},
             "movies: Consistent reads are not supported on global secondary indexes"),
            ({"p0": "2013", "start": "{"}, "malformed JSON at byte 1"),
            ({"p0": "2013", "start": "{\"a\":1}"}, "Exception"),
            ({"p0": "2013", "o0": "between", "s0": "b", "t0": "a"}, "BETWEEN")):
        page = browser.get("/console/items", 400, table="movies", do="query", **fields)
        assert page.has("div", role="alert") and message in page.text, page.text
        assert "/console/items" in page.actions, "no form to mend it"
        assert page.fields.get("p0") == fields.get("p0", "")
    browser.get("/console/items", 400, table="movies", index="none")
    client = server.client()
    client.call("PutItem", TableName="slow", Item={"id": {"S": "a"}, "t": {"S": "x" * 900}})
    for _ in range(5):
        text = json.dumps({"id": "b" + str(_), "t": "x" * 9000})
        page = browser.get("/console/new", table="slow")
        answer = browser.save(page, text)
        if answer.status != 303:
            break
    shown = Page(answer.body.decode())
    assert answer.status == 400 and shown.fields["item"] == text
    assert "ProvisionedThroughputExceededException" in shown.text, shown.text


@with_tables
def hostile_names_and_values_are_text(browser, _):
    page = browser.get("/console/items", table="t", do="scan")
    assert "<script>alert(1)</script>" in page.text
    link, = [link for link in page.links if "/item?" in link]
    paths = [link, link.replace("/item?", "/remove?")]
    for field in ("table", "index", "p0", "o0", "s0", "start", "limit", "do"):
        fields = {"table": "t", "do": "query", field: HOSTILE}
        paths.append("/console/items?" + urllib.parse.urlencode(fields))
    for field in ("key", "done", "writes", "reads"):
        fields = {"table": "t", "key": "{}", "done": "saved", field: HOSTILE}
        paths.append("/console/item?" + urllib.parse.urlencode(fields))
    for path in paths:
        body = browser.client.send("GET", path, headers={"Accept": "text/html"}).body
        assert b"<script>a" not in body and b"<b>&" not in body, path
        page = Page(body.decode())
        assert [tag for tag, _ in page.seen].count("script") == 1, path
    page = browser.get(link)
    assert json.loads(page.fields["item"])[HOSTILE] == {HOSTILE: [HOSTILE]}
    answer = browser.save(page, page.fields["item"].replace("AP8=", "AA=="))
    assert answer.status == 400 and b"<script>a" not in answer.body
    assert Page(answer.body.decode()).fields["item"].count("AA==") == 1


# ------------------------------------------------------------------- writing

@with_tables
def an_item_is_saved_as_it_is_edited(browser, server):
    page = browser.item()
    text = page.fields["item"].replace("8.3", "9.12345678901234567890")
    answer = browser.save(page, text.replace("\n", "\r\n"))
    assert answer.status == 303, answer.body
    told = browser.get(answer.getheader("Location"))
    assert "Saved. It took write units: 3; to compare before, read units: 1." in told.text
    item = server.client().call("GetItem", TableName="movies", Key=RUSH)["Item"]
    assert item["rating"] == {"N": "9.1234567890123456789"}, item
    assert item["info"]["M"]["genres"] == {"SS": ["Drama", "Sport"]}
    assert browser.save(browser.item()).status == 303, "what is not edited is saved, too"
    for text, message in (("{", "malformed JSON"), ("[]", "object"),
                          (json.dumps({"year": 2013, "title": "Rash"}), "cannot be changed"),
                          (json.dumps({"year": 2013}), "lacks its key title")):
        answer = browser.save(browser.item(), text)
        shown = Page(answer.body.decode())
        assert answer.status == 400 and message in shown.text, shown.text
        assert shown.fields["item"] == text, "what was edited is lost"


@with_tables
def a_conflict_is_told_and_shows_both(browser, server):
    page = browser.item()
    mine = page.fields["item"].replace("8.3", "1.5").replace("Drama", "Comedy")
    server.client().call("UpdateItem", TableName="movies", Key=RUSH,
                         UpdateExpression="SET added = :a",
                         ExpressionAttributeValues={":a": {"S": "by another"}})
    answer = browser.save(page, mine)
    shown = Page(answer.body.decode())
    assert answer.status == 409
    assert "Somebody has changed the item since you loaded it." in shown.text
    assert "added by another not there" in shown.text, shown.text
    assert "rating 8.3 1.5" in shown.text
    assert 'info.genres {"SS":["Drama","Sport"]} {"SS":["Comedy","Sport"]}' in shown.text
    assert "title Rush" not in shown.text, "what is the same is shown, too"
    assert shown.fields["item"] == mine
    item = server.client().call("GetItem", TableName="movies", Key=RUSH)["Item"]
    assert item["rating"] == {"N": "8.3"}, "it was written"
    assert browser.save(shown).status == 303, "who has seen both may save"
    item = server.client().call("GetItem", TableName="movies", Key=RUSH)["Item"]
    assert item["rating"] == {"N": "1.5"} and "added" not in item
    page = browser.item()
    server.client().call("DeleteItem", TableName="movies", Key=RUSH)
    answer = browser.save(page)
    assert answer.status == 409 and b"has deleted the item" in answer.body
    assert browser.save(Page(answer.body.decode())).status == 303


@with_tables
def an_item_is_inserted_once(browser, server):
    page = browser.get("/console/new", table="t")
    assert json.loads(page.fields["item"]) == {"k": {"B": ""}, "a<b>&'": ""}
    text = json.dumps({"k": {"B": "AAE="}, "a<b>&'": "x", "n": 1})
    assert browser.save(page, text).status == 303
    answer = browser.save(page, text.replace("1}", "2}"))
    shown = Page(answer.body.decode())
    assert answer.status == 409 and "There is an item of this key already." in shown.text
    assert "n 1 2" in shown.text, shown.text
    assert browser.save(shown).status == 303
    key = {"k": {"B": "AAE="}, "a<b>&'": {"S": "x"}}
    assert json.loads(browser.item(key, "t").fields["item"])["n"] == 2


@with_tables
def an_item_is_deleted_when_that_is_confirmed(browser, server):
    page = browser.get("/console/remove", table="movies", key=json.dumps(RUSH))
    assert "Delete this item?" in page.text
    assert browser.item().fields["item"], "asking deletes"
    fields = {name: page.fields[name] for name in ("table", "key", "was")}
    stale = {**fields, "was": fields["was"].replace("8.3", "8.4")}
    answer = browser.post("/console/delete", stale)
    assert answer.status == 409 and b"Nothing is written." in answer.body
    answer = browser.post("/console/delete", fields)
    assert answer.status == 303
    assert "The item is deleted." in browser.get(answer.getheader("Location")).text
    assert "no item of this key" in browser.item(status=404).text
    assert browser.post("/console/delete", fields).status == 409


@with_tables
def of_saves_at_the_same_time_one_wins(browser, server):
    page = browser.item()
    answers = []

    def save(number):
        own = Browser(server)
        answers.append(own.save(page, page.fields["item"].replace("8.3", str(number))).status)
    threads = [threading.Thread(target=save, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [303] + [409] * 7, answers


# --------------------------------------------------------- who may do what

@with_tables
def a_foreign_page_cannot_write(browser, server):
    fields = dict(browser.item().fields)
    fields["item"] = fields["item"].replace("8.3", "0")
    own = f"http://{browser.host}"
    for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"},
                    {"Origin": "http://evil.example", "Sec_Fetch_Site": "cross-site"},
                    {"Origin": own, "Sec_Fetch_Site": "cross-site"},
                    {"Origin": own, "Sec_Fetch_Site": "same-site"},
                    {"Origin": own, "Sec_Fetch_Site": "none"},
                    {"Origin": own + ".evil.example", "Sec_Fetch_Site": None},
                    {"Origin": own[:-1], "Sec_Fetch_Site": None},
                    {"Origin": "file://" + browser.host, "Sec_Fetch_Site": None},
                    {"Origin": "", "Sec_Fetch_Site": None},
                    {"Origin": None, "Sec_Fetch_Site": None},
                    {"Origin": "http://evil.example", "Host": "evil.example"}):
        for path in ("/console/save", "/console/delete"):
            answer = browser.post(path, fields, **headers)
            assert answer.status == 403, (headers, answer.status)
    for content_type in ("text/plain", "multipart/form-data; boundary=x", "", None,
                         "application/json"):
        answer = browser.post("/console/save", fields, Content_Type=content_type)
        assert answer.status == 415, content_type
    assert "8.3" in browser.item().fields["item"]
    for headers in ({"Origin": None}, {"Sec_Fetch_Site": None},
                    {"Origin": "https://localhost:1", "Host": "localhost:1"},
                    {"Content_Type": FORM + "; charset=UTF-8"}):
        answer = browser.post("/console/save", dict(browser.item().fields), **headers)
        assert answer.status == 303, (headers, answer.body)


@with_tables
def a_foreign_name_cannot_even_read(browser, server):
    for host, status in (("evil.example", 403), (f"evil.example:{server.port}", 403),
                         ("127.0.0.1.evil.example", 403), ("", 403), ("[", 403),
                         ("localhost", 200), ("LOCALHOST:1", 200), ("[::1]:8000", 200),
                         ("10.0.0.7", 200)):
        for path in ("/", "/console/items?table=movies", "/console/console.js"):
            answer = browser.client.send("GET", path, headers={
                "Host": host, "Accept": "text/html"})
            assert answer.status == status, (host, path, answer.status)


@with_tables
def a_foreign_page_has_nothing_of_it_within(browser, _):
    for site, destination, status in (
            ("cross-site", "image", 403), ("cross-site", "iframe", 403),
            ("same-site", "script", 403), ("cross-site", None, 403),
            ("cross-site", "document", 200), ("same-origin", "image", 200),
            ("none", "document", 200), (None, None, 200)):
        headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Dest": destination}
        answer = browser.client.send("GET", "/console/items?table=movies&do=scan", headers={
            name: value for name, value in headers.items() if value is not None})
        assert answer.status == status, (site, destination, answer.status)


@with_tables
def long_keys_are_led_to(browser, _):
    key = {"k": {"B": "+/8A" * 682}, "a<b>&'": {"S": "é" * 512}}
    text = json.dumps({"k": key["k"], "a<b>&'": "é" * 512})
    answer = browser.save(browser.get("/console/new", table="t"), text)
    assert answer.status == 303, answer.status
    assert "Saved." in browser.get(answer.getheader("Location")).text
    page = browser.get("/console/items", table="t", do="scan", limit="1")
    while not any("%2B%2F8A" in link for link in page.links if "/item?" in link):
        page = browser.get([link for link in page.links if "start=%7B" in link][0])
    assert browser.save(browser.item(key, "t")).status == 303


@with_tables
def methods_and_addresses_are_told_apart(browser, _):
    client = browser.client
    for path in ("/console/x", "/console/items/", "/console/../etc/passwd",
                 "/console/%2e%2e", "/console/console.css/x"):
        page = browser.get(path, 404)
        assert "Not found" in page.text
    for method, path in (("POST", "/console/items"), ("PUT", "/console/save"),
                         ("GET", "/console/save"), ("HEAD", "/console/delete"),
                         ("DELETE", "/console/item"), ("OPTIONS", "/console/"),
                         ("POST", "/console/console.css"), ("POST", "/console/heatmap.svg")):
        answer = client.send(method, path, headers={"Content-Type": FORM})
        assert answer.status == 405, (method, path, answer.status)
        allowed = answer.getheader("Allow")
        assert allowed == ("POST" if path.endswith(("save", "delete")) else "GET, HEAD")
    for path in ("/console/", "/console/items?table=movies&p0=2013&do=query",
                 "/console/console.js", "/console/heatmap.svg?table=movies"):
        whole = client.send("GET", path)
        head = client.send("HEAD", path)
        assert (head.status, head.body) == (200, b"")
        assert head.getheader("Content-Length") == str(len(whole.body)), path
        for name in ("X-Content-Type-Options", "Referrer-Policy", "Cache-Control",
                     "X-Frame-Options"):
            assert head.getheader(name), name
    many = "&".join(f"a{i}=1" for i in range(100))
    assert client.send("GET", "/console/items?" + many).status == 400
    for text in ("%", "%4", "%zz", "=", "&&", "table", "table=%00", "table=%ff%fe"):
        answer = client.send("GET", "/console/items?" + text)
        assert answer.status == 400 and Page(answer.body.decode()), text


@with_tables
def large_items_are_edited(browser, _):
    text = json.dumps({"year": 1, "title": "x", "t": "é" * 150_000})
    page = browser.get("/console/new", table="movies")
    assert browser.save(page, text).status == 303
    page = browser.item({"year": {"N": "1"}, "title": {"S": "x"}})
    assert json.loads(page.fields["item"]) == json.loads(text)
    assert browser.save(page).status == 303
    answer = browser.save(page, text.replace("u00e9", "u00e9é"))
    assert answer.status == 400 and b"Item size has exceeded" in answer.body
    assert browser.save(page, "x" * 17_000_000).status == 413


def where_signatures_or_others_are_it_is_asked_for():
    with folder() as path:
        keys = path / "keys"
        keys.write_text("AKIAEXAMPLE secret\n")
        for arguments, has_console in (
                ([], True), (["--host", "localhost"], True), (["--host", "127.0.0.2"], True),
                (["--no-console"], False), (["--credentials", str(keys)], False),
                (["--host", "0.0.0.0"], False),
                (["--credentials", str(keys), "--console"], True),
                (["--host", "0.0.0.0", "--console"], True),
                (["--console", "--no-console"], False)):
            server = Server(*arguments)
            host = "127.0.0.2" if "127.0.0.2" in arguments else "127.0.0.1"
            client = server.client()
            client.connection.host = host
            body = client.send("GET", "/", headers={"Accept": "text/html"}).body
            status = client.send("GET", "/console/").status
            written = client.send("POST", "/console/save", b"table=x", {
                "Content-Type": FORM, "Sec-Fetch-Site": "same-origin"})
            server.end()
            assert body.startswith(b"<!DOCTYPE" if has_console else b"healthy"), arguments
            assert status == (200 if has_console else 404), arguments
            assert (b"__type" in written.body) != has_console, (arguments, written.body)


run([every_page_is_whole,
     the_root_is_the_console_for_browsers_alone,
     tables_indexes_and_activity_are_shown,
     load_is_shown,
     the_stream_has_the_last_change_first,
     a_query_is_read_page_by_page,
     conditions_are_those_of_the_sort_key,
     refusals_are_shown_as_they_are,
     hostile_names_and_values_are_text,
     an_item_is_saved_as_it_is_edited,
     a_conflict_is_told_and_shows_both,
     an_item_is_inserted_once,
     an_item_is_deleted_when_that_is_confirmed,
     of_saves_at_the_same_time_one_wins,
     a_foreign_page_cannot_write,
     a_foreign_name_cannot_even_read,
     a_foreign_page_has_nothing_of_it_within,
     long_keys_are_led_to,
     methods_and_addresses_are_told_apart,
     large_items_are_edited,
     where_signatures_or_others_are_it_is_asked_for])
